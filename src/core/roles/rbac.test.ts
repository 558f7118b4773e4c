import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';
import { giveRole } from './builders.ts';

const RBAC = '/api/v3/rbac/';
const ROLES = `${RBAC}roles/`;
const PERMISSIONS = `${RBAC}permissions/`;
const INVITATIONS = '/api/v3/stages/invitation/invitations/';
const MODEL = 'authentik_stages_invitation.invitation';
const may = (verb: string): string => `authentik_stages_invitation.${verb}_invitation`;

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

let made = 0;
async function newRole(): Promise<string> {
  made += 1;
  const { status, body } = await app.api('POST', ROLES, { name: `made-${made}` });
  expect(status).toBe(201);
  return body.pk;
}

async function invite(): Promise<string> {
  return (await app.api('POST', INVITATIONS, { name: 'one' })).body.pk;
}

const assign = (role: string, json: object, token?: string) =>
  app.api('POST', `${PERMISSIONS}assigned_by_roles/${role}/assign/`, json, token ? { token } : {});
const unassign = (role: string, json: object, token?: string) =>
  app.api('PATCH', `${PERMISSIONS}assigned_by_roles/${role}/unassign/`, json, token ? { token } : {});

async function permissionId(codename: string): Promise<number> {
  const { body } = await app.api('GET', `${PERMISSIONS}?codename=${codename}`);
  expect(body.results).toHaveLength(1);
  return body.results[0].id;
}

test('a role is made, renamed, found and deleted; its name is unique', async () => {
  const { body } = await app.api('POST', ROLES, { name: 'editors' });
  expect(Object.keys(body)).toEqual(['pk', 'name']);
  expect((await app.api('POST', ROLES, { name: 'editors' })).body).toEqual({ name: ['This field must be unique.'] });
  const detail = `${ROLES}${body.pk}/`;
  expect((await app.api('PATCH', detail, { name: 'writers' })).body).toEqual({ pk: body.pk, name: 'writers' });
  expect((await app.api('GET', `${ROLES}?search=WRIT`)).body.results).toEqual([{ pk: body.pk, name: 'writers' }]);
  expect((await app.api('DELETE', detail)).status).toBe(204);
  expect((await app.api('GET', detail)).body).toEqual({ detail: 'No Role matches the given query.' });
});

test('users get a role one by one, and it is found by them', async () => {
  const role = await newRole();
  const { id } = await buildAccount(app.ctx);
  expect((await app.api('POST', `${ROLES}${role}/add_user/`, { pk: id })).status).toBe(204);
  expect((await app.api('POST', `${ROLES}${role}/add_user/`, { pk: 2_000_000_000 })).status).toBe(404);
  expect((await app.api('GET', `${ROLES}?users=${id}`)).body.results).toMatchObject([{ pk: role }]);
  expect((await app.api('GET', `/api/v3/core/users/${id}/`)).body.roles).toEqual([role]);
  const usedBy = await app.api('GET', `${ROLES}${role}/used_by/`);
  expect(usedBy.body).toMatchObject([{ app: 'authentik_core', model_name: 'user', pk: String(id) }]);
  expect((await app.api('POST', `${ROLES}${role}/remove_user/`, { pk: id })).status).toBe(204);
  expect((await app.api('GET', `${ROLES}?users=${id}`)).body.results).toEqual([]);
});

test('with inherited the roles of groups, and of the groups above, are found by user and by group', async () => {
  const [own, ofGroup, above] = [await newRole(), await newRole(), await newRole()];
  const groups = '/api/v3/core/groups/';
  const top = (await app.api('POST', groups, { name: 'inherit-top', roles: [above] })).body.pk;
  const low = (await app.api('POST', groups, { name: 'inherit-low', roles: [ofGroup], parents: [top] })).body.pk;
  const { id } = await buildAccount(app.ctx, { groups: [low] });
  await giveRole(app.ctx, id, own);
  const found = async (query: string) => {
    const { body } = await app.api('GET', `${ROLES}?${query}`);
    return body.results.map(({ pk }: { pk: string }) => pk).toSorted();
  };
  expect(await found(`users=${id}`)).toEqual([own]);
  expect(await found(`users=${id}&inherited=true`)).toEqual([own, ofGroup, above].toSorted());
  expect(await found(`groups=${low}`)).toEqual([ofGroup]);
  expect(await found(`groups=${low}&inherited=true`)).toEqual([ofGroup, above].toSorted());
  const { body } = await app.api('GET', `${groups}?name=inherit-low&include_inherited_roles=true`);
  expect(body.results[0].inherited_roles_obj).toMatchObject([{ pk: above }]);
});

