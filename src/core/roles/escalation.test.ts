import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';
import { buildRole, giveRole } from './builders.ts';

// Nobody may grant what they do not have (A23). The delegate holds every right over users, groups, roles and tokens,
// and none of those that are to be had by them: to see invitations.
const VERBS = ['view', 'add', 'change', 'delete'];
const DELEGATED = [
  ...['user', 'group', 'token'].flatMap((model) => VERBS.map((verb) => `authentik_core.${verb}_${model}`)),
  ...['role', 'initialpermissions'].flatMap((model) => VERBS.map((verb) => `authentik_rbac.${verb}_${model}`)),
  ...VERBS.map((verb) => `authentik_stages_user_write.${verb}_userwritestage`),
  ...['add_user_to_group', 'remove_user_from_group', 'reset_user_password', 'view_token_key', 'set_token_key'].map(
    (codename) => `authentik_core.${codename}`,
  ),
  ...['assign_role_permissions', 'unassign_role_permissions', 'add_user_to_role', 'remove_user_from_role'].map(
    (codename) => `authentik_rbac.${codename}`,
  ),
];
const WANTED = 'authentik_stages_invitation.view_invitation';
const API = '/api/v3';
const DENIED = { detail: 'You do not have permission to perform this action.' };

let app: TestApp;
let me: { id: number; token: string };
let strong: {
  role: string;
  onOne: string;
  initial: string;
  group: string;
  parent: string;
  user: number;
  super: string;
};

beforeAll(async () => {
  app = await testApp();
  me = await buildAccount(app.ctx, { permissions: DELEGATED });
  const role = await buildRole(app.ctx, { permissions: [WANTED] });
  const { body: one } = await app.api('POST', `${API}/stages/invitation/invitations/`, { name: 'one' });
  const onOne = await buildRole(app.ctx, { objects: [[WANTED, one.pk]] });
  const initial = await buildRole(app.ctx, {});
  const { body: found } = await app.api('GET', `${API}/rbac/permissions/?codename=view_invitation`);
  const permissions = [found.results[0].id];
  await app.api('POST', `${API}/rbac/initial_permissions/`, { name: 'strong', role: initial, permissions });
  const groups = `${API}/core/groups/`;
  const parent = (await app.api('POST', groups, { name: 'strong-parent', roles: [role] })).body.pk;
  const group = (await app.api('POST', groups, { name: 'strong', parents: [parent] })).body.pk;
  const root = (await app.api('POST', groups, { name: 'root', is_superuser: true })).body.pk;
  const { id: user } = await buildAccount(app.ctx, { username: 'strong' });
  await giveRole(app.ctx, user, role);
  await app.api('POST', `${API}/core/tokens/`, { identifier: 'strong', user });
  strong = { role, onOne, initial, group, parent, user, super: root };
});

const ask = (method: string, path: string, json?: unknown) =>
  app.api(method, `${API}${path}`, json, { token: me.token });

/** Everything that says who may do what. */
async function rights(): Promise<unknown> {
  const tables = ['users', 'roles', 'user_roles', 'groups', 'group_members', 'group_parents', 'group_roles'];
  const grants = [
    'role_permission',
    'role_object_permission',
    'initial_permissions_items',
    'initial_permissions',
    'token',
  ];
  const selects = [...tables, ...grants].map(
    (table) => `(select json_agg(to_json(x)::jsonb - 'last_login' order by x::text) from ${table} x) as ${table}`,
  );
  return (await app.ctx.db.query(`select ${selects.join(', ')}`))[0];
}

type Attempt = [string, () => [string, string, unknown?]];

const ATTEMPTS: Attempt[] = [
  ['give oneself a role', () => ['PATCH', `/core/users/${me.id}/`, { roles: [strong.role] }]],
  ['give oneself a role on one object', () => ['PATCH', `/core/users/${me.id}/`, { roles: [strong.onOne] }]],
  ['give oneself a role with initial rights', () => ['PATCH', `/core/users/${me.id}/`, { roles: [strong.initial] }]],
  ['give oneself a group', () => ['PATCH', `/core/users/${me.id}/`, { groups: [strong.group] }]],
  ['give oneself the group above', () => ['PATCH', `/core/users/${me.id}/`, { groups: [strong.parent] }]],
  ['create a user with a role', () => ['POST', '/core/users/', { username: 'x', name: '', roles: [strong.role] }]],
  ['create a superuser', () => ['POST', '/core/users/', { username: 'x', name: '', groups: [strong.super] }]],
  ['change a stronger user', () => ['PATCH', `/core/users/${strong.user}/`, { email: 'me@example.org' }]],
  ['weaken a stronger user', () => ['PATCH', `/core/users/${strong.user}/`, { roles: [] }]],
  ['delete a stronger user', () => ['DELETE', `/core/users/${strong.user}/`]],
  ["set a stronger user's password", () => ['POST', `/core/users/${strong.user}/set_password/`, { password: 'mine' }]],
  ['create a group with a role', () => ['POST', '/core/groups/', { name: 'x', roles: [strong.role] }]],
  ['create a superuser group', () => ['POST', '/core/groups/', { name: 'x', is_superuser: true }]],
  ['create a group below a strong one', () => ['POST', '/core/groups/', { name: 'x', parents: [strong.group] }]],
  ['change a strong group', () => ['PATCH', `/core/groups/${strong.group}/`, { users: [me.id] }]],
  ['weaken a strong group', () => ['PATCH', `/core/groups/${strong.parent}/`, { roles: [] }]],
  ['delete a strong group', () => ['DELETE', `/core/groups/${strong.group}/`]],
  ['join a strong group', () => ['POST', `/core/groups/${strong.group}/add_user/`, { pk: me.id }]],
  ['leave a strong group', () => ['POST', `/core/groups/${strong.group}/remove_user/`, { pk: strong.user }]],
  ['take a role', () => ['POST', `/rbac/roles/${strong.role}/add_user/`, { pk: me.id }]],
  ['take a role away', () => ['POST', `/rbac/roles/${strong.role}/remove_user/`, { pk: strong.user }]],
  ['rename a strong role', () => ['PATCH', `/rbac/roles/${strong.role}/`, { name: 'x' }]],
  ['delete a strong role', () => ['DELETE', `/rbac/roles/${strong.role}/`]],
  ['make a token of a stronger user', () => ['POST', '/core/tokens/', { identifier: 'x', user: strong.user }]],
  ['change a token of a stronger user', () => ['PATCH', '/core/tokens/strong/', { description: 'x' }]],
  ['delete a token of a stronger user', () => ['DELETE', '/core/tokens/strong/']],
  ['see the key of a stronger user', () => ['GET', '/core/tokens/strong/view_key/']],
  ['set the key of a stronger user', () => ['POST', '/core/tokens/strong/set_key/', { key: 'known' }]],
];

