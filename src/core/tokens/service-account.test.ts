import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from './builders.ts';

const MAKE = '/api/v3/core/users/service_account/';
const may = (...codenames: string[]) => codenames.map((codename) => `authentik_core.${codename}`);

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

test('a service account comes with a password for applications that ends in 360 days, and a group if asked for', async () => {
  const { status, body } = await app.api('POST', MAKE, { name: 'robot', create_group: true });
  expect([status, body.username]).toEqual([200, 'robot']);
  const user = await app.api('GET', `/api/v3/core/users/${body.user_pk}/`);
  expect(user.body).toMatchObject({ type: 'service_account', uid: body.user_uid, groups: [body.group_pk] });
  const tokens = await app.api('GET', '/api/v3/core/tokens/?user__username=robot');
  expect(tokens.body.results).toMatchObject([{ intent: 'app_password', expiring: true }]);
  const [row] = await app.ctx.db.query<{ ok: boolean }>(
    "select expires between now() + interval '359 days' and now() + interval '361 days' as ok from token where user_id = $1",
    [body.user_pk],
  );
  expect(row?.ok).toBe(true);
  // A password for applications is no API token.
  expect((await app.api('GET', '/api/v3/core/users/me/', undefined, { token: body.token })).status).toBe(403);
});

test('without a group and an end there is neither', async () => {
  const { body } = await app.api('POST', MAKE, { name: 'endless', expiring: false });
  expect(body).not.toHaveProperty('group_pk');
  const tokens = await app.api('GET', '/api/v3/core/tokens/?user__username=endless');
  expect(tokens.body.results).toMatchObject([{ expires: null }]);
});

test('a taken name is refused, in another letter case too, and nothing is made', async () => {
  await app.api('POST', MAKE, { name: 'once' });
  const { status, body } = await app.api('POST', MAKE, { name: 'ONCE', create_group: true });
  expect([status, body]).toEqual([400, { name: ['This field must be unique.'] }]);
  await app.api('POST', '/api/v3/core/groups/', { name: 'a-group' });
  expect((await app.api('POST', MAKE, { name: 'a-group', create_group: true })).status).toBe(400);
  expect((await app.api('GET', '/api/v3/core/users/?username=a-group')).body.results).toEqual([]);
});

test('a name with control characters is refused, and nothing is made', async () => {
  const { status, body } = await app.api('POST', MAKE, { name: 'a\nb', create_group: true });
  expect([status, body]).toEqual([400, { name: ['Enter a username without control characters.'] }]);
  expect((await app.api('GET', '/api/v3/core/users/?username=a%0Ab')).body.results).toEqual([]);
});

test('it takes the rights to add users, tokens and, with one, groups (A23)', async () => {
  const some = await buildAccount(app.ctx, { permissions: may('add_user') });
  const most = await buildAccount(app.ctx, { permissions: may('add_user', 'add_token') });
  const ask = async (token: string, json: object) => (await app.api('POST', MAKE, json, { token })).status;
  expect(await ask(some.token, { name: 'by-some' })).toBe(403);
  expect(await ask(most.token, { name: 'by-most', create_group: true })).toBe(403);
  expect(await ask(most.token, { name: 'by-most' })).toBe(200);
});

test('the paths of users are listed once each, and searched', async () => {
  await buildAccount(app.ctx, { path: 'staff/paris' });
  await buildAccount(app.ctx, { path: 'staff/paris' });
  const found = async (query: string) => (await app.api('GET', `/api/v3/core/users/paths/${query}`)).body.paths;
  expect(await found('?search=PARIS')).toEqual(['staff/paris']);
  expect(await found('')).toEqual(expect.arrayContaining(['staff/paris', 'users']));
});