test('the catalogue of permissions is read, filtered and never written', async () => {
  const id = await permissionId('view_invitation');
  const { body } = await app.api('GET', `${PERMISSIONS}${id}/`);
  expect(body).toEqual({
    id,
    name: 'Can view Invitation',
    codename: 'view_invitation',
    model: 'invitation',
    app_label: 'authentik_stages_invitation',
    app_label_verbose: 'authentik Stages Invitation',
    model_verbose: 'Invitation',
  });
  const query = 'content_type__app_label=authentik_stages_invitation&content_type__model=invitation';
  const names = (await app.api('GET', `${PERMISSIONS}?${query}`)).body.results.map(
    ({ codename }: { codename: string }) => codename,
  );
  expect(names).toEqual([
    'add_invitation',
    'approve_invitation',
    'change_invitation',
    'delete_invitation',
    'invite',
    'view_invitation',
  ]);
  expect((await app.api('POST', PERMISSIONS, {})).status).toBe(405);
});

test('what is assigned to a role on everything counts for its holders, until it is taken back', async () => {
  const role = await newRole();
  const { id, token } = await buildAccount(app.ctx);
  await giveRole(app.ctx, id, role);
  const pk = await invite();
  const { status, body } = await assign(role, { permissions: [may('view'), 'change_invitation'], model: MODEL });
  expect([status, body]).toEqual([200, [{ id: expect.any(String) }, { id: expect.any(String) }]]);
  expect((await assign(role, { permissions: [may('view')] })).body).toEqual([body[0]]);
  const listed = await app.api('GET', `${PERMISSIONS}assigned_by_roles/?model=${MODEL}`);
  expect(listed.body.results).toMatchObject([
    {
      role_pk: role,
      object_permissions: [],
      model_permissions: [{ codename: 'change_invitation' }, { codename: 'view_invitation' }],
    },
  ]);
  expect((await app.api('GET', `${INVITATIONS}${pk}/`, undefined, { token })).status).toBe(200);
  expect((await app.api('GET', `${PERMISSIONS}?role=${role}`)).body.pagination.count).toBe(2);
  expect((await unassign(role, { permissions: [may('view'), may('change')] })).status).toBe(204);
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  expect((await app.api('GET', `${INVITATIONS}${pk}/`, undefined, { token })).status).toBe(403);
});

test('what is assigned on one object opens that one, and is listed with the object', async () => {
  const role = await newRole();
  const { id, token } = await buildAccount(app.ctx);
  await giveRole(app.ctx, id, role);
  const [mine, other] = [await invite(), await invite()];
  // Written another way; it is kept as the database writes it.
  const objectPk = mine.replaceAll('-', '').toUpperCase();
  const permissions = [may('view'), may('change')];
  expect((await assign(role, { permissions, model: MODEL, object_pk: objectPk })).status).toBe(200);
  const results = (await app.api('GET', INVITATIONS, undefined, { token })).body.results;
  expect(results.map(({ pk }: { pk: string }) => pk)).toEqual([mine]);
  expect((await app.api('GET', `${INVITATIONS}${other}/`, undefined, { token })).status).toBe(404);
  const listed = await app.api('GET', `${PERMISSIONS}roles/?uuid=${role}`);
  expect(listed.body.results).toMatchObject([
    { codename: 'view_invitation', object_pk: mine, object_description: expect.stringContaining(mine) },
    { codename: 'change_invitation', object_pk: mine, model_verbose: 'Invitation' },
  ]);
  const byObject = await app.api('GET', `${PERMISSIONS}assigned_by_roles/?model=${MODEL}&object_pk=${mine}`);
  expect(byObject.body.results).toMatchObject([
    { role_pk: role, model_permissions: [], object_permissions: [{ object_pk: mine }, { object_pk: mine }] },
  ]);
  expect((await unassign(role, { permissions, model: MODEL, object_pk: mine })).status).toBe(204);
  expect((await app.api('GET', INVITATIONS, undefined, { token })).status).toBe(403);
});