test.each(ATTEMPTS)('a delegate may not %s (A23)', async (_what, attempt) => {
  const before = await rights();
  const answer = await ask(...attempt());
  expect([answer.status, answer.body]).toEqual([403, DENIED]);
  expect(await rights()).toEqual(before);
});

test('a delegate may neither assign nor take back what they lack, on everything or on one object (A23)', async () => {
  const role = await buildRole(app.ctx, {});
  await giveRole(app.ctx, me.id, role);
  const { body: one } = await app.api('POST', `${API}/stages/invitation/invitations/`, { name: 'one' });
  const model = 'authentik_stages_invitation.invitation';
  const before = await rights();
  for (const json of [{ permissions: [WANTED] }, { permissions: [WANTED], model, object_pk: one.pk }]) {
    const path = `/rbac/permissions/assigned_by_roles/${role}`;
    expect((await ask('POST', `${path}/assign/`, json)).body).toEqual(DENIED);
    expect((await ask('PATCH', `${path}/unassign/`, json)).body).toEqual(DENIED);
  }
  expect(await rights()).toEqual(before);
});

test('a delegate may not make, change or delete initial permissions that they lack (A23)', async () => {
  const role = await buildRole(app.ctx, {});
  const { body } = await app.api('GET', `${API}/rbac/permissions/?codename=view_invitation`);
  const { body: existing } = await app.api('GET', `${API}/rbac/initial_permissions/?name=strong`);
  const detail = `/rbac/initial_permissions/${existing.results[0].pk}/`;
  const before = await rights();
  const json = { name: 'x', role, permissions: [body.results[0].id] };
  expect((await ask('POST', '/rbac/initial_permissions/', json)).body).toEqual(DENIED);
  expect((await ask('PATCH', detail, { permissions: [] })).body).toEqual(DENIED);
  expect((await ask('DELETE', detail)).body).toEqual(DENIED);
  expect(await rights()).toEqual(before);
});

test('a delegate may not let a stage put new users into a strong group (A23)', async () => {
  const json = { name: 'escalate', create_users_group: strong.super };
  expect((await ask('POST', '/stages/user_write/', json)).body).toEqual(DENIED);
  const { body } = await app.api('POST', `${API}/stages/user_write/`, json);
  expect((await ask('PATCH', `/stages/user_write/${body.pk}/`, { create_users_group: strong.group })).body).toEqual(
    DENIED,
  );
  expect((await ask('POST', '/stages/user_write/', { name: 'plain' })).status).toBe(201);
});

test('a delegate may not change how a stage makes users that it puts into a strong group (A23)', async () => {
  const json = { name: 'asleep', create_users_group: strong.super, user_creation_mode: 'never_create' };
  const { body } = await app.api('POST', `${API}/stages/user_write/`, json);
  const woken = await ask('PATCH', `/stages/user_write/${body.pk}/`, { user_creation_mode: 'always_create' });
  expect(woken.body).toEqual(DENIED);
});

test('what a delegate has, they may give: a role, a group, a permission', async () => {
  const { id } = await buildAccount(app.ctx);
  const role = await buildRole(app.ctx, { permissions: ['authentik_core.view_user'] });
  expect((await ask('PATCH', `/core/users/${id}/`, { roles: [role] })).status).toBe(200);
  expect((await ask('POST', '/core/groups/', { name: 'fair', roles: [role], users: [id] })).status).toBe(201);
  const path = `/rbac/permissions/assigned_by_roles/${role}/assign/`;
  expect((await ask('POST', path, { permissions: ['authentik_core.view_group'] })).status).toBe(200);
  expect((await ask('POST', `/core/users/${id}/set_password/`, { password: 'a new one' })).status).toBe(204);
});
