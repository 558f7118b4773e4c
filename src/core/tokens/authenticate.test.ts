import { beforeAll, expect, test } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { countQueries } from '../../kernel/db/query-count.ts';
import { buildAccount, buildSession } from './builders.ts';
import { createApiToken } from './key.ts';

const ME = '/api/v3/core/users/me/';
const GROUPS = '/api/v3/core/groups/';

let app: TestApp;

beforeAll(async () => {
  app = await testApp();
});

function ask(headers: Record<string, string>, method = 'GET', path = ME, json?: unknown) {
  return app.api(method, path, json, { token: null, headers });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test('nobody is 403 and never 401, without WWW-Authenticate (52)', async () => {
  const answer = await ask({});
  expect(answer.status).toBe(403);
  expect(answer.body).toEqual({ detail: 'Authentication credentials were not provided.' });
  expect(answer.headers['www-authenticate']).toBeUndefined();
});

test('the scheme may be written in any letter case', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
    const answer = await ask({ authorization: `${scheme} ${ADMIN_TOKEN}` });
    expect(answer.status).toBe(200);
  }
});

test('another scheme is refused by name (52)', async () => {
  const answer = await ask({ authorization: 'Basic YTpi' });
  expect(answer.status).toBe(403);
  expect(answer.body).toEqual({ detail: 'Unsupported authentication type' });
});

test('a header without a space counts as absent, so that the session is asked', async () => {
  expect((await ask({ authorization: 'Bearer' })).body).toEqual({
    detail: 'Authentication credentials were not provided.',
  });
  const { id, username } = await buildAccount(app.ctx);
  const { cookie } = await buildSession(app.ctx, id);
  const answer = await ask({ authorization: 'Bearer', cookie });
  expect(answer.body.user.username).toBe(username);
});

test('an unknown token is refused, and with it a session beside it: the token is tried first (52)', async () => {
  const { id } = await buildAccount(app.ctx);
  const { cookie } = await buildSession(app.ctx, id);
  for (const headers of [bearer('unknown'), { ...bearer('unknown'), cookie }]) {
    const answer = await ask(headers);
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ detail: 'Token invalid/expired' });
  }
});

test('of a good token and a session of somebody else the token counts', async () => {
  const [holder, visitor] = [await buildAccount(app.ctx), await buildAccount(app.ctx)];
  const { cookie } = await buildSession(app.ctx, visitor.id);
  const answer = await ask({ ...bearer(holder.token), cookie });
  expect(answer.body.user.pk).toBe(holder.id);
});

test('an expired token and one of another intent are refused', async () => {
  const { id } = await buildAccount(app.ctx);
  const expired = await createApiToken(app.ctx, app.ctx.db, {
    identifier: 'expired',
    userId: id,
    expires: '2001-01-01T00:00:00Z',
  });
  const other = await createApiToken(app.ctx, app.ctx.db, { identifier: 'app-password', userId: id });
  await app.ctx.db.query("update token set intent = 'app_password' where identifier = 'app-password'");
  for (const key of [expired, other]) {
    expect((await ask(bearer(key))).body).toEqual({ detail: 'Token invalid/expired' });
  }
});

test('a token whose owner is inactive is refused (A18)', async () => {
  const { token } = await buildAccount(app.ctx, { isActive: false });
  const answer = await ask(bearer(token));
  expect(answer.status).toBe(403);
  expect(answer.body).toEqual({ detail: 'Token invalid/expired' });
});

test('a session of an inactive user is nobody (A18)', async () => {
  const { id } = await buildAccount(app.ctx);
  const { cookie } = await buildSession(app.ctx, id);
  expect((await ask({ cookie })).status).toBe(200);
  await app.ctx.db.query('update users set is_active = false where id = $1', [id]);
  expect((await ask({ cookie })).body).toEqual({ detail: 'Authentication credentials were not provided.' });
});

test('a known token is good for at most one second after its owner was deactivated (A18)', async () => {
  const { id, token } = await buildAccount(app.ctx);
  expect((await ask(bearer(token))).status).toBe(200);
  await app.ctx.db.query('update users set is_active = false where id = $1', [id]);
  await expect.poll(async () => (await ask(bearer(token))).status, { timeout: 1_500, interval: 100 }).toBe(403);
});

test('a token that was just used costs no query, and concurrent first uses share one', async () => {
  const { token } = await buildAccount(app.ctx);
  const authorize = () => ask(bearer(token), 'GET', GROUPS);
  const { queries } = await countQueries(() => Promise.all(Array.from({ length: 8 }, authorize)));
  // A stranger to groups is refused right after authentication, so nothing else asks the database.
  expect(queries).toBe(1);
  expect((await countQueries(authorize)).queries).toBe(0);
});

test('an unsafe request of a session needs its CSRF token (T16)', async () => {
  const admin = await buildAccount(app.ctx, { groups: [await adminGroup()] });
  const { cookie, csrf } = await buildSession(app.ctx, admin.id);
  const missing = await ask({ cookie }, 'POST', GROUPS, { name: 'csrf' });
  expect(missing.status).toBe(403);
  expect(missing.body).toEqual({ detail: 'CSRF Failed: CSRF token missing.' });
  const wrong = await ask({ cookie, 'x-authentik-csrf': `${csrf}x` }, 'POST', GROUPS, { name: 'csrf' });
  expect(wrong.body).toEqual({ detail: 'CSRF Failed: CSRF token incorrect.' });
  expect((await ask({ cookie, 'x-authentik-csrf': csrf }, 'POST', GROUPS, { name: 'csrf' })).status).toBe(201);
});

test('the CSRF token of another session is worth nothing, also when its cookie was planted (T16)', async () => {
  const admin = await buildAccount(app.ctx, { groups: [await adminGroup()] });
  const [own, planted] = [await buildSession(app.ctx, admin.id), await buildSession(app.ctx, admin.id)];
  const cookie = own.cookie.replace(own.csrf, planted.csrf);
  const answer = await ask({ cookie, 'x-authentik-csrf': planted.csrf }, 'POST', GROUPS, { name: 'planted' });
  expect(answer.status).toBe(403);
});

test('a request that a browser says another site made is refused, even with the token (T16)', async () => {
  const admin = await buildAccount(app.ctx, { groups: [await adminGroup()] });
  const { cookie, csrf } = await buildSession(app.ctx, admin.id);
  const headers = { cookie, 'x-authentik-csrf': csrf };
  const signs: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const sign of signs) {
    const answer = await ask({ ...headers, ...sign }, 'POST', GROUPS, { name: 'foreign' });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toMatch(/^CSRF Failed: /);
  }
  const own = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' };
  expect((await ask({ ...headers, ...own }, 'POST', GROUPS, { name: 'own-site' })).status).toBe(201);
});

test('tokens need no CSRF token', async () => {
  expect((await ask(bearer(ADMIN_TOKEN), 'POST', GROUPS, { name: 'by-token' })).status).toBe(201);
});

test('a session cookie that we did not sign is nobody', async () => {
  const answer = await ask({ cookie: 'authentik_session=a.b.c' });
  expect(answer.body).toEqual({ detail: 'Authentication credentials were not provided.' });
});

async function adminGroup(): Promise<string> {
  const { body } = await app.api('GET', `${GROUPS}?name=authentik%20Admins`);
  return body.results[0].pk;
}
