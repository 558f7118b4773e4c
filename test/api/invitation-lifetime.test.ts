import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { ENROLLMENT, FLOWS, INVITATIONS, USERS } from './urls.ts';
import { purgeInvitations } from '../../src/features/stages/invitation/tasks.ts';

const app = await testApp();

async function makeFlow(slug: string): Promise<string> {
  const flow = await app.api('POST', FLOWS, { name: slug, slug, title: slug, designation: 'enrollment' });
  const stages = await app.api('GET', '/api/v3/stages/invitation/stages/');
  const binding = { target: flow.body.pk, stage: stages.body.results[0].pk, order: 5 };
  await app.api('POST', '/api/v3/flows/bindings/', binding);
  return flow.body.pk;
}

async function invite(fields: Record<string, unknown> = {}, token?: string): Promise<string> {
  const made = await app.api('POST', INVITATIONS, { name: 'one', ...fields }, token === undefined ? {} : { token });
  expect(made.status).toBe(201);
  return made.body.pk;
}

const statusOf = async (id: string): Promise<number> => (await app.api('GET', `${INVITATIONS}${id}/`)).status;

async function openLink(id: string): Promise<string> {
  return (await app.jar().open(ENROLLMENT, `itoken=${id}`)).body.component;
}

test('an invitation that never expires survives the clean-up (69, D3)', async () => {
  const id = await invite({ expires: null });
  const gone = await invite({ expires: '2001-01-01T00:00:00Z' });
  const rows = async () =>
    (await app.ctx.db.query<{ id: string }>('select invite_uuid as id from invitation')).map((row) => row.id);
  expect(await rows()).toContain(gone);
  await purgeInvitations.run(app.ctx, {});
  expect(await rows()).not.toContain(gone);
  expect(await statusOf(id)).toBe(200);
});

test('an expired invitation may be made, and is nowhere from that moment on (70, D3)', async () => {
  const flow = (await app.api('GET', `${FLOWS}${ENROLLMENT}/`)).body.pk;
  const id = await invite({ name: 'past', flow, expires: '2001-01-01T00:00:00Z' });
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await app.api(
      method,
      `${INVITATIONS}${id}/`,
      method === 'GET' || method === 'DELETE' ? undefined : { name: 'x' },
    );
    expect([method, answer.status]).toEqual([method, 404]);
  }
  expect((await app.api('GET', `${INVITATIONS}${id}/used_by/`)).status).toBe(404);
  expect((await app.api('GET', `${INVITATIONS}?name=past`)).body.pagination.count).toBe(0);
  expect(await openLink(id)).toBe('ak-stage-access-denied');
});

test('PUT of an expiry in the past answers and takes the invitation away', async () => {
  const id = await invite();
  const answer = await app.api('PUT', `${INVITATIONS}${id}/`, { name: 'x', expires: '2001-01-01T00:00:00Z' });
  expect([answer.status, answer.body.expires]).toEqual([200, '2001-01-01T00:00:00Z']);
  expect(await statusOf(id)).toBe(404);
});

test('a flow names its invitations in used_by, and takes them along when it goes (59, D6)', async () => {
  const flow = await makeFlow('leaving');
  const ids = [await invite({ flow }), await invite({ flow })];
  const unbound = await invite();
  const used = await app.api('GET', `${FLOWS}leaving/used_by/`);
  const invitations = used.body.filter((row: { model_name: string }) => row.model_name === 'invitation');
  expect(invitations.map((row: { pk: string }) => row.pk).toSorted()).toEqual(ids.toSorted());
  for (const id of ids) {
    expect(invitations).toContainEqual({
      app: 'authentik_stages_invitation',
      model_name: 'invitation',
      pk: id,
      name: `Invitation ${id} created by akadmin`,
      action: 'cascade',
    });
  }
  expect(used.body).toContainEqual(
    expect.objectContaining({ app: 'authentik_flows', model_name: 'flowstagebinding', action: 'cascade' }),
  );
  expect((await app.api('DELETE', `${FLOWS}leaving/`)).status).toBe(204);
  for (const id of ids) {
    expect(await statusOf(id)).toBe(404);
    expect(await openLink(id)).toBe('ak-stage-access-denied');
  }
  expect(await statusOf(unbound)).toBe(200);
});

test('a creator who is deleted takes their invitations along (59)', async () => {
  const user = (await app.api('POST', USERS, { username: 'carla', name: 'Carla', path: 'users', groups: [] })).body;
  const groups = await app.api('GET', '/api/v3/core/groups/?is_superuser=true');
  await app.api('POST', `/api/v3/core/groups/${groups.body.results[0].pk}/add_user/`, { pk: user.pk });
  await app.api('POST', '/api/v3/core/tokens/', { identifier: 'carla', intent: 'api', user: user.pk });
  const key = (await app.api('GET', '/api/v3/core/tokens/carla/view_key/')).body.key;
  const id = await invite({}, key);
  const own = await invite();
  expect(await statusOf(id)).toBe(200);
  expect((await app.api('DELETE', `${USERS}${user.pk}/`)).status).toBe(204);
  expect(await statusOf(id)).toBe(404);
  expect(await statusOf(own)).toBe(200);
});
