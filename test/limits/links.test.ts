import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer, runStartSteps } from '../../src/server.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer } from '../jar.ts';
import {
  DENIED,
  ENROLLMENT,
  buildFlow,
  dummyStage,
  enrollmentFlow,
  events,
  giveDetails,
  invitationStage,
  invite,
  toDetails,
  unique,
} from '../flows/builders.ts';
import { inviteWith } from '../flows/extended.ts';
import { appWithAddresses, browserAt, isThrottled } from './addresses.ts';

const LIMIT = 8;
const ELSEWHERE = '198.51.100.77';
const WRONG = [randomUUID, () => randomUUID().slice(0, -1), () => 'x', () => 'a'.repeat(5000), () => '[]', () => '%00'];

let app: TestApp;
let slug: string;
beforeAll(async () => {
  app = await appWithAddresses(LIMIT);
  const stages = [await invitationStage(app), await dummyStage(app)];
  ({ slug } = await buildFlow(app, stages));
});

const open = (address: string, token: string): Promise<Answer> =>
  browserAt(app, address).open(slug, `itoken=${encodeURIComponent(token)}`);
const openPage = (address: string, token: string): Promise<Answer> =>
  browserAt(app, address).get(`/if/flow/${slug}/?itoken=${encodeURIComponent(token)}`);
const wrongToken = (at: number): string => (WRONG[at % WRONG.length] ?? randomUUID)();
const times = <T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

describe('wrong invitation links', () => {
  test('T07: up to the limit are byte-identical, then 429; a valid link works meanwhile from elsewhere', async () => {
    const address = '203.0.113.1';
    const { pk } = await invite(app);
    const texts = new Set<string>();
    for (let at = 0; at < LIMIT; at += 1) {
      const answer = await open(address, wrongToken(at));
      expect(answer.body.component).toBe(DENIED);
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
    for (let at = 0; at < 5; at += 1) expect(isThrottled(await open(address, wrongToken(at)))).toBe(true);
    expect(isThrottled(await open(address, pk))).toBe(true);
    expect((await open(ELSEWHERE, pk)).body.component).toBe('ak-stage-dummy');
  });

  test('T07: at the page say the same in words, with 429 and Retry-After', async () => {
    const address = '203.0.113.2';
    for (let at = 0; at < LIMIT; at += 1) expect((await openPage(address, wrongToken(at))).status).toBe(200);
    const refused = await openPage(address, randomUUID());
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(refused.text).toContain('Too many attempts');
    expect(refused.text).toMatch(/try again in \d+ seconds/);
    expect(isThrottled(await open(address, randomUUID()))).toBe(true);
  });

  test('T07, T24: of 50 at once no more than the limit are answered', async () => {
    const answers = await times(50, (at) => open('203.0.113.3', wrongToken(at)));
    expect(answers.filter(({ body }) => body?.component === DENIED)).toHaveLength(LIMIT);
    expect(answers.filter(isThrottled)).toHaveLength(50 - LIMIT);
  });

  test('E16: neighbours in one IPv6 /64 share the limit, the next /64 has its own', async () => {
    const answers = await times(20, (at) => open(`2001:db8:7:7:${at.toString(16)}::${at + 1}`, randomUUID()));
    expect(answers.filter(({ body }) => body?.component === DENIED)).toHaveLength(LIMIT);
    expect((await open('2001:db8:7:8::1', randomUUID())).body.component).toBe(DENIED);
  });

  test('valid links are not counted, however many are opened at once', async () => {
    const address = '203.0.113.4';
    const { pk } = await invite(app);
    const answers = await times(40, () => open(address, pk));
    expect(new Set(answers.map(({ body }) => body.component))).toEqual(new Set(['ak-stage-dummy']));
    for (let at = 0; at < 20; at += 1) expect((await browserAt(app, address).open(slug)).body.component).toBe(DENIED);
    expect((await open(address, pk)).body.component).toBe('ak-stage-dummy');
  });

  test('one event a window and network tells it, without the token', async () => {
    const address = '203.0.113.5';
    const tokens = Array.from({ length: LIMIT + 10 }, () => randomUUID());
    const before = (await events(app, 'suspicious_request')).length;
    for (const token of tokens) await open(address, token);
    const told = (await events(app, 'suspicious_request')).slice(before);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ limit: 'invitation.link' });
    const rows = await app.ctx.db.query<{ client_ip: string; app: string }>(
      `select client_ip, app from event where action = 'suspicious_request' and client_ip = $1`,
      [address],
    );
    expect(rows).toEqual([{ client_ip: address, app: 'vestibule.limits' }]);
    const everything = JSON.stringify(await app.ctx.db.query('select * from event'));
    for (const token of tokens) expect(everything).not.toContain(token);
  });
});