test.each([
  [{}, { permissions: ['This field is required.'] }],
  [{ permissions: ['toys.view_toy'] }, { permissions: ['There is no permission "toys.view_toy".'] }],
  [
    { permissions: ['authentik_core.view_user'], model: MODEL },
    { permissions: [`The permission "authentik_core.view_user" is not about ${MODEL}.`] },
  ],
  [{ permissions: [may('view')], object_pk: '1' }, { model: ['This field is required when an object is given.'] }],
  [{ permissions: [may('view')], model: MODEL, object_pk: 'x' }, { object_pk: ['There is no such object.'] }],
  [
    { permissions: [may('view')], model: MODEL, object_pk: '00000000-0000-4000-8000-00000000dead' },
    { object_pk: ['There is no such object.'] },
  ],
])('assigning %j is refused, and nothing is granted', async (json, body) => {
  const role = await newRole();
  expect(await assign(role, json)).toMatchObject({ status: 400, body });
  expect((await app.api('GET', `${PERMISSIONS}?role=${role}`)).body.pagination.count).toBe(0);
});

test('a role that is not there is 404, and a list without a model 400', async () => {
  const nobody = '00000000-0000-4000-8000-00000000dead';
  expect((await assign(nobody, { permissions: [] })).body).toEqual({ detail: 'No Role matches the given query.' });
  expect((await assign('x', { permissions: [] })).body).toEqual({ detail: 'Not found.' });
  expect((await app.api('GET', `${PERMISSIONS}assigned_by_roles/`)).body).toEqual({
    model: ['This field is required.'],
  });
});

test('initial permissions are granted to the role on what its holders create, and on nothing else', async () => {
  const role = await newRole();
  await assign(role, { permissions: [may('add')] });
  const permissions = [await permissionId('change_invitation'), await permissionId('view_invitation')];
  const { status, body } = await app.api('POST', `${RBAC}initial_permissions/`, { name: 'own', role, permissions });
  expect([status, body]).toMatchObject([201, { name: 'own', role, permissions, permissions_obj: [{}, {}] }]);
  const other = await invite();
  const { id, token } = await buildAccount(app.ctx);
  await giveRole(app.ctx, id, role);
  const ask = (method: string, path: string, json?: unknown) => app.api(method, path, json, { token });
  const mine = (await ask('POST', INVITATIONS, { name: 'mine' })).body.pk;
  expect((await ask('PATCH', `${INVITATIONS}${mine}/`, { name: 'still-mine' })).body.name).toBe('still-mine');
  expect((await ask('DELETE', `${INVITATIONS}${mine}/`)).status).toBe(403);
  expect((await ask('GET', `${INVITATIONS}${other}/`)).status).toBe(404);
  // Another holder of the role sees it too: it was granted to the role.
  const second = await buildAccount(app.ctx);
  await giveRole(app.ctx, second.id, role);
  expect((await app.api('GET', `${INVITATIONS}${mine}/`, undefined, { token: second.token })).status).toBe(200);
  expect((await app.api('DELETE', `${RBAC}initial_permissions/${body.pk}/`)).status).toBe(204);
});

test('a fresh installation has no initial permissions, roles or grants', async () => {
  const fresh = await testApp();
  for (const path of ['initial_permissions/', 'roles/', 'permissions/roles/']) {
    expect((await fresh.api('GET', `${RBAC}${path}`)).body.results).toEqual([]);
  }
});
