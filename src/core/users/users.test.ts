import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';

const USERS = '/api/v3/core/users/';

let app: TestApp;

beforeAll(async () => {
  app = await testApp();
});

const detail = (id: number) => `${USERS}${id}/`;

async function create(fields: object) {
  const { status, body } = await app.api('POST', USERS, { name: '', ...fields });
  expect(status).toBe(201);
  return body;
}

const usernames = async (query: string): Promise<string[]> =>
  (await app.api('GET', `${USERS}?${query}`)).body.results.map(({ username }: { username: string }) => username);

test('a user has the keys of the schema in its order, and the defaults', async () => {
  const body = await create({ username: 'ada', name: 'Ada Lovelace', email: 'ada@example.org' });
  const keys =
    'pk username name is_active last_login date_joined is_superuser groups groups_obj roles roles_obj ' +
    'email avatar attributes uid path type uuid password_change_date last_updated';
  expect(Object.keys(body).join(' ')).toBe(keys);
  expect(body).toMatchObject({
    is_active: true,
    last_login: null,
    is_superuser: false,
    groups: [],
    groups_obj: [],
    roles: [],
    roles_obj: [],
    attributes: {},
    path: 'users',
    type: 'internal',
  });
  expect(body.avatar).toMatch(/^data:image\/svg\+xml;base64,/);
});

test("uid is the SHA-256 of the id and the installation's own id, and stays (contract 3.1)", async () => {
  const { pk, uid } = await create({ username: 'uid' });
  const [row] = await app.ctx.db.query<{ value: string }>("select value from setting where key = 'install_id'");
  expect(uid).toBe(createHash('sha256').update(`${pk}-${row?.value}`).digest('hex'));
  const { body } = await app.api('PATCH', detail(pk), { username: 'uid-renamed', uid: 'x', pk: 1 });
  expect(body).toMatchObject({ uid, pk, username: 'uid-renamed' });
});

test('PUT keeps absent optional keys, PATCH changes only what it names', async () => {
  const { pk } = await create({
    username: 'kept',
    email: 'kept@example.org',
    attributes: { a: 1 },
    path: 'some/where',
  });
  const put = await app.api('PUT', detail(pk), { username: 'kept', name: 'Kept' });
  expect(put.body).toMatchObject({ name: 'Kept', email: 'kept@example.org', attributes: { a: 1 }, path: 'some/where' });
  const patched = await app.api('PATCH', detail(pk), { is_active: false });
  expect(patched.body).toMatchObject({ ...put.body, is_active: false, last_updated: expect.any(String) });
});

test.each([
  [{}, { username: ['This field is required.'], name: ['This field is required.'] }],
  [{ name: '', username: '' }, { username: ['This field may not be blank.'] }],
  [{ name: '', username: 'x'.repeat(151) }, { username: ['Ensure this field has no more than 150 characters.'] }],
  [{ name: '', username: 'bad', email: 'nobody' }, { email: ['Enter a valid email address.'] }],
  [{ name: '', username: 'bad', path: '/x' }, { path: ['The path may not begin or end with a slash.'] }],
  [{ name: '', username: 'bad', path: 'x/' }, { path: ['The path may not begin or end with a slash.'] }],
  [{ name: '', username: 'bad', path: 'x//y' }, { path: ['The path may not have empty segments.'] }],
  [{ name: '', username: 'bad', type: 'alien' }, { type: ['"alien" is not a valid choice.'] }],
  [
    { name: '', username: 'bad', groups: ['00000000-0000-4000-8000-000000000000'] },
    { groups: ['Invalid pk "00000000-0000-4000-8000-000000000000" - object does not exist.'] },
  ],
  [
    { name: '', username: 'bad', roles: ['00000000-0000-4000-8000-000000000000'] },
    { roles: ['Invalid pk "00000000-0000-4000-8000-000000000000" - object does not exist.'] },
  ],
])('a user from %j is refused', async (json, faults) => {
  const { status, body } = await app.api('POST', USERS, json);
  expect(status).toBe(400);
  expect(body).toEqual(faults);
});

test('a username is taken in every letter case and compatibility form, also for a rename (T09)', async () => {
  await create({ username: 'Taken' });
  const { pk } = await create({ username: 'other' });
  for (const username of ['Taken', 'tAKEN', 'Ｔaken', ' taken ']) {
    const taken = { username: ['This field must be unique.'] };
    expect((await app.api('POST', USERS, { username, name: '' })).body).toEqual(taken);
    expect((await app.api('PATCH', detail(pk), { username })).body).toEqual(taken);
  }
  expect((await app.api('PATCH', detail(pk), { username: 'OTHER' })).status).toBe(200);
});

