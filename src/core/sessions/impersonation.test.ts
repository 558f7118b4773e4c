import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildRole, giveRole } from '../roles/builders.ts';
import { buildAccount, buildSession } from '../tokens/builders.ts';

const USERS = '/api/v3/core/users/';
const HELPER = ['authentik_core.view_user', 'authentik_core.impersonate'];

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

/** A browser that keeps its cookies and sends the CSRF token. */
async function browserOf(userId: number) {
  let { cookie, csrf } = await buildSession(app.ctx, userId);
  return async (method: string, path: string, json?: unknown, more: Record<string, string> = {}) => {
    const headers = { cookie, 'x-authentik-csrf': csrf, ...more };
    const answer = await app.api(method, path, json, { token: null, headers });
    const set = [answer.headers['set-cookie'] ?? []].flat().map((line) => String(line).split(';', 1)[0] ?? '');
    if (set.length > 0) {
      cookie = set.join('; ');
      csrf = set.find((one) => one.startsWith('authentik_csrf='))?.slice('authentik_csrf='.length) ?? '';
    }
    return answer;
  };
}

async function helper() {
  const account = await buildAccount(app.ctx, { permissions: HELPER });
  return { ...account, ask: await browserOf(account.id) };
}

const start = (id: number): [string, string, object] => ['POST', `${USERS}${id}/impersonate/`, { reason: 'to help' }];

test('somebody goes on as another user and back; me says so, and so does the log', async () => {
  const { id, username, ask } = await helper();
  const other = await buildAccount(app.ctx);
  expect((await ask('POST', `${USERS}${other.id}/impersonate/`, {})).body).toEqual({
    reason: ['This field is required.'],
  });
  expect((await ask(...start(other.id))).status).toBe(204);
  const during = (await ask('GET', `${USERS}me/`)).body;
  expect(during).toMatchObject({ user: { pk: other.id }, original: { pk: id } });
  expect((await ask('GET', USERS)).status).toBe(403);
  expect((await ask('GET', `${USERS}impersonate_end/`)).status).toBe(204);
  const after = (await ask('GET', `${USERS}me/`)).body;
  expect(after.user.pk).toBe(id);
  expect(after).not.toHaveProperty('original');
  const events = await app.ctx.db.query<{ action: string; context: { reason?: string } }>(
    "select action, context from event where action like 'impersonation%' and user_data ->> 'username' = $1 order by created",
    [username],
  );
  expect(events.map(({ action }) => action)).toEqual(['impersonation_started', 'impersonation_ended']);
  expect(events[0]?.context.reason).toBe('to help');
});

test('what somebody does as another is told of them, with the other beside them', async () => {
  const { id, username, ask } = await helper();
  const other = await buildAccount(app.ctx, { permissions: ['authentik_core.add_group'] });
  const role = await buildRole(app.ctx, { permissions: ['authentik_core.add_group'] });
  await giveRole(app.ctx, id, role);
  expect((await ask(...start(other.id))).status).toBe(204);
  expect((await ask('POST', '/api/v3/core/groups/', { name: 'made-for-another' })).status).toBe(201);
  const { body } = await app.api('GET', '/api/v3/events/events/?action=model_created&context_model_name=group');
  expect(body.results.map((event: { user: object }) => event.user)).toEqual([
    { pk: id, username, email: '', on_behalf_of: { pk: other.id, username: other.username, email: '' } },
  ]);
  const found = await app.api('GET', `/api/v3/events/events/?action=model_created&username=${username}`);
  expect(found.body.pagination.count).toBe(1);
});

test('nobody goes on as a user who may do what they may not (A23)', async () => {
  const { ask } = await helper();
  const strong = await buildAccount(app.ctx, { permissions: ['authentik_core.delete_user'] });
  const { body } = await app.api('GET', `${USERS}me/`);
  for (const id of [strong.id, body.user.pk]) expect((await ask(...start(id))).status).toBe(403);
});

test('not with a token, not as oneself, not from one to the next, not as who is not active (A18)', async () => {
  const { id, token, ask } = await helper();
  const other = await buildAccount(app.ctx, { permissions: HELPER });
  const third = await buildAccount(app.ctx);
  const inactive = await buildAccount(app.ctx, { isActive: false });
  const [method, path, json] = start(other.id);
  expect((await app.api(method, path, json, { token })).status).toBe(403);
  expect((await ask(...start(id))).status).toBe(403);
  expect((await ask(...start(inactive.id))).status).toBe(400);
  expect((await ask(...start(other.id))).status).toBe(204);
  expect((await ask(...start(third.id))).status).toBe(403);
});

