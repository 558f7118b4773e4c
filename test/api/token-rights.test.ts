import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { createHttpServer } from '../../src/server.ts';
import { buildRole, giveRole } from '../../src/core/roles/builders.ts';
import { buildAccount, buildSession } from '../../src/core/tokens/builders.ts';

const FLOWS = '/api/v3/flows/instances/';
const VIEW = ['authentik_flows.view_flow'];
const ME = '/api/v3/core/users/me/';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const statusOf = async (token: string, url = FLOWS) => (await app.api('GET', url, undefined, { token })).status;

async function buildGroup(name: string, { parent, role }: { parent?: string; role?: string }): Promise<string> {
  const links = { ...(parent ? { parents: [parent] } : {}), ...(role ? { roles: [role] } : {}) };
  const { status, body } = await app.api('POST', '/api/v3/core/groups/', { name, ...links });
  expect(status).toBe(201);
  return body.pk;
}

test('a role that a user holds gives what it grants and nothing else', async () => {
  const { token } = await buildAccount(app.ctx, { permissions: VIEW });
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf(token, '/api/v3/core/users/')).toBe(403);
  expect((await app.api('POST', FLOWS, {}, { token })).status).toBe(403);
});

test('a role of a group, and of a group three levels above, gives its members what it grants', async () => {
  const role = await buildRole(app.ctx, { permissions: VIEW });
  const top = await buildGroup('rights-top', { role });
  const middle = await buildGroup('rights-middle', { parent: top });
  const low = await buildGroup('rights-low', { parent: middle });
  for (const group of [top, low]) {
    expect(await statusOf((await buildAccount(app.ctx, { groups: [group] })).token)).toBe(200);
  }
  const beside = await buildGroup('rights-beside', {});
  expect(await statusOf((await buildAccount(app.ctx, { groups: [beside] })).token)).toBe(403);
});

test('a role of a group below gives nothing to members of the one above', async () => {
  const role = await buildRole(app.ctx, { permissions: VIEW });
  const above = await buildGroup('rights-above', {});
  await buildGroup('rights-below', { parent: above, role });
  expect(await statusOf((await buildAccount(app.ctx, { groups: [above] })).token)).toBe(403);
});

test('a session has the same rights as a token of its user', async () => {
  const { id } = await buildAccount(app.ctx, { permissions: VIEW });
  const { cookie } = await buildSession(app.ctx, id);
  const ask = async (url: string) =>
    (await app.api('GET', url, undefined, { token: null, headers: { cookie } })).status;
  expect(await ask(FLOWS)).toBe(200);
  expect(await ask('/api/v3/core/users/')).toBe(403);
});

test('the catalogue holds four permissions of each model and those that endpoints name', async () => {
  const rows = await app.ctx.db.query<{ name: string; model: string }>(
    "select app_label || '.' || codename as name, model from permission",
  );
  const models = new Map(rows.map(({ name, model }) => [name, model]));
  for (const verb of ['view', 'add', 'change', 'delete']) {
    expect(models.get(`authentik_stages_invitation.${verb}_invitation`)).toBe('invitation');
  }
  expect(models.get('authentik_core.reset_user_password')).toBe('user');
  expect(models.get('authentik_flows.clear_flow_cache')).toBe('flow');
  expect(models.get('authentik_core.view_token_key')).toBe('token');
});

// Another process: its own server and caches, the same database.
async function otherProcess() {
  const http = await createHttpServer({ ctx: { ...app.ctx, db: { ...app.ctx.db } } });
  const ask = async (headers: Record<string, string>, url: string) =>
    (await http.inject({ url, headers: { host: 'localhost', ...headers } })).statusCode;
  return { ask, close: () => http.close() };
}

const CHANGES: [string, (who: { id: number; role: string }) => [string, unknown[]], string][] = [
  ['a right taken from a role', ({ role }) => ['delete from role_permission where role_uuid = $1', [role]], FLOWS],
  ['a role taken from a user', ({ id }) => ['delete from user_roles where user_id = $1', [id]], FLOWS],
  ['a deactivated user', ({ id }) => ['update users set is_active = false where id = $1', [id]], ME],
  ['a revoked token', ({ id }) => ['delete from token where user_id = $1', [id]], ME],
];

test.each(CHANGES)('%s counts within a second in every process (A17)', async (_what, change, url) => {
  const role = await buildRole(app.ctx, { permissions: VIEW });
  const { id, token } = await buildAccount(app.ctx);
  await giveRole(app.ctx, id, role);
  const other = await otherProcess();
  const headers = { authorization: `Bearer ${token}` };
  expect([await statusOf(token, url), await other.ask(headers, url)]).toEqual([200, 200]);
  const [sql, values] = change({ id, role });
  await app.ctx.db.query(sql, values as string[]);
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  expect([await statusOf(token, url), await other.ask(headers, url)]).toEqual([403, 403]);
  await other.close();
});

test('of a deleted session, and of one whose user was deactivated, no process accepts the next request (A17) (A18)', async () => {
  const other = await otherProcess();
  for (const sql of ['delete from session where user_id = $1', 'update users set is_active = false where id = $1']) {
    const { id } = await buildAccount(app.ctx);
    const { cookie } = await buildSession(app.ctx, id);
    const here = async () => (await app.api('GET', ME, undefined, { token: null, headers: { cookie } })).status;
    expect([await here(), await other.ask({ cookie }, ME)]).toEqual([200, 200]);
    await app.ctx.db.query(sql, [id]);
    expect([await here(), await other.ask({ cookie }, ME)]).toEqual([403, 403]);
  }
  await other.close();
});