describe('control characters in a username', () => {
  const REFUSED = { username: ['Enter a username without control characters.'] };

  test.each([
    ['C0', 'con\ntrol'],
    ['DEL', 'con\u007ftrol'],
    ['C1', 'con\u0085trol'],
    ['a line separator', 'con\u2028trol'],
    ['a paragraph separator', 'con\u2029trol'],
  ])('are refused on the field, also for a rename: %s', async (_what, username) => {
    const { pk } = await create({ username: `plain-${username.codePointAt(3)}` });
    const made = await app.api('POST', USERS, { username, name: '' });
    expect([made.status, made.body]).toEqual([400, REFUSED]);
    for (const method of ['PATCH', 'PUT']) {
      const renamed = await app.api(method, detail(pk), { username, name: '' });
      expect([renamed.status, renamed.body]).toEqual([400, REFUSED]);
    }
    expect((await app.api('GET', detail(pk))).body.username).toBe(`plain-${username.codePointAt(3)}`);
  });

  test('stay in a name from before, whose user can be changed, and renamed to one without', async () => {
    const { pk } = await create({ username: 'from-before' });
    const old = 'from\nbefore';
    await app.ctx.db.query('update users set username = $2 where id = $1', [pk, old]);
    expect((await app.api('PATCH', detail(pk), { name: 'Changed' })).body).toMatchObject({ username: old });
    const put = await app.api('PUT', detail(pk), { username: old, name: 'Put' });
    expect([put.status, put.body.username, put.body.name]).toEqual([200, old, 'Put']);
    expect((await app.api('PATCH', detail(pk), { username: 'from\tbefore' })).body).toEqual(REFUSED);
    expect((await app.api('PATCH', detail(pk), { username: 'after' })).body).toMatchObject({ username: 'after' });
  });

  test('are not among the letters, marks and signs of the world’s names', async () => {
    for (const username of ['Zoë Ångström', '山田 太郎', 'می\u200cخواهم']) {
      expect(await create({ username })).toMatchObject({ username });
    }
  });
});

test('a taken username and a bad path are told together', async () => {
  await create({ username: 'together' });
  const { body } = await app.api('POST', USERS, { username: 'ＴOGETHER', name: '', path: '/x' });
  expect(body).toEqual({
    username: ['This field must be unique.'],
    path: ['The path may not begin or end with a slash.'],
  });
});

test('of many who want one username at once exactly one gets it, and none of the others sees an error of ours', async () => {
  const names = Array.from({ length: 16 }, (_, at) => (at % 2 ? 'racer' : 'RACER'));
  const answers = await Promise.all(names.map((username) => app.api('POST', USERS, { username, name: '' })));
  const lost = answers.filter(({ status }) => status !== 201);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  for (const { status, body } of lost) {
    expect(status).toBe(400);
    expect(body).toEqual({ username: ['This field must be unique.'] });
  }
});

test('the type of accounts that the server makes can neither be given nor taken by a client', async () => {
  const refused = await app.api('POST', USERS, { username: 'x', name: '', type: 'internal_service_account' });
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual({ type: [expect.any(String)] });
  const { id, username } = await buildAccount(app.ctx, { type: 'internal_service_account' });
  expect((await app.api('PATCH', detail(id), { type: 'internal' })).status).toBe(400);
  expect((await app.api('PUT', detail(id), { username, name: 'N', type: 'internal_service_account' })).status).toBe(
    200,
  );
});

test('groups are written by their keys and shown whole, unless the caller asks not to', async () => {
  const { body: group } = await app.api('POST', '/api/v3/core/groups/', { name: 'shown', attributes: { g: 1 } });
  const { pk } = await create({ username: 'member', groups: [group.pk] });
  const { body } = await app.api('GET', detail(pk));
  expect(body.groups).toEqual([group.pk]);
  const { pk: key, num_pk, name, is_superuser, attributes } = group;
  expect(body.groups_obj).toEqual([{ pk: key, num_pk, name, is_superuser, attributes }]);
  const query = '?username=member&include_groups=false&include_roles=false';
  const without = (await app.api('GET', `/api/v3/core/users/${query}`)).body.results[0];
  expect([without.groups_obj, without.roles_obj]).toEqual([null, null]);
  expect(without.groups).toEqual([group.pk]);
  expect((await app.api('PATCH', detail(pk), { groups: [] })).body.groups).toEqual([]);
});

