import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_PASSWORD } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';
import { PASSWORD, create, events, signIn, unique } from '../flows/builders.ts';
import { appWithAddresses, browserAt, isThrottled } from './addresses.ts';

const SLUG = 'default-authentication-flow';
const FREE = 5;
const STRANGERS = 90;
const DEVICES = 10;
const ADDRESS_LIMIT = 15;

let app: TestApp;
beforeAll(async () => {
  app = await appWithAddresses(ADDRESS_LIMIT);
});

let addresses = 0;
/** An address that nobody used yet. */
const freshAddress = (): string => `10.0.${Math.floor(addresses / 250)}.${(addresses++ % 250) + 1}`;
const freshBrowser = (): Jar => browserAt(app, freshAddress());

async function newUser(): Promise<{ readonly name: string; readonly pk: string }> {
  const name = unique('victim');
  const pk = await create(app, '/core/users/', { username: name, name });
  const { status } = await app.api('POST', `/api/v3/core/users/${pk}/set_password/`, { password: PASSWORD });
  expect(status).toBe(204);
  return { name, pk };
}

const isIn = ({ body }: Answer): boolean => body?.component === 'xak-flow-redirect';
const isWrong = ({ status, body }: Answer): boolean =>
  status === 200 && body?.response_errors?.password?.[0]?.string === 'Invalid password';

/** A wrong password from a place of its own. */
const fail = (name: string): Promise<Answer> => signIn(freshBrowser(), name, 'wrong');
/** Lets all waits pass. */
const later = async () => {
  await app.ctx.db.query('update limit_streak set free_at = clock_timestamp()');
  // What a process remembers of a refusal it remembers for a second.
  await new Promise((resolve) => setTimeout(resolve, 1100));
};

describe('wrong passwords for an account', () => {
  let name: string;
  let pk: string;
  beforeEach(async () => {
    ({ name, pk } = await newUser());
  });

  test('T24: after five from anywhere even the right one has to wait; then it works and all is forgotten', async () => {
    for (let at = 0; at < FREE; at += 1) expect(isWrong(await fail(name))).toBe(true);
    expect(isThrottled(await fail(name))).toBe(true);
    const refused = await signIn(freshBrowser(), name, PASSWORD);
    expect(isThrottled(refused)).toBe(true);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(10);
    await later();
    expect(isIn(await signIn(freshBrowser(), name, PASSWORD))).toBe(true);
    for (let at = 0; at < FREE; at += 1) expect(isWrong(await fail(name))).toBe(true);
  });

  test('T24: of 50 at once no more than the limit are compared, whatever their addresses', async () => {
    const jars = Array.from({ length: 50 }, freshBrowser);
    await Promise.all(
      jars.map(async (jar) => {
        await jar.open(SLUG);
        await jar.answer(SLUG, { uid_field: name });
      }),
    );
    const answers = await Promise.all(jars.map((jar) => jar.answer(SLUG, { password: 'wrong' })));
    expect(answers.filter(isWrong)).toHaveLength(FREE);
    expect(answers.filter(isThrottled)).toHaveLength(50 - FREE);
  });

  test('many who know the password may come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => signIn(freshBrowser(), name, PASSWORD)));
    expect(answers.map(isIn)).toEqual(answers.map(() => true));
  });

  test('E17, T24: the right one from a known device works while others lock the account', async () => {
    const device = freshBrowser();
    expect(isIn(await signIn(device, name, PASSWORD))).toBe(true);
    await device.get('/flows/-/default/invalidation/');
    const cookie = device.cookie('vestibule_device') ?? '';
    for (let at = 0; at < FREE; at += 1) await fail(name);
    expect(isThrottled(await signIn(freshBrowser(), name, PASSWORD))).toBe(true);
    const stranger = freshBrowser();
    stranger.plant('vestibule_device', `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`);
    expect(isThrottled(await signIn(stranger, name, PASSWORD))).toBe(true);
    const known = freshBrowser();
    known.plant('vestibule_device', cookie);
    expect(isIn(await signIn(known, name, PASSWORD))).toBe(true);
  });

  test('E17: a device is known to the accounts that signed in on it, and to no other', async () => {
    const shared = freshBrowser();
    expect(isIn(await signIn(shared, 'akadmin', ADMIN_PASSWORD))).toBe(true);
    const ofAdmin = shared.cookie('vestibule_device') ?? '';
    for (let at = 0; at < FREE; at += 1) await fail(name);
    const foreign = freshBrowser();
    foreign.plant('vestibule_device', ofAdmin);
    expect(isThrottled(await signIn(foreign, name, PASSWORD))).toBe(true);
    await later();
    expect(isIn(await signIn(foreign, name, PASSWORD))).toBe(true);
    expect((foreign.cookie('vestibule_device') ?? '').split('.')).toHaveLength(2);
  });

  test('S12: at most 100 failures in a row, those of known devices among them; a new password starts anew', async () => {
    const device = freshBrowser();
    await signIn(device, name, PASSWORD);
    const cookie = device.cookie('vestibule_device') ?? '';
    const known = (): Jar => {
      const jar = freshBrowser();
      jar.plant('vestibule_device', cookie);
      return jar;
    };
    await fail(name);
    // As if that had been the eighty-seventh in a row.
    await app.ctx.db.query('update limit_streak set failures = 87');
    let wrong = 87;
    for (let at = 0; at < STRANGERS - 87 + 2; at += 1) {
      if (isWrong(await fail(name))) wrong += 1;
      await app.ctx.db.query('update limit_streak set free_at = clock_timestamp()');
    }
    expect(wrong).toBe(STRANGERS);
    for (let at = 0; at < DEVICES + 2; at += 1) {
      if (isWrong(await signIn(known(), name, 'wrong'))) wrong += 1;
      await app.ctx.db.query('update limit_streak set free_at = clock_timestamp()');
    }
    expect(wrong).toBe(STRANGERS + DEVICES);
    await later();
    for (const jar of [freshBrowser(), known()]) expect(isThrottled(await signIn(jar, name, PASSWORD))).toBe(true);
    await app.api('POST', `/api/v3/core/users/${pk}/set_password/`, { password: PASSWORD });
    expect(isIn(await signIn(freshBrowser(), name, PASSWORD))).toBe(true);
  });

  test('the limit is told once a wait, without what was typed', async () => {
    const before = (await events(app, 'suspicious_request')).length;
    for (let at = 0; at < FREE + 6; at += 1) await signIn(freshBrowser(), name, `typed-secret-${at}`);
    const told = (await events(app, 'suspicious_request')).slice(before);
    expect(told).toEqual([expect.objectContaining({ limit: 'password.account', user: { pk: Number(pk) } })]);
    expect(JSON.stringify(await app.ctx.db.query('select * from event'))).not.toContain('typed-secret');
    expect(JSON.stringify(app.logged)).not.toContain('typed-secret');
  });
});

