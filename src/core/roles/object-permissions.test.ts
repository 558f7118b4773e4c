import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';

const INVITATIONS = '/api/v3/stages/invitation/invitations/';
const may = (verb: string): string => `authentik_stages_invitation.${verb}_invitation`;
const DENIED = { detail: 'You do not have permission to perform this action.' };
const UNKNOWN = { detail: 'No Invitation matches the given query.' };
const NOBODY = '00000000-0000-4000-8000-00000000dead';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

async function invite(fields: object = {}): Promise<string> {
  const { status, body } = await app.api('POST', INVITATIONS, { name: 'one', ...fields });
  expect(status).toBe(201);
  return body.pk;
}

const detail = (pk: string): string => `${INVITATIONS}${pk}/`;

/** Asks as somebody to whom just that is granted. */
async function asker(grants: Parameters<typeof buildAccount>[1]) {
  const { token } = await buildAccount(app.ctx, grants);
  return (method: string, path: string, json?: unknown) => app.api(method, path, json, { token });
}

test('with global view a list shows every object (14)', async () => {
  const pk = await invite({ name: 'only-this' });
  const ask = await asker({ permissions: [may('view')] });
  const { status, body } = await ask('GET', `${INVITATIONS}?name=only-this`);
  expect([status, body.results.map((one: { pk: string }) => one.pk)]).toEqual([200, [pk]]);
  expect(body.pagination).toMatchObject({ next: 0, previous: 0, count: 1, current: 1, total_pages: 1 });
});

test('an object permission opens that one object: the list shows it, another is 404 (15) (T15)', async () => {
  const [mine, other] = [await invite(), await invite()];
  const ask = await asker({ objects: [[may('view'), mine]] });
  const { status, body } = await ask('GET', INVITATIONS);
  expect([status, body.results.map((one: { pk: string }) => one.pk)]).toEqual([200, [mine]]);
  expect(body.pagination).toMatchObject({ count: 1, total_pages: 1, start_index: 1, end_index: 1 });
  expect((await ask('GET', detail(mine))).status).toBe(200);
  for (const pk of [other, NOBODY]) {
    const answer = await ask('GET', detail(pk));
    expect([answer.status, answer.body]).toEqual([404, UNKNOWN]);
  }
});

test('a filter that fits none of the visible objects gives an empty list, not a 403', async () => {
  const mine = await invite();
  const hidden = await invite({ name: 'hidden-one' });
  const ask = await asker({ objects: [[may('view'), mine]] });
  const { status, body } = await ask('GET', `${INVITATIONS}?name=hidden-one`);
  expect([status, body.results]).toEqual([200, []]);
  expect((await ask('GET', `${INVITATIONS}?search=${hidden}`)).body.results).toEqual([]);
});

test('where nothing is visible the list and every detail URL are 403 (16)', async () => {
  const pk = await invite();
  const gone = await invite();
  expect((await app.api('DELETE', detail(gone))).status).toBe(204);
  for (const grants of [{}, { permissions: [may('add')] }, { objects: [[may('view'), gone]] as const }]) {
    const ask = await asker(grants);
    for (const path of [INVITATIONS, detail(pk), detail(NOBODY), `${detail(pk)}used_by/`]) {
      const answer = await ask('GET', path);
      expect([path, answer.status, answer.body]).toEqual([path, 403, DENIED]);
    }
    expect((await ask('PUT', detail(pk), { name: 'x' })).status).toBe(403);
    expect((await ask('DELETE', detail(pk))).status).toBe(403);
  }
});

test('an expired object that was the only visible one is as good as none', async () => {
  const pk = await invite({ expires: '2001-01-01T00:00:00Z' });
  const ask = await asker({ objects: [[may('view'), pk]] });
  expect((await ask('GET', INVITATIONS)).status).toBe(403);
});

test('an account that the server made gets an empty list where it may see nothing', async () => {
  const pk = await invite();
  const ask = await asker({ type: 'internal_service_account' });
  const { status, body } = await ask('GET', INVITATIONS);
  expect([status, body.results]).toEqual([200, []]);
  expect((await ask('GET', detail(pk))).status).toBe(404);
});