/** Takes from somebody, by what happened, the right to go on acting as another. */
async function loseRight(what: string, { id, other }: { id: number; other: number }): Promise<void> {
  if (what === 'stronger') {
    await giveRole(app.ctx, other, await buildRole(app.ctx, { permissions: ['authentik_core.delete_user'] }));
  }
  if (what === 'inactive') await app.api('PATCH', `${USERS}${other}/`, { is_active: false });
  if (what === 'self') await app.api('PATCH', `${USERS}${id}/`, { is_active: false });
  if (what === 'password') await app.api('POST', `${USERS}${id}/set_password/`, { password: 'another one' });
  if (what === 'right') {
    await app.ctx.db.query(
      `delete from role_permission l using permission p, user_roles u
       where p.id = l.permission_id and p.codename = 'impersonate' and u.role_uuid = l.role_uuid and u.user_id = $1`,
      [id],
    );
  }
}

test.each([
  ['the user becomes the stronger', 'stronger'],
  ['the user is deactivated', 'inactive'],
  ['who acts is deactivated', 'self'],
  ['who acts gets another password', 'password'],
  ['who acts loses the right to', 'right'],
])('acting as another ends when %s', async (_when, what) => {
  const { id, ask } = await helper();
  const other = await buildAccount(app.ctx);
  expect((await ask(...start(other.id))).status).toBe(204);
  await loseRight(what, { id, other: other.id });
  expect((await ask('GET', `${USERS}me/`)).status).toBe(403);
});

test.each([
  ['the user becomes the stronger', 'stronger'],
  ['who acts loses the right to', 'right'],
])('who acts as another is themselves again on request, and nobody before, when %s', async (_when, what) => {
  const { id, username, ask } = await helper();
  const other = await buildAccount(app.ctx);
  expect((await ask(...start(other.id))).status).toBe(204);
  await loseRight(what, { id, other: other.id });
  const foreign = { 'sec-fetch-site': 'cross-site' };
  expect((await ask('GET', `${USERS}impersonate_end/`, undefined, foreign)).status).toBe(403);
  expect((await ask('GET', `${USERS}me/`)).status).toBe(403);
  expect((await ask('GET', `${USERS}impersonate_end/`)).status).toBe(204);
  const { body } = await ask('GET', `${USERS}me/`);
  expect(body.user.pk).toBe(id);
  expect(body).not.toHaveProperty('original');
  const events = await app.ctx.db.query(
    "select context from event where action = 'impersonation_ended' and user_data ->> 'username' = $1",
    [username],
  );
  expect(events).toMatchObject([{ context: { user: { pk: other.id, username: other.username } } }]);
});

test.each(['self', 'password'])(
  'who acts as another does not become themselves again when they may not sign in so (%s)',
  async (what) => {
    const { id, ask } = await helper();
    const other = await buildAccount(app.ctx);
    expect((await ask(...start(other.id))).status).toBe(204);
    await loseRight(what, { id, other: other.id });
    expect((await ask('GET', `${USERS}impersonate_end/`)).status).toBe(403);
    expect((await ask('GET', `${USERS}me/`)).status).toBe(403);
  },
);

test('the right to act as one user alone is enough for that one', async () => {
  const other = await buildAccount(app.ctx);
  const { id } = await buildAccount(app.ctx, { objects: HELPER.map((permission) => [permission, other.id] as const) });
  const ask = await browserOf(id);
  expect((await ask(...start(other.id))).status).toBe(204);
  expect((await ask('GET', `${USERS}me/`)).body.user.pk).toBe(other.id);
});

test('a page of another site does not end acting as another', async () => {
  const { ask } = await helper();
  const other = await buildAccount(app.ctx);
  expect((await ask(...start(other.id))).status).toBe(204);
  const foreign = { 'sec-fetch-site': 'cross-site' };
  expect((await ask('GET', `${USERS}impersonate_end/`, undefined, foreign)).status).toBe(403);
  expect((await ask('GET', `${USERS}me/`)).body.user.pk).toBe(other.id);
});

test('the cookie of before is worth nothing while acting as another (T16)', async () => {
  const account = await buildAccount(app.ctx, { permissions: HELPER });
  const { cookie, csrf } = await buildSession(app.ctx, account.id);
  const other = await buildAccount(app.ctx);
  const headers = { cookie, 'x-authentik-csrf': csrf };
  const [method, path, json] = start(other.id);
  expect((await app.api(method, path, json, { token: null, headers })).status).toBe(204);
  expect((await app.api('GET', `${USERS}me/`, undefined, { token: null, headers })).status).toBe(403);
});

test('the cookies are for TLS alone where the server is set up for it, whatever the proxy says', async () => {
  const behind = await testApp({ env: { VESTIBULE_PUBLIC_URL: 'https://id.example.org' } });
  const { id } = await buildAccount(behind.ctx, { permissions: HELPER });
  const { cookie, csrf } = await buildSession(behind.ctx, id);
  const other = await buildAccount(behind.ctx);
  const headers = { cookie, 'x-authentik-csrf': csrf };
  const [method, path, json] = start(other.id);
  const answer = await behind.api(method, path, json, { token: null, headers });
  const set = [answer.headers['set-cookie'] ?? []].flat();
  expect([answer.status, set.length]).toEqual([204, 2]);
  for (const line of set) expect(line).toContain('; Secure');
});