test('T07: the first page of a valid link is refused, too, where a network had too many wrong ones', async () => {
  const { query } = await invite(app);
  const openFirst = (address: string, text: string) => browserAt(app, address).get(`/if/flow/${ENROLLMENT}/?${text}`);
  const address = '203.0.113.6';
  expect((await openFirst(address, query)).status).toBe(200);
  for (let at = 0; at < LIMIT; at += 1) await openFirst(address, `itoken=${randomUUID()}`);
  expect((await openFirst(address, query)).status).toBe(429);
  expect((await openFirst(ELSEWHERE, query)).status).toBe(200);
});

test('T07, E16: codes are counted for a network, in parallel and over servers, and fail closed', async () => {
  const typed = 10;
  const other = await createHttpServer({ ctx: { ...app.ctx } });
  const payload = 'code=AAAAA-AAAAA';
  const type = 'application/x-www-form-urlencoded';
  const tryAt = (at: number) => {
    const headers = { host: 'localhost', 'x-forwarded-for': `2001:db8:c:c::${at + 1}`, 'content-type': type };
    return (at % 2 === 0 ? app.http : other).inject({ method: 'POST', url: '/i', headers, payload });
  };
  const answers = await times(30, tryAt);
  expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(typed);
  expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(30 - typed);
  await other.close();
  const broken = await appWithAddresses(LIMIT);
  await broken.ctx.db.query('alter table limit_window rename to gone');
  const refused = await browserAt(broken, ELSEWHERE).ask('POST', '/i', { payload, type });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

test('T24: whose address an invitation is for may be guessed at only so often', async () => {
  const [flow, { query }] = [await enrollmentFlow(app), await inviteWith(app, { restrict_to: ['bob@example.org'] })];
  const jar = browserAt(app, '203.0.113.31');
  const arrival = { slug: flow.slug, query };
  await toDetails(jar, arrival, unique('guest'));
  const type = (email: string): Promise<Answer> => giveDetails(jar, arrival, { name: 'Guest', email });
  for (let at = 0; at < LIMIT; at += 1)
    expect((await type(`guess-${at}@example.org`)).body.response_errors).toHaveProperty('email');
  expect(isThrottled(await type('guess@example.org'))).toBe(true);
  expect((await type('bob@example.org')).body).toMatchObject({ to: '/' });
});

test('A09: forwarded headers of a peer that is no proxy of ours do not open new limits', async () => {
  const plain = await testApp({ env: { VESTIBULE_ADDRESS_FAILURES: String(LIMIT) } });
  const flow = await buildFlow(plain, [await invitationStage(plain)]);
  const answers: Answer[] = [];
  for (let at = 0; at < LIMIT + 5; at += 1) {
    const address = `198.51.100.${at}`;
    const headers = { 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address };
    answers.push(await plain.jar().get(`/api/v3/flows/executor/${flow.slug}/?query=itoken%3Dx${at}`, { headers }));
  }
  expect(answers.filter(isThrottled)).toHaveLength(5);
});

describe('wrong flow tokens', () => {
  test('A07: guessing the set-up link is limited, and the right one works meanwhile from elsewhere', async () => {
    const bare = await appWithAddresses(LIMIT, { bare: true });
    const lines = await runStartSteps({ ctx: bare.ctx }, 'http://localhost');
    const link = lines.map(({ text }) => text).find((text) => text.includes('flow_token=')) ?? '';
    const query = link.split('?')[1] ?? '';
    const openSetup = (address: string, token: string) => browserAt(bare, address).open('initial-setup', token);
    const wrong = () => `flow_token=${unique('guess')}`;
    const guesses = await times(30, () => openSetup('203.0.113.9', wrong()));
    expect(guesses.filter(({ body }) => body?.component === DENIED)).toHaveLength(LIMIT);
    expect(isThrottled(await openSetup('203.0.113.9', query))).toBe(true);
    expect((await openSetup(ELSEWHERE, query)).body.component).toBe('ak-stage-prompt');
  });
});

test('fails closed: while nothing can be counted a valid link is a 503 with Retry-After, at API and page', async () => {
  const broken = await appWithAddresses(LIMIT);
  const flow = await buildFlow(broken, [await invitationStage(broken), await dummyStage(broken)]);
  const { query } = await invite(broken);
  await broken.ctx.db.query('alter table limit_window rename to gone');
  const api = await browserAt(broken, ELSEWHERE).open(flow.slug, query);
  const page = await browserAt(broken, ELSEWHERE).get(`/if/flow/${flow.slug}/?${query}`);
  for (const { status, headers } of [api, page]) {
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
  await broken.ctx.db.query('alter table gone rename to limit_window');
  expect((await browserAt(broken, ELSEWHERE).open(flow.slug, query)).body.component).toBe('ak-stage-dummy');
});
