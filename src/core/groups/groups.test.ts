import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';

const GROUPS = '/api/v3/core/groups/';

let app: TestApp;

beforeAll(async () => {
  app = await testApp();
});

const detail = (pk: string) => `${GROUPS}${pk}/`;

async function create(fields: object) {
  const { status, body } = await app.api('POST', GROUPS, fields);
  expect(status).toBe(201);
  return body;
}

const names = async (query: string): Promise<string[]> =>
  (await app.api('GET', `${GROUPS}?${query}`)).body.results.map(({ name }: { name: string }) => name);

test('a group has the keys of the schema in its order, and the defaults', async () => {
  const body = await create({ name: 'plain' });
  const keys =
    'pk num_pk name is_superuser parents parents_obj users users_obj ' +
    'attributes roles roles_obj inherited_roles_obj children children_obj';
  expect(Object.keys(body).join(' ')).toBe(keys);
  expect(body).toMatchObject({ is_superuser: false, parents: [], users: [], attributes: {}, roles: [], children: [] });
  expect(Number.isInteger(body.num_pk)).toBe(true);
});

test('lists that nobody asked for are null; those asked for are whole', async () => {
  const [role, above] = await Promise.all([buildRole('inherited'), create({ name: 'above' })]);
  await app.api('PATCH', detail(above.pk), { roles: [role] });
  const { id, username } = await buildAccount(app.ctx);
  const middle = await create({ name: 'middle', parents: [above.pk], users: [id] });
  const below = await create({ name: 'below', parents: [middle.pk] });

  const usual = (await app.api('GET', detail(middle.pk))).body;
  expect(usual).toMatchObject({ parents_obj: null, inherited_roles_obj: null, children_obj: null, roles_obj: [] });
  expect(usual.users_obj).toMatchObject([{ pk: id, username }]);
  expect([usual.parents, usual.children, usual.users]).toEqual([[above.pk], [below.pk], [id]]);

  const asked = 'include_users=false&include_parents=true&include_children=true&include_inherited_roles=true';
  const whole = (await app.api('GET', `${detail(middle.pk)}?${asked}`)).body;
  expect(whole.users_obj).toBeNull();
  expect(whole.users).toEqual([id]);
  expect(whole.parents_obj).toEqual([
    { pk: above.pk, name: 'above', is_superuser: false, attributes: {}, group_uuid: above.pk },
  ]);
  expect(whole.children_obj).toMatchObject([{ name: 'below' }]);
  expect(whole.inherited_roles_obj).toEqual([{ pk: role, name: 'inherited' }]);
  const listed = (await app.api('GET', `${GROUPS}?name=middle&${asked}`)).body.results;
  expect(listed).toEqual([whole]);
});

test('a member whose name holds spaces and signs is shown as any other', async () => {
  const username = 'Zoë #1 <zoe>';
  const made = await app.api('POST', '/api/v3/core/users/', { username, name: 'Zoë' });
  expect(made.status).toBe(201);
  const { users_obj } = await create({ name: 'signs', users: [made.body.pk] });
  expect(users_obj).toMatchObject([{ username }]);
});

test('a role of its own is not listed as inherited as well', async () => {
  const role = await buildRole('both');
  const above = await create({ name: 'also-above', roles: [role] });
  const group = await create({ name: 'has-both', roles: [role], parents: [above.pk] });
  const { body } = await app.api('GET', `${detail(group.pk)}?include_inherited_roles=true`);
  expect([body.roles, body.roles_obj, body.inherited_roles_obj]).toEqual([[role], [{ pk: role, name: 'both' }], []]);
});

test('the members are replaced as a whole, and kept where the key is absent', async () => {
  const [one, two] = [await buildAccount(app.ctx), await buildAccount(app.ctx)];
  const { pk } = await create({ name: 'members', users: [one.id] });
  expect((await app.api('PUT', detail(pk), { name: 'members' })).body.users).toEqual([one.id]);
  expect((await app.api('PATCH', detail(pk), { users: [two.id] })).body.users).toEqual([two.id]);
  expect((await app.api('PATCH', detail(pk), { users: [] })).body.users).toEqual([]);
});

