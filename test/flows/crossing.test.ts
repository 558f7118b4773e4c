import { expect, test } from 'vitest';
import { ADMIN_PASSWORD, testApp } from '../app.ts';
import { executorUrl } from '../jar.ts';

const FLOW = 'default-authentication-flow';
const COOKIE = 'authentik_session';

const app = await testApp();

/** The cookie that a browser had just before it logged in, and the browser as it is after. */
async function crossLogin() {
  const jar = app.jar();
  await jar.open(FLOW);
  await jar.answer(FLOW, { uid_field: 'akadmin' });
  const before = jar.cookie(COOKIE) ?? '';
  await jar.answer(FLOW, { password: ADMIN_PASSWORD });
  const late = app.jar();
  late.plant(COOKIE, before);
  return { jar, late };
}

test('a request that crosses the login is told to ask again and gets no other cookie (T17)', async () => {
  const { jar, late } = await crossLogin();
  const answer = await late.ask('GET', executorUrl(FLOW));
  expect(answer.status).toBe(302);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe('akadmin');
});

test('the page that crosses the login leads to itself and sets no cookie (T17)', async () => {
  const { late } = await crossLogin();
  const answer = await late.ask('GET', `/if/flow/${FLOW}/?next=%2Fif%2Fuser%2F`);
  expect(answer.status).toBe(303);
  expect(answer.headers['location']).toBe(`/if/flow/${FLOW}/?next=%2Fif%2Fuser%2F`);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('a cookie from before the login is nobody (T16)', async () => {
  const { late } = await crossLogin();
  const answer = await late.ask('GET', '/api/v3/core/users/me/');
  expect(answer.status).toBe(403);
});

test('half a minute later such a cookie begins a visit of its own', async () => {
  const { late } = await crossLogin();
  await app.ctx.db.query("update session set rotated = rotated - interval '31 seconds'");
  const answer = await late.ask('GET', executorUrl(FLOW));
  expect(answer.status).toBe(200);
  expect(answer.headers['set-cookie']).toBeDefined();
});