test('roles are shown by key and whole', async () => {
  const [role] = await app.ctx.db.query<{ uuid: string }>("insert into roles (name) values ('r') returning uuid");
  const body = await create({ username: 'with-role', roles: [role?.uuid] });
  expect(body.roles).toEqual([role?.uuid]);
  expect(body.roles_obj).toEqual([{ pk: role?.uuid, name: 'r' }]);
  expect(await usernames('roles_by_name=r')).toEqual(['with-role']);
  expect(await usernames(`roles_by_pk=${role?.uuid}`)).toEqual(['with-role']);
});

test('a superuser is who is in such a group, directly or through its parents', async () => {
  const groups = '/api/v3/core/groups/';
  const { body: top } = await app.api('POST', groups, { name: 'top', is_superuser: true });
  const { body: low } = await app.api('POST', groups, { name: 'low', parents: [top.pk] });
  const { pk } = await create({ username: 'inherits', groups: [low.pk] });
  expect((await app.api('GET', detail(pk))).body.is_superuser).toBe(true);
  expect(await usernames('is_superuser=true&username=inherits')).toEqual(['inherits']);
  expect(await usernames('is_superuser=false&username=inherits')).toEqual([]);
  await app.api('PATCH', `${groups}${top.pk}/`, { is_superuser: false });
  expect((await app.api('GET', detail(pk))).body.is_superuser).toBe(false);
});

test('attributes of any content come back as they were', async () => {
  const attributes = { nested: { list: [1, 'two', null, { deep: true }] }, 'key with spaces': '😀' };
  const { pk } = await create({ username: 'attributed', attributes });
  expect((await app.api('GET', detail(pk))).body.attributes).toEqual(attributes);
});

describe('the list', () => {
  beforeAll(async () => {
    const { body: group } = await app.api('POST', '/api/v3/core/groups/', { name: 'filtered' });
    await create({
      username: 'grace',
      name: 'Grace Hopper',
      email: 'grace@navy.example',
      path: 'navy/ships',
      type: 'external',
      attributes: { rank: { navy: 'admiral' }, languages: ['cobol'] },
      groups: [group.pk],
      last_login: '2020-05-05T00:00:00Z',
    });
  });

  test.each([
    ['username=grace', true],
    ['username=GRACE', false],
    ['name=Grace%20Hopper', true],
    ['email=grace@navy.example', true],
    ['is_active=true', true],
    ['is_active=false', false],
    ['path=navy/ships', true],
    ['path=navy', false],
    ['path_startswith=navy', true],
    ['path_startswith=n_vy', false],
    ['type=external', true],
    ['type=internal&type=external', true],
    ['type=internal', false],
    ['groups_by_name=filtered', true],
    ['groups_by_name=other&groups_by_name=filtered', true],
    ['groups_by_name=other', false],
    [`attributes=${encodeURIComponent('{"rank":{"navy":"admiral"}}')}`, true],
    [`attributes=${encodeURIComponent('{"rank":{"navy":"cook"}}')}`, false],
    ['last_login=2020-05-05T00:00:00Z', true],
    ['last_login__lt=2020-05-06T00:00:00Z', true],
    ['last_login__gt=2020-05-06T00:00:00Z', false],
    ['last_login__isnull=true', false],
    ['date_joined__gt=2001-01-01T00:00:00Z', true],
    ['date_joined__lt=2001-01-01T00:00:00Z', false],
    ['last_updated__gt=2001-01-01T00:00:00Z', true],
    ['search=hopper', true],
    ['search=navy.example%20GRACE', true],
    ['search=nobody', false],
    ['uuid=00000000-0000-4000-8000-000000000000', false],
  ])('with ?%s: %s', async (query, found) => {
    expect((await usernames(`${query}&page_size=100`)).includes('grace')).toBe(found);
  });

  test.each([
    ['attributes=banana', { attributes: ['Value must be valid JSON.'] }],
    ['last_login=banana', { last_login: ['Enter a valid date/time.'] }],
    ['type=alien', { type: ['Select a valid choice. alien is not one of the available choices.'] }],
  ])('with ?%s is refused', async (query, faults) => {
    const { status, body } = await app.api('GET', `${USERS}?${query}`);
    expect(status).toBe(400);
    expect(body).toEqual(faults);
  });

  test('is ordered by username, or as asked', async () => {
    const ascending = await usernames('page_size=100');
    expect(ascending).toEqual([...ascending].sort());
    const asked = await usernames('page_size=100&ordering=-username');
    expect(asked).toEqual([...ascending].reverse());
  });
});

