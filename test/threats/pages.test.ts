import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_PASSWORD, testApp } from '../app.ts';
import { codeHash, linkSecretHash } from '../../src/features/stages/invitation/secret.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';
import {
  CREDENTIALS,
  DETAILS,
  ENROLLMENT,
  buildFlow,
  buildPromptStage,
  buildStage,
  countUses,
  enrollmentFlow,
  findUser,
  invitationStage,
  invite,
  unique,
} from '../flows/builders.ts';
import { inviteWith } from '../flows/extended.ts';
import { accept, buttonsOf, formOf, pageOf, press, submit, typedCredentials } from '../flows/forms.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const FORM = 'application/x-www-form-urlencoded';

test('T18: a form of one link that is sent after another link was begun in the browser writes nothing into its plan', async () => {
  const [first, second] = [await invite(app), await invite(app)];
  const jar = app.jar();
  const one = unique('tab-one');
  const firstForm = await accept(jar, pageOf(ENROLLMENT, first.query));
  const details = await submit(jar, firstForm, typedCredentials(one));
  const secondForm = await accept(jar, pageOf(ENROLLMENT, second.query));
  expect(formOf(secondForm).names).toContain('username');
  // Both forms without JavaScript, in two tabs.
  await submit(jar, firstForm, typedCredentials(one));
  await submit(jar, details, { name: 'One', email: 'one@example.org' });
  expect([await findUser(app, one), await countUses(app, second)]).toEqual([undefined, 0]);
});

describe('T10: a form of a locked invitation', () => {
  const fields = { ...CREDENTIALS, ...DETAILS, 'attributes.department': {}, 'attributes.free': {} };

  test('keeps its values against duplicate, bracketed and otherwise spelled keys', async () => {
    const { slug } = await buildFlow(app, [
      await invitationStage(app),
      await buildPromptStage(app, fields),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    ]);
    const fixed_data = { email: 'fixed@example.org', attributes: { department: 'choir' } };
    const invited = await inviteWith(app, { locked: true }, { fixed_data });
    const [jar, username] = [app.jar(), unique('locked-form')];
    const page = await accept(jar, pageOf(slug, invited.query));
    const pairs = [
      ...Object.entries({ ...formOf(page).hidden, ...typedCredentials(username), name: 'N' }),
      ...['mine@example.org', 'twice@example.org'].map((value) => ['email', value]),
      ['email[]', 'mine@example.org'],
      ['email[0]', 'mine@example.org'],
      ['Email', 'mine@example.org'],
      ['attributes.department', 'mine'],
      ['attributes_department', 'mine'],
      ['attributes[department]', 'mine'],
      ['attributes', '{"department":"mine"}'],
      ['prompt_data[email]', 'mine@example.org'],
      ['attributes.free', 'first'],
      ['attributes.free', 'free'],
    ];
    const payload = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
    await jar.follow('POST', formOf(page).action, { payload, type: 'application/x-www-form-urlencoded' });
    expect(await findUser(app, username)).toMatchObject({
      email: 'fixed@example.org',
      attributes: { department: 'choir', free: 'free' },
    });
  });
});

describe('T01: the first page of a link in a flow that it is not for', () => {
  test('is that of no invitation, and its form begins, joins and asks for nothing', async () => {
    const [mine, other] = [await enrollmentFlow(app), await enrollmentFlow(app)];
    const invited = await invite(app, { flow: mine.pk, single_use: true });
    const before = await app.ctx.db.query('select count(*) from event');
    for (const action of ['start', 'join', 'ask']) {
      const jar = app.jar();
      const page = await jar.get(pageOf(other.slug, invited.query));
      expect(buttonsOf(page)).toEqual([]);
      const form = { welcome: 'invitation', link: invited.query, action };
      const answer = await jar.form(pageOf(other.slug), form);
      expect(formOf(answer).names).toEqual([]);
    }
    expect(await app.ctx.db.query('select count(*) from event')).toEqual(before);
    const jar = app.jar();
    expect(buttonsOf(await jar.get(pageOf(mine.slug, invited.query)))).toEqual(['start']);
  });
});

/** Somebody with a new account, signed in. */
async function enrolled(jar = app.jar()): Promise<{ jar: Jar; username: string }> {
  const { query } = await invite(app);
  const username = unique('member');
  const second = await submit(jar, await accept(jar, pageOf(ENROLLMENT, query)), typedCredentials(username));
  await submit(jar, second, { name: 'M', email: `${username}@example.org` });
  return { jar, username };
}