test.each([
  [{}, { name: ['This field is required.'] }],
  [{ name: 'plain' }, { name: ['This field must be unique.'] }],
  [{ name: 'x', users: [0] }, { users: ['Invalid pk "0" - object does not exist.'] }],
  [{ name: 'x', parents: ['abc'] }, { parents: ['“abc” is not a valid UUID.'] }],
  [
    { name: 'x', roles: ['00000000-0000-4000-8000-000000000000'] },
    { roles: ['Invalid pk "00000000-0000-4000-8000-000000000000" - object does not exist.'] },
  ],
])('a group from %j is refused', async (json, faults) => {
  const { status, body } = await app.api('POST', GROUPS, json);
  expect(status).toBe(400);
  expect(body).toEqual(faults);
});

test('a group is neither its own parent nor that of one above it', async () => {
  const top = await create({ name: 'circle-top' });
  const middle = await create({ name: 'circle-middle', parents: [top.pk] });
  const low = await create({ name: 'circle-low', parents: [middle.pk] });
  for (const [group, parent] of [
    [top, top],
    [top, middle],
    [top, low],
    [middle, low],
  ]) {
    const { status, body } = await app.api('PATCH', detail(group.pk), { parents: [parent.pk] });
    expect(status).toBe(400);
    expect(body).toEqual({ parents: ['A group cannot be its own parent, nor that of one above it.'] });
  }
  expect((await app.api('PATCH', detail(low.pk), { parents: [top.pk, middle.pk] })).status).toBe(200);
});

test('many unrelated groups that get parents at once all do', async () => {
  const parent = await create({ name: 'crowded' });
  const groups = await Promise.all(Array.from({ length: 16 }, (_, at) => create({ name: `crowd-${at}` })));
  const answers = await Promise.all(groups.map(({ pk }) => app.api('PATCH', detail(pk), { parents: [parent.pk] })));
  expect(answers.map(({ status }) => status)).toEqual(groups.map(() => 200));
});

