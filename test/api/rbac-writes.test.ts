import { expect, test } from 'vitest';
import { testApp } from '../app.ts';

const app = await testApp();
const ROLES = '/api/v3/rbac/roles/';
const INITIAL = '/api/v3/rbac/initial_permissions/';

async function permissionOf(codename: string): Promise<number> {
  return (await app.api('GET', `/api/v3/rbac/permissions/?codename=${codename}`)).body.results[0].id;
}

test('a role is replaced and changed', async () => {
  const { body: role } = await app.api('POST', ROLES, { name: 'before' });
  const put = await app.api('PUT', `${ROLES}${role.pk}/`, { name: 'after' });
  expect([put.status, put.body]).toEqual([200, { ...role, name: 'after' }]);
  const patched = await app.api('PATCH', `${ROLES}${role.pk}/`, { name: 'later' });
  expect([patched.status, patched.body.name]).toEqual([200, 'later']);
  expect((await app.api('GET', `${ROLES}${role.pk}/`)).body.name).toBe('later');
});

test('initial permissions are replaced as a list, and changed without it they keep it', async () => {
  const view = await permissionOf('view_invitation');
  // Shown by their ids.
  const both = [view, await permissionOf('change_invitation')].toSorted((a, b) => a - b);
  const { body: role } = await app.api('POST', ROLES, { name: 'inviters' });
  const { body: made } = await app.api('POST', INITIAL, { name: 'mine', role: role.pk, permissions: [view] });
  const detail = `${INITIAL}${made.pk}/`;
  const put = await app.api('PUT', detail, { name: 'mine', role: role.pk, permissions: both });
  expect([put.status, put.body.permissions]).toEqual([200, both]);
  const patched = await app.api('PATCH', detail, { name: 'ours' });
  expect([patched.status, patched.body.name, patched.body.permissions]).toEqual([200, 'ours', both]);
  expect((await app.api('GET', detail)).body).toEqual(patched.body);
});