test('A06: a name that nobody has is limited like one that somebody has', async () => {
  const { name } = await newUser();
  const answersTo = async (typed: string) => {
    const seen: unknown[] = [];
    for (let at = 0; at < FREE + 3; at += 1) {
      const { status, headers, text } = await signIn(freshBrowser(), typed, 'wrong');
      const same = text.replaceAll(typed, '(name)').replace(/data:image[^"]+/, '(avatar)');
      seen.push([status, same, Object.keys(headers).filter((key) => key !== 'set-cookie')]);
    }
    return JSON.parse(JSON.stringify(seen).replaceAll(/in \d+ second/g, 'in N second'));
  };
  expect(await answersTo('nobody-has-this')).toEqual(await answersTo(name));
});

test('T24, E16: an address, and an IPv6 /64, may fail so often over all accounts', async () => {
  for (const addressOf of [() => '192.0.2.44', (at: number) => `2001:db8:9:9::${at + 1}`]) {
    const jars = Array.from({ length: ADDRESS_LIMIT + 15 }, (_, at) => browserAt(app, addressOf(at)));
    await Promise.all(
      jars.map(async (jar) => {
        await jar.open(SLUG);
        await jar.answer(SLUG, { uid_field: unique('sprayed') });
      }),
    );
    const answers = await Promise.all(jars.map((jar) => jar.answer(SLUG, { password: 'wrong' })));
    expect(answers.filter(isWrong)).toHaveLength(ADDRESS_LIMIT);
    expect(answers.filter(isThrottled)).toHaveLength(15);
  }
  const { name } = await newUser();
  expect(isThrottled(await signIn(browserAt(app, '192.0.2.44'), name, PASSWORD))).toBe(true);
  expect(isIn(await signIn(freshBrowser(), name, PASSWORD))).toBe(true);
});

test('signing in is not counted, however often one address does', async () => {
  const { name } = await newUser();
  const address = freshAddress();
  for (let at = 0; at < ADDRESS_LIMIT + 5; at += 1) {
    expect(isIn(await signIn(browserAt(app, address), name, PASSWORD))).toBe(true);
  }
});

describe('the device cookie', () => {
  const cookieLine = async (env: Record<string, string>, headers: Record<string, string>): Promise<string> => {
    const secure = await appWithAddresses(ADDRESS_LIMIT, { env });
    const jar = browserAt(secure, freshAddress());
    await jar.open(SLUG);
    await jar.answer(SLUG, { uid_field: 'akadmin' });
    let answer = await jar.ask('POST', `/api/v3/flows/executor/${SLUG}/`, {
      json: { password: ADMIN_PASSWORD },
      headers,
    });
    const lines: string[] = [];
    while (true) {
      lines.push(...[answer.headers['set-cookie'] ?? []].flat().map(String));
      if (answer.status !== 302) break;
      answer = await jar.ask('GET', String(answer.headers['location']));
    }
    return lines.find((line) => line.startsWith('vestibule_device=')) ?? '';
  };

  test('is kept from scripts and foreign sites, and names nobody', async () => {
    const line = await cookieLine({}, {});
    expect(line).toMatch(/^vestibule_device=\d+:[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });

  test('is Secure under TLS', async () => {
    expect(await cookieLine({ VESTIBULE_PUBLIC_URL: 'https://id.example.org' }, {})).toMatch(/; Secure$/);
  });
});

test('T24: fails closed: while nothing can be counted the right password is a 503 with Retry-After', async () => {
  const broken = await appWithAddresses(ADDRESS_LIMIT);
  await broken.ctx.db.query('alter table limit_streak rename to gone');
  const refused = await signIn(browserAt(broken, freshAddress()), 'akadmin', ADMIN_PASSWORD);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  await broken.ctx.db.query('alter table gone rename to limit_streak');
  expect(isIn(await signIn(browserAt(broken, freshAddress()), 'akadmin', ADMIN_PASSWORD))).toBe(true);
});

test('what was limited is counted by kind in the metrics', async () => {
  const { text } = await app.jar().ask('GET', '/-/metrics/');
  // With a trusted proxy the public listener has no metrics; the counters are the same ones.
  expect(text).not.toContain('vestibule_limited');
  expect(app.ctx.metrics.text()).toMatch(/vestibule_limited_requests_total\{kind="password\.account"\} [1-9]/);
  expect(app.ctx.metrics.text()).toMatch(/vestibule_limited_requests_total\{kind="password\.address"\} [1-9]/);
});