test('T16: the button “Join as …” of somebody who signed out joins nobody who signed in after them', async () => {
  const one = await enrolled();
  const invited = await invite(app, { single_use: true });
  const page = await one.jar.get(pageOf(ENROLLMENT, invited.query));
  expect(buttonsOf(page)).toEqual(['join']);
  await one.jar.get('/flows/-/default/invalidation/');
  await enrolled(one.jar);
  const answer = await press(one.jar, page, 'join');
  expect(answer.status).toBe(403);
  const uses = await app.ctx.db.query('select 1 from invitation_use where invitation = $1', [invited.pk]);
  expect(uses).toEqual([]);
});

describe('T08: on every page of an invitation', () => {
  const secret = 's'.repeat(32);
  const code = '4K7MQ-9XW2T';

  test('id, secret and code stand in no address, no redirect, no readable cookie and no log', async () => {
    const [{ pk: flow }] = (await app.api('GET', `/api/v3/flows/instances/?slug=${ENROLLMENT}`)).body.results;
    const hashes = { secret_hash: linkSecretHash(app.ctx, secret), code_hash: codeHash(app.ctx, code) };
    const invited = await inviteWith(app, hashes, { flow });
    const hex = invited.pk.replaceAll('-', '');
    const from = app.logged.length;
    const jar = app.jar();
    const seen: string[] = [];
    const go = async (method: string, url: string, fields?: Record<string, string>): Promise<Answer> => {
      const payload = fields && { payload: new URLSearchParams(fields).toString(), type: FORM };
      const answer = await jar.ask(method, url, payload ?? {});
      seen.push(String(answer.headers['location'] ?? ''), String(answer.headers['set-cookie'] ?? ''));
      seen.push(...[...answer.text.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, at = '']) => at));
      expect(answer.headers['referrer-policy']).toBe('no-referrer');
      expect(answer.headers['cache-control']).toBe('no-store');
      return answer.status === 303 ? go('GET', String(answer.headers['location'])) : answer;
    };
    await go('GET', '/i');
    const byCode = await go('POST', '/i', { code });
    expect(buttonsOf(byCode)).toEqual(['start']);
    const byLink = await go('GET', pageOf(ENROLLMENT, `${invited.query}&secret=${secret}`));
    const form = await go('POST', pageOf(ENROLLMENT), { ...formOf(byLink).hidden, action: 'start' });
    expect(formOf(form).names).toContain('username');
    await app.ctx.db.query('update invitation set used_up = now() where invite_uuid = $1', [invited.pk]);
    const dead = await app.jar().get(pageOf(ENROLLMENT, `${invited.query}&secret=${secret}`));
    expect(buttonsOf(dead)).toEqual(['ask']);
    await go('POST', pageOf(ENROLLMENT), { ...formOf(dead).hidden, action: 'ask' });
    const told = JSON.stringify([seen, app.logged.slice(from)]);
    for (const canary of [invited.pk, hex, secret, code, code.replace('-', '')]) expect(told).not.toContain(canary);
  });
});

describe('T16: nothing that a browser posts here', () => {
  const FOREIGN: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'null' },
    { origin: 'http://localhost.evil.example' },
  ];

  test.each(['/i', pageOf(ENROLLMENT), '/if/flow/default-authentication-flow/'])(
    'at %s is taken from another site, nor in the name of somebody signed in without their token',
    async (at) => {
      const code = unique('CODE');
      const invited = await inviteWith(app, { code_hash: codeHash(app.ctx, code) });
      const fields = { welcome: 'invitation', link: invited.query, action: 'start', code, uid_field: 'akadmin' };
      for (const headers of FOREIGN) {
        const answer = await app.jar().form(at, fields, { headers });
        expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
      }
      const { jar } = await enrolled();
      const plain = await jar.form(at, { ...fields, csrf: 'x'.repeat(64) });
      expect(plain.status).toBe(403);
      expect(await app.ctx.db.query('select 1 from invitation_opening where invitation = $1', [invited.pk])).toEqual(
        [],
      );
    },
  );
});

