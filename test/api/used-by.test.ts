import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { FLOWS, INVITATIONS, UNKNOWN_ID, USERS } from './urls.ts';

const app = await testApp();

test('a user, a group and a token name what uses them', async () => {
  const user = (await app.api('POST', USERS, { username: 'used', name: 'Used', path: 'users', groups: [] })).body;
  const group = (await app.api('POST', '/api/v3/core/groups/', { name: 'used' })).body;
  const token = { identifier: 'used', intent: 'api', user: user.pk };
  expect((await app.api('POST', '/api/v3/core/tokens/', token)).status).toBe(201);
  const flow = { name: 'used', slug: 'used', title: 'used', designation: 'recovery' };
  const target = (await app.api('POST', FLOWS, flow)).body.policybindingmodel_ptr_id;
  const bound = { model_name: 'policybinding', action: 'cascade' };
  for (const [subject, path] of [
    [{ user: user.pk }, `${USERS}${user.pk}/`],
    [{ group: group.pk }, `/api/v3/core/groups/${group.pk}/`],
  ] as const) {
    const binding = await app.api('POST', '/api/v3/policies/bindings/', { target, order: 1, ...subject });
    expect(binding.status).toBe(201);
    const used = await app.api('GET', `${path}used_by/`);
    expect(used.status).toBe(200);
    expect(used.body).toContainEqual(expect.objectContaining({ ...bound, pk: binding.body.pk }));
  }
  const unused = await app.api('GET', '/api/v3/core/tokens/used/used_by/');
  expect([unused.status, unused.body]).toEqual([200, []]);
});

test('a creator names their invitations (59)', async () => {
  const { pk } = (await app.api('POST', INVITATIONS, { name: 'mine' })).body;
  const me = (await app.api('GET', `${USERS}me/`)).body.user;
  const used = await app.api('GET', `${USERS}${me.pk}/used_by/`);
  expect(used.body).toContainEqual(expect.objectContaining({ model_name: 'invitation', pk, action: 'cascade' }));
  expect((await app.api('GET', `/api/v3/core/groups/${UNKNOWN_ID}/used_by/`)).status).toBe(404);
});