test('an object that is only visible is neither changed nor deleted: 403, and 404 for one that is not', async () => {
  const [seen, changed, hidden] = [await invite(), await invite(), await invite()];
  const objects = [
    [may('view'), seen],
    [may('view'), changed],
    [may('change'), changed],
    [may('delete'), changed],
    [may('change'), hidden],
  ] as const;
  const ask = await asker({ objects });
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const answer = await ask(method, detail(seen), { name: 'taken' });
    expect([method, answer.status, answer.body]).toEqual([method, 403, DENIED]);
    // To change without to view is nothing: visible and permitted.
    expect([method, (await ask(method, detail(hidden), { name: 'taken' })).status]).toEqual([method, 404]);
  }
  expect((await ask('PATCH', detail(changed), { name: 'renamed' })).body.name).toBe('renamed');
  expect((await ask('DELETE', detail(changed))).status).toBe(204);
  expect((await app.api('GET', detail(seen))).body.name).toBe('one');
});

test('global view with change on one object changes that one', async () => {
  const [mine, other] = [await invite(), await invite()];
  const ask = await asker({ permissions: [may('view')], objects: [[may('change'), mine]] });
  expect((await ask('PATCH', detail(mine), { name: 'mine' })).status).toBe(200);
  expect((await ask('PATCH', detail(other), { name: 'mine' })).body).toEqual(DENIED);
  expect((await ask('PATCH', detail(NOBODY), { name: 'mine' })).body).toEqual(UNKNOWN);
});

test('the object is looked for before the body is read', async () => {
  const [mine, other] = [await invite(), await invite()];
  const ask = await asker({
    objects: [
      [may('view'), mine],
      [may('change'), mine],
    ] as const,
  });
  expect((await ask('PUT', detail(other), [])).status).toBe(404);
  expect((await ask('PUT', detail(mine), [])).status).toBe(400);
});

test('creating needs the global permission; it gives none on the object (17) (18)', async () => {
  const mine = await invite();
  const onOne = await asker({ objects: [[may('add'), mine]] });
  expect((await onOne('POST', INVITATIONS, { name: 'x' })).status).toBe(403);
  const ask = await asker({ permissions: [may('add')] });
  const { status, body } = await ask('POST', INVITATIONS, { name: 'x' });
  expect(status).toBe(201);
  expect((await ask('GET', detail(body.pk))).status).toBe(403);
});

test('used_by looks up any object, and lists what the caller may view, singly too', async () => {
  const flow = (
    await app.api('POST', '/api/v3/flows/instances/', {
      name: 'used',
      slug: 'used',
      title: 'Used',
      designation: 'enrollment',
    })
  ).body.pk;
  const [mine, other] = [await invite({ flow }), await invite({ flow })];
  const path = '/api/v3/flows/instances/used/used_by/';
  const view = 'authentik_flows.view_flow';
  const pks = async (grants: Parameters<typeof buildAccount>[1]) => {
    const { status, body } = await (await asker(grants))('GET', path);
    expect(status).toBe(200);
    return body.map((one: { pk: string }) => one.pk).toSorted();
  };
  expect(await pks({ permissions: [view] })).toEqual([]);
  expect(await pks({ permissions: [view], objects: [[may('view'), mine]] })).toEqual([mine]);
  expect(await pks({ permissions: [view, may('view')] })).toEqual([mine, other].toSorted());
});

test('an endpoint of an object takes its permission on that object', async () => {
  const one = await buildAccount(app.ctx);
  const other = await buildAccount(app.ctx);
  const [view, reset] = ['authentik_core.view_user', 'authentik_core.reset_user_password'];
  const ask = await asker({
    objects: [
      [view, one.id],
      [reset, one.id],
      [view, other.id],
    ] as const,
  });
  const set = async (id: number) =>
    (await ask('POST', `/api/v3/core/users/${id}/set_password/`, { password: 'a new one' })).status;
  expect([await set(one.id), await set(other.id), await set(1)]).toEqual([204, 403, 404]);
});