describe('me', () => {
  const ME = `${USERS}me/`;

  test('tells a token who it is, with the settings of the groups under its own', async () => {
    const { body: group } = await app.api('POST', '/api/v3/core/groups/', {
      name: 'settled',
      attributes: { settings: { locale: 'en', theme: { base: 'dark' } } },
    });
    const { id, token } = await buildAccount(app.ctx, {
      name: 'Low One',
      groups: [group.pk],
      attributes: { settings: { locale: 'de' } },
    });
    const { status, body } = await app.api('GET', ME, undefined, { token });
    expect(status).toBe(200);
    expect(body.user).toMatchObject({
      pk: id,
      is_superuser: false,
      is_current: false,
      groups: [{ name: 'settled', pk: group.pk }],
      roles: [],
      settings: { locale: 'de', theme: { base: 'dark' } },
      system_permissions: [],
    });
    expect(body.users).toEqual([]);
    expect(body).not.toHaveProperty('original');
  });

  test('refuses nobody', async () => {
    expect((await app.api('GET', ME, undefined, { token: null })).status).toBe(403);
  });
});

describe('of the operations', () => {
  const operations: [string, string, object?][] = [
    ['GET', USERS],
    ['POST', USERS, { username: 'matrix', name: '' }],
    ['GET', detail(1)],
    ['PUT', detail(1), { username: 'akadmin', name: '' }],
    ['PATCH', detail(1), {}],
    ['DELETE', detail(1)],
    ['GET', `${detail(1)}used_by/`],
    ['POST', `${detail(1)}set_password/`, { password: 'x' }],
  ];

  test.each(operations)(
    '%s %s refuses the anonymous and the low, also for themselves (A15)',
    async (method, path, json) => {
      const { id, token } = await buildAccount(app.ctx);
      const anonymous = await app.api(method, path, json, { token: null });
      expect(anonymous.status).toBe(403);
      expect(anonymous.body).toEqual({ detail: 'Authentication credentials were not provided.' });
      for (const url of [path, path.replace('/1/', `/${id}/`)]) {
        const low = await app.api(method, url, json, { token });
        expect(low.status).toBe(403);
        expect(low.body).toEqual({ detail: 'You do not have permission to perform this action.' });
      }
    },
  );

  test('unknown and malformed ids are 404 (46)', async () => {
    expect((await app.api('GET', detail(2_000_000_000))).body).toEqual({ detail: 'No User matches the given query.' });
    expect((await app.api('GET', `${USERS}abc/`)).body).toEqual({ detail: 'Not found.' });
    expect((await app.api('GET', `${USERS}99999999999999999999/`)).status).toBe(404);
    expect((await app.api('DELETE', detail(2_000_000_000))).status).toBe(404);
  });
});

test('who may change users may not change, delete or make superusers without being one', async () => {
  const { body: group } = await app.api('POST', '/api/v3/core/groups/', { name: 'all-powerful', is_superuser: true });
  const verbs = ['view_user', 'add_user', 'change_user', 'delete_user', 'reset_user_password'];
  const permissions = verbs.map((codename) => `authentik_core.${codename}`);
  const { token } = await buildAccount(app.ctx, { permissions });
  const low = await create({ username: 'low-target' });
  const ask = async (method: string, url: string, json?: object) =>
    (await app.api(method, url, json, { token })).status;
  const [admin] = await app.ctx.db.query<{ id: number }>("select id from users where username = 'akadmin'");
  const adminId = admin?.id ?? 0;

  expect(await ask('PATCH', detail(adminId), { email: 'mine@example.org' })).toBe(403);
  expect(await ask('POST', `${detail(adminId)}set_password/`, { password: 'mine' })).toBe(403);
  expect(await ask('DELETE', detail(adminId))).toBe(403);
  expect(await ask('PATCH', detail(low.pk), { groups: [group.pk] })).toBe(403);
  expect(await ask('POST', USERS, { username: 'too-high', name: '', groups: [group.pk] })).toBe(403);
  expect((await app.api('GET', detail(low.pk))).body.groups).toEqual([]);
  expect(await usernames('username=too-high')).toEqual([]);
  expect(await ask('PATCH', detail(low.pk), { name: 'Changed' })).toBe(200);
  expect(await ask('DELETE', detail(low.pk))).toBe(204);
});
