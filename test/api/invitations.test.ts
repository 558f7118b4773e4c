import { beforeEach, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { ENROLLMENT, FLOWS, INVITATIONS, UNKNOWN_ID, USERS } from './urls.ts';

const app = await testApp();
const flow: string = (await app.api('GET', `${FLOWS}${ENROLLMENT}/`)).body.pk;

let url = '';
let made: Record<string, unknown> = {};
beforeEach(async () => {
  const answer = await app.api('POST', INVITATIONS, {
    name: 'first',
    flow,
    single_use: true,
    fixed_data: { name: 'Ann', nested: { list: [1, null, 0.1] } },
    expires: '2099-01-01T00:00:00Z',
  });
  made = answer.body;
  url = `${INVITATIONS}${answer.body.pk}/`;
});

test('a created invitation has the contract’s keys in order and its creator (7)', async () => {
  const answer = await app.api('POST', INVITATIONS, { name: 'test-token', fixed_data: {} });
  expect(answer.status).toBe(201);
  expect(answer.headers['location']).toBeUndefined();
  expect(Object.keys(answer.body)).toEqual([
    'pk',
    'name',
    'expires',
    'fixed_data',
    'created_by',
    'single_use',
    'flow',
    'flow_obj',
  ]);
  const me = (await app.api('GET', `${USERS}me/`)).body.user;
  expect(answer.body).toMatchObject({ expires: null, fixed_data: {}, single_use: false, flow: null, flow_obj: null });
  expect(answer.body.created_by).toMatchObject({ pk: me.pk, username: 'akadmin', uid: me.uid });
  expect(Object.keys(answer.body.created_by)).toEqual([
    'pk',
    'username',
    'name',
    'is_active',
    'last_login',
    'email',
    'attributes',
    'uid',
  ]);
});

test('the answer is compact JSON without a charset, times in UTC without idle fractions', async () => {
  const answer = await app.api('GET', url);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.text).toBe(JSON.stringify(answer.body));
  expect(answer.text).toContain('"expires":"2099-01-01T00:00:00Z"');
});

test('PUT with nothing but the name keeps what is absent (42)', async () => {
  const answer = await app.api('PUT', url, { name: 'second' });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ ...made, name: 'second' });
  expect((await app.api('GET', url)).body).toEqual(answer.body);
});

test('PUT without a name is refused, PATCH with nothing is not (43)', async () => {
  const put = await app.api('PUT', url, {});
  expect([put.status, put.body]).toEqual([400, { name: ['This field is required.'] }]);
  const patch = await app.api('PATCH', url, {});
  expect([patch.status, patch.body]).toEqual([200, made]);
});

test('PUT by somebody else leaves the creator (44)', async () => {
  const bob = await makeAdministrator('bob');
  const answer = await app.api('PUT', url, { name: 'bobs', created_by: bob.pk }, { token: bob.token });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ ...made, name: 'bobs' });
  const own = await app.api('POST', INVITATIONS, { name: 'own' }, { token: bob.token });
  expect(own.body.created_by.username).toBe('bob');
});

test('PUT and PATCH ignore read-only and unknown keys (45, P9, T15)', async () => {
  const ignored = { pk: UNKNOWN_ID, created_by: 4711, flow_obj: { slug: 'x' }, expiring: false, unknown: [1] };
  const put = await app.api('PUT', url, { name: 'first', ...ignored });
  expect([put.status, put.body]).toEqual([200, made]);
  const patch = await app.api('PATCH', url, ignored);
  expect([patch.status, patch.body]).toEqual([200, made]);
});

test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s of what is not there is a 404 in JSON (46)', async (method) => {
  const body = method === 'GET' || method === 'DELETE' ? undefined : { name: 'first' };
  for (const [path, detail] of [
    [`${INVITATIONS}${UNKNOWN_ID}/`, 'No Invitation matches the given query.'],
    [`${INVITATIONS}not-a-uuid/`, 'Not found.'],
    [`${INVITATIONS}a.b/`, 'Not found.'],
    [url.slice(0, -1), 'Not found.'],
  ]) {
    const answer = await app.api(method, String(path), body);
    expect([path, answer.status, answer.body]).toEqual([path, 404, { detail }]);
    expect(answer.headers['content-type']).toBe('application/json');
  }
});

test('an id may be written without dashes and in capitals (1.5)', async () => {
  for (const id of [String(made['pk']).replaceAll('-', ''), String(made['pk']).toUpperCase()]) {
    expect((await app.api('GET', `${INVITATIONS}${id}/`)).body).toEqual(made);
  }
});

test.each([null, ''])('PUT of flow %j takes the invitation off its flow (47)', async (value) => {
  expect(made['flow_obj']).toMatchObject({ pk: flow, slug: ENROLLMENT });
  const answer = await app.api('PUT', url, { name: 'first', flow: value });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ ...made, flow: null, flow_obj: null });
});

test('fixed_data is replaced as a whole', async () => {
  const answer = await app.api('PATCH', url, { fixed_data: { other: true } });
  expect(answer.body.fixed_data).toEqual({ other: true });
});

test('DELETE answers 204 without a body, and then 404 (50)', async () => {
  const answer = await app.api('DELETE', url);
  expect([answer.status, answer.text]).toEqual([204, '']);
  for (const method of ['DELETE', 'GET']) expect((await app.api(method, url)).status).toBe(404);
});

test('nothing uses an invitation, and one that is not there has no used_by', async () => {
  const answer = await app.api('GET', `${url}used_by/`);
  expect([answer.status, answer.body]).toEqual([200, []]);
  expect((await app.api('GET', `${INVITATIONS}${UNKNOWN_ID}/used_by/`)).status).toBe(404);
});

test('duplicate slashes are merged, before the route is found (75)', async () => {
  const twice = url.replace('/api/v3/', '/api/v3//').replace('invitations/', 'invitations///');
  const answer = await app.api('PUT', twice, { name: 'merged' });
  expect([answer.status, answer.body]).toEqual([200, { ...made, name: 'merged' }]);
});

test('an invitation shows the user’s own attributes, and no key of a session or password', async () => {
  const answer = await app.api('GET', url);
  expect(answer.body.created_by).not.toHaveProperty('password');
  expect(answer.body.created_by.attributes).toEqual({});
});

/** Another administrator, with a token. */
async function makeAdministrator(username: string): Promise<{ pk: number; token: string }> {
  const user = (await app.api('POST', USERS, { username, name: username, path: 'users', groups: [] })).body;
  const groups = await app.api('GET', '/api/v3/core/groups/?is_superuser=true');
  await app.api('POST', `/api/v3/core/groups/${groups.body.results[0].pk}/add_user/`, { pk: user.pk });
  const identifier = `${username}-key`;
  await app.api('POST', '/api/v3/core/tokens/', { identifier, intent: 'api', user: user.pk, expiring: false });
  const key = await app.api('GET', `/api/v3/core/tokens/${identifier}/view_key/`);
  return { pk: user.pk, token: key.body.key };
}