test('T24: at enrollment and at the first page a taken address is answered as a free one, byte for byte', async () => {
  const { username } = await enrolled();
  const answers = [];
  for (const email of [`${username}@example.org`, `${unique('free')}@example.org`]) {
    const { query } = await invite(app, { fixed_data: { email } });
    const jar = app.jar();
    const name = unique('same-name');
    const second = await submit(jar, await accept(jar, pageOf(ENROLLMENT, query)), typedCredentials(name));
    const details = new URLSearchParams({ ...formOf(second).hidden, name: 'Same', email }).toString();
    const last = await jar.ask('POST', formOf(second).action, { payload: details, type: FORM });
    const text = (/<main[\s\S]*<\/main>/.exec(second.text)?.[0] ?? '')
      .replaceAll(email, 'EMAIL')
      .replace(/name="link-mark" value="[^"]*"/, '');
    answers.push([text, last.status, last.headers['location'], last.text]);
  }
  expect(answers[0]).toEqual(answers[1]);
});

test('T13, T12: an account made by a form with more than its fields equals one made without', async () => {
  const extras = {
    is_active: 'false',
    is_superuser: 'true',
    'groups[]': '1',
    pk: '1',
    uuid: crypto.randomUUID(),
    date_joined: '2000-01-01T00:00:00Z',
    type: 'internal',
    path: 'root-canary',
    'attributes.extra': 'x',
    attributes: '{"extra":1}',
    __proto__x: 'x',
    ['__proto__']: 'x',
    'constructor[prototype][is_superuser]': 'true',
    prompt_data: '{"is_superuser":true}',
    pending_user: '1',
    link: 'itoken=x',
  };
  const rows = [];
  for (const extra of [{}, extras]) {
    const { query } = await invite(app);
    const [jar, username] = [app.jar(), unique('assigned')];
    const first = await accept(jar, pageOf(ENROLLMENT, query));
    const second = await submit(jar, first, { ...extra, ...typedCredentials(username) });
    await submit(jar, second, { ...extra, name: 'N', email: 'n@example.org' });
    const [row] = await app.ctx.db.query<Record<string, unknown>>('select * from users where username = $1', [
      username,
    ]);
    const own = ['id', 'uuid', 'uid', 'username', 'password', 'date_joined', 'last_login', 'last_updated'];
    rows.push({
      ...row,
      ...Object.fromEntries([...own, 'password_change_date'].map((key) => [key, typeof row?.[key]])),
    });
    expect(row?.['id']).not.toBe(1);
  }
  expect(rows[1]).toEqual(rows[0]);
  expect(Object.hasOwn(Object.prototype, 'is_superuser')).toBe(false);
});

describe('T22: a foreign next', () => {
  const here = (answer: Answer): string => {
    const at = answer.body?.to ?? answer.headers['location'] ?? '/';
    return new URL(String(at), 'http://localhost/if/flow/x/').origin;
  };

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/..//evil.example',
    '/%2e%2e//evil.example',
    'http:evil.example',
    'http://localhost@evil.example',
    'http://localhost.evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '\uff0f\uff0fevil.example',
  ])('%j leads nowhere else at a sign-in, a sign-out and the end of an accepted invitation', async (next) => {
    const query = `next=${encodeURIComponent(next)}`;
    const jar = app.jar();
    const signIn = 'default-authentication-flow';
    await jar.open(signIn, query);
    await jar.answer(signIn, { uid_field: 'akadmin' }, query);
    expect(here(await jar.answer(signIn, { password: ADMIN_PASSWORD }, query))).toBe('http://localhost');
    expect(here(await jar.ask('GET', `/flows/-/default/authentication/?${query}`))).toBe('http://localhost');
    expect(here(await jar.ask('GET', pageOf(signIn, query)))).toBe('http://localhost');
    expect(here(await jar.ask('GET', `/flows/-/default/invalidation/?${query}`))).toBe('http://localhost');
    expect(here(await jar.ask('GET', pageOf('default-invalidation-flow', query)))).toBe('http://localhost');
    const invited = await invite(app);
    const username = unique('led');
    const second = await submit(
      jar,
      await accept(jar, pageOf(ENROLLMENT, `${invited.query}&${query}`)),
      typedCredentials(username),
    );
    const payload = new URLSearchParams({ ...formOf(second).hidden, name: 'L', email: 'l@example.org' }).toString();
    let last = await jar.ask('POST', formOf(second).action, { payload, type: FORM });
    for (let hops = 0; last.status === 303 && hops < 5; hops += 1) {
      expect(here(last)).toBe('http://localhost');
      last = await jar.ask('GET', String(last.headers['location']));
    }
    expect(await findUser(app, username)).toBeDefined();
  });
});