test('two groups that become parents of one another at once: one of them does', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [one, two] = await Promise.all([create({ name: `one-${round}` }), create({ name: `two-${round}` })]);
    const answers = await Promise.all([
      app.api('PATCH', detail(one.pk), { parents: [two.pk] }),
      app.api('PATCH', detail(two.pk), { parents: [one.pk] }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  }
});

test.each([
  ['name=Filtered', true],
  ['name=filtered', false],
  ['is_superuser=false&name=Filtered', true],
  ['is_superuser=true&name=Filtered', false],
  [`attributes=${encodeURIComponent('{"a":{"b":1}}')}`, true],
  [`attributes=${encodeURIComponent('{"a":{"b":2}}')}`, false],
  ['members_by_username=filter-member', true],
  ['members_by_username=nobody&members_by_username=filter-member', true],
  ['members_by_username=nobody', false],
  ['search=FILTER', true],
])('the list by ?%s has it: %s', async (query, found) => {
  if ((await names('name=Filtered')).length === 0) {
    const { id } = await buildAccount(app.ctx, { username: 'filter-member' });
    await create({ name: 'Filtered', attributes: { a: { b: 1, c: 2 } }, users: [id] });
  }
  expect((await names(`${query}&page_size=100`)).includes('Filtered')).toBe(found);
});

test('the list by members_by_pk has the groups of these users, and refuses what is no number', async () => {
  const { id } = await buildAccount(app.ctx);
  await create({ name: 'by-pk', users: [id] });
  expect(await names(`members_by_pk=${id}&members_by_pk=0`)).toEqual(['by-pk']);
  expect((await app.api('GET', `${GROUPS}?members_by_pk=abc`)).status).toBe(400);
});

test('add_user and remove_user change one membership, and may be repeated', async () => {
  const { id } = await buildAccount(app.ctx);
  const { pk } = await create({ name: 'adding' });
  for (const [verb, users] of [
    ['add', [id]],
    ['add', [id]],
    ['remove', []],
    ['remove', []],
  ] as const) {
    const { status, text } = await app.api('POST', `${detail(pk)}${verb}_user/`, { pk: id });
    expect([status, text]).toEqual([204, '']);
    expect((await app.api('GET', detail(pk))).body.users).toEqual(users);
  }
});

test.each(['add', 'remove'])('%s_user of an unknown user or group is 404, of none 400', async (verb) => {
  const { pk } = await create({ name: `unknown-${verb}` });
  const unknown = await app.api('POST', `${detail(pk)}${verb}_user/`, { pk: 2_000_000_000 });
  expect([unknown.status, unknown.body]).toEqual([404, { detail: 'No User matches the given query.' }]);
  const nowhere = await app.api('POST', `${detail('00000000-0000-4000-8000-000000000000')}${verb}_user/`, { pk: 1 });
  expect([nowhere.status, nowhere.body]).toEqual([404, { detail: 'No Group matches the given query.' }]);
  expect((await app.api('POST', `${detail(pk)}${verb}_user/`, {})).body).toEqual({ pk: ['This field is required.'] });
  const text = await app.api('POST', `${detail(pk)}${verb}_user/`, { pk: 'x' });
  expect(text.body).toEqual({ pk: ['A valid integer is required.'] });
});

test('a deleted group leaves its members and children', async () => {
  const { id } = await buildAccount(app.ctx);
  const { pk } = await create({ name: 'going', users: [id] });
  const child = await create({ name: 'staying', parents: [pk] });
  expect((await app.api('DELETE', detail(pk))).status).toBe(204);
  expect((await app.api('GET', detail(pk))).status).toBe(404);
  expect((await app.api('GET', detail(child.pk))).body.parents).toEqual([]);
  expect((await app.api('GET', `/api/v3/core/users/${id}/`)).body.groups).toEqual([]);
});

describe('of the operations', () => {
  const group = detail('00000000-0000-4000-8000-000000000000');
  const operations: [string, string, object?][] = [
    ['GET', GROUPS],
    ['POST', GROUPS, { name: 'matrix' }],
    ['GET', group],
    ['PUT', group, { name: 'matrix' }],
    ['PATCH', group, {}],
    ['DELETE', group],
    ['GET', `${group}used_by/`],
    ['POST', `${group}add_user/`, { pk: 1 }],
    ['POST', `${group}remove_user/`, { pk: 1 }],
  ];

  test.each(operations)('%s %s refuses the anonymous and the low (A15)', async (method, path, json) => {
    const { token } = await buildAccount(app.ctx);
    const anonymous = await app.api(method, path, json, { token: null });
    expect(anonymous.status).toBe(403);
    expect(anonymous.body).toEqual({ detail: 'Authentication credentials were not provided.' });
    const low = await app.api(method, path, json, { token });
    expect(low.status).toBe(403);
    expect(low.body).toEqual({ detail: 'You do not have permission to perform this action.' });
  });
});

test('who may change groups may not make superusers without being one', async () => {
  const codenames = ['view_group', 'add_group', 'change_group', 'delete_group'];
  const verbs = [...codenames, 'add_user_to_group', 'remove_user_from_group'];
  const permissions = verbs.map((codename) => `authentik_core.${codename}`);
  const { id, token } = await buildAccount(app.ctx, { permissions });
  const high = await create({ name: 'high', is_superuser: true });
  const low = await create({ name: 'low' });
  const ask = async (method: string, url: string, json?: object) =>
    (await app.api(method, url, json, { token })).status;

  expect(await ask('POST', GROUPS, { name: 'grab', is_superuser: true })).toBe(403);
  expect(await ask('POST', GROUPS, { name: 'grab', parents: [high.pk], users: [id] })).toBe(403);
  expect(await ask('PATCH', detail(low.pk), { is_superuser: true })).toBe(403);
  expect(await ask('PATCH', detail(low.pk), { parents: [high.pk] })).toBe(403);
  expect(await ask('PATCH', detail(high.pk), { users: [id] })).toBe(403);
  expect(await ask('POST', `${detail(high.pk)}add_user/`, { pk: id })).toBe(403);
  expect(await ask('DELETE', detail(high.pk))).toBe(403);
  expect((await app.api('GET', `/api/v3/core/users/${id}/`)).body).toMatchObject({ is_superuser: false, groups: [] });
  expect(await names('name=grab')).toEqual([]);
  expect(await ask('POST', `${detail(low.pk)}add_user/`, { pk: id })).toBe(204);
});

async function buildRole(name: string): Promise<string> {
  const sql = 'insert into roles (name) values ($1) returning uuid';
  const [row] = await app.ctx.db.query<{ uuid: string }>(sql, [name]);
  return row?.uuid ?? '';
}
