import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause } from '../../src/kernel/db/embedded/processes.ts';
import { Jar } from '../jar.ts';
import { administrator } from '../processes/administrator.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';

// What one process changes, every other obeys within a second (A17, A18). A request counts by the moment it is sent, so
// a slow machine makes no difference.
const LIMIT = 1_100;
const PATIENCE = 5_000;
const PASSWORD = 'correct horse battery staple';
const GROUPS = '/api/v3/core/groups/';
const SIGN_IN = 'default-authentication-flow';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(2);
});
afterAll(() => fleet?.close());

/** What changes things goes to the first process, who is affected asks the second. */
const change = (...request: [string, string, unknown?]) => fleet.admin.ask(...request);
const other = () => fleet.servers[1]?.send ?? fleet.roundRobin(1);

async function make(path: string, body: object) {
  return (await fleet.admin.expect(201, 'POST', path, body)).body;
}

let made = 0;
const unique = (prefix: string): string => `${prefix}-${(made += 1)}`;

type Person = {
  readonly id: number;
  readonly username: string;
  readonly token: string;
  /** The status of a request with the token, and of one from the browser that is signed in. */
  byToken(path: string): Promise<number>;
  bySession(path: string): Promise<number>;
};

/** Somebody with a token, and signed in at the second process. */
async function person(fields: object = {}, tokenFields: object = {}): Promise<Person> {
  const username = unique('person');
  const { pk: id } = await make('/api/v3/core/users/', { username, name: username, path: 'users', ...fields });
  await fleet.admin.expect(204, 'POST', `/api/v3/core/users/${id}/set_password/`, { password: PASSWORD });
  const token = `token-of-${username}`;
  await make('/api/v3/core/tokens/', { identifier: token, intent: 'api', user: id, ...tokenFields });
  const { key } = (await fleet.admin.expect(200, 'GET', `/api/v3/core/tokens/${token}/view_key/`)).body;
  const jar = new Jar((request) => other()(request));
  await jar.open(SIGN_IN);
  await jar.answer(SIGN_IN, { uid_field: username });
  await jar.answer(SIGN_IN, { password: PASSWORD });
  const { ask: withToken } = administrator(other, key);
  return {
    id,
    username,
    token,
    byToken: async (path) => (await withToken('GET', path)).status,
    bySession: async (path) => (await jar.ask('GET', path)).status,
  };
}

/** A role that may see groups, or what is said. */
async function role(permissions = ['authentik_core.view_group'], on: object = {}): Promise<string> {
  const { pk } = await make('/api/v3/rbac/roles/', { name: unique('role') });
  const path = `/api/v3/rbac/permissions/assigned_by_roles/${pk}/assign/`;
  await fleet.admin.expect(200, 'POST', path, { permissions, ...on });
  return pk;
}

const group = async (body: object): Promise<string> => (await make(GROUPS, { name: unique('group'), ...body })).pk;

type Ask = () => Promise<number>;

/**
 * How long the second process went on letting somebody in: milliseconds from the answer to the change to the sending of
 * the last request that was let in. It is asked right before, so that it remembers as freshly as it can, and all the
 * time, so that asking does not renew that. `from` milliseconds after `act` the change is in force.
 */
async function graceOf(asks: readonly Ask[], act: () => Promise<{ status: number }>, from = 0): Promise<number> {
  for (const ask of asks) expect(await ask()).toBe(200);
  const { status } = await act();
  expect(status).toBeLessThan(300);
  const start = performance.now() + from;
  const graces = await Promise.all(asks.map((ask) => lastAccepted(ask, start)));
  return Math.max(...graces);
}

async function lastAccepted(ask: Ask, start: number): Promise<number> {
  let last = 0;
  while (last < PATIENCE) {
    const sent = performance.now() - start;
    const status = await ask();
    if (status === 403) break;
    expect(status).toBe(200);
    last = sent;
    await pause(15);
  }
  return last;
}

const ME = '/api/v3/core/users/me/';
// The token last: it is the one that is remembered.
const onBoth = ({ byToken, bySession }: Person, path: string): Ask[] => [() => bySession(path), () => byToken(path)];

test('a deleted token opens nothing in another process a second later (A17)', async () => {
  const { token, byToken } = await person();
  expect(await graceOf([() => byToken(ME)], () => change('DELETE', `/api/v3/core/tokens/${token}/`))).toBeLessThan(
    LIMIT,
  );
});

test('sessions that were ended in bulk open nothing in another process a second later (A17)', async () => {
  const people = [await person(), await person()];
  const query = people.map(({ id }) => `user_pks=${id}`).join('&');
  const grace = await graceOf(
    people.map(
      ({ bySession }) =>
        () =>
          bySession(ME),
    ),
    () => change('DELETE', `/api/v3/core/authenticated_sessions/bulk_delete/?${query}`),
  );
  expect(grace).toBeLessThan(LIMIT);
});

test('a token whose key was replaced opens nothing in another process a second later (A17)', async () => {
  const { token, byToken } = await person();
  const path = `/api/v3/core/tokens/${token}/set_key/`;
  expect(
    await graceOf([() => byToken(ME)], () => change('POST', path, { key: 'another-key-of-enough-characters' })),
  ).toBeLessThan(LIMIT);
});

test('a token that is given another end opens nothing in another process a second later', async () => {
  const { token, byToken } = await person();
  const past = { expires: '2001-01-01T00:00:00Z', expiring: true };
  expect(await graceOf([() => byToken(ME)], () => change('PATCH', `/api/v3/core/tokens/${token}/`, past))).toBeLessThan(
    LIMIT,
  );
});

test('a token opens nothing a second after its time is over', async () => {
  const { token, byToken } = await person();
  const [row] = await fleet.db.query<{ left: number }>(
    `update token set expires = now() + interval '1500 milliseconds', expiring = true where identifier = $1
     returning extract(epoch from expires - clock_timestamp())::float8 * 1000 as left`,
    [token],
  );
  expect(await graceOf([() => byToken(ME)], async () => ({ status: 200 }), row?.left ?? 0)).toBeLessThan(LIMIT);
});

test('a user who was deactivated is nobody in another process a second later (A18)', async () => {
  const one = await person();
  expect(
    await graceOf(onBoth(one, ME), () => change('PATCH', `/api/v3/core/users/${one.id}/`, { is_active: false })),
  ).toBeLessThan(LIMIT);
});

test('a user who was deleted is nobody in another process a second later (A18)', async () => {
  const one = await person();
  expect(await graceOf(onBoth(one, ME), () => change('DELETE', `/api/v3/core/users/${one.id}/`))).toBeLessThan(LIMIT);
});

test('a role that was taken gives nothing in another process a second later', async () => {
  const pk = await role();
  const one = await person({ roles: [pk] });
  expect(
    await graceOf(onBoth(one, GROUPS), () => change('POST', `/api/v3/rbac/roles/${pk}/remove_user/`, { pk: one.id })),
  ).toBeLessThan(LIMIT);
});

test('a role that was deleted gives nothing in another process a second later', async () => {
  const pk = await role();
  const one = await person({ roles: [pk] });
  expect(await graceOf(onBoth(one, GROUPS), () => change('DELETE', `/api/v3/rbac/roles/${pk}/`))).toBeLessThan(LIMIT);
});

test('a group that was left gives nothing in another process a second later', async () => {
  const one = await person();
  const pk = await group({ roles: [await role()], users: [one.id] });
  expect(
    await graceOf(onBoth(one, GROUPS), () => change('POST', `${GROUPS}${pk}/remove_user/`, { pk: one.id })),
  ).toBeLessThan(LIMIT);
});

test('a group whose role or parent was taken gives nothing in another process a second later', async () => {
  const [one, two] = [await person(), await person()];
  const above = await group({ roles: [await role()] });
  const below = await group({ parents: [above], users: [one.id] });
  const beside = await group({ roles: [await role()], users: [two.id] });
  expect(await graceOf(onBoth(one, GROUPS), () => change('PATCH', `${GROUPS}${below}/`, { parents: [] }))).toBeLessThan(
    LIMIT,
  );
  expect(await graceOf(onBoth(two, GROUPS), () => change('PATCH', `${GROUPS}${beside}/`, { roles: [] }))).toBeLessThan(
    LIMIT,
  );
});

test('a group that is no longer one of superusers makes none in another process a second later', async () => {
  const one = await person();
  const pk = await group({ is_superuser: true, users: [one.id] });
  expect(
    await graceOf(onBoth(one, GROUPS), () => change('PATCH', `${GROUPS}${pk}/`, { is_superuser: false })),
  ).toBeLessThan(LIMIT);
});

test('a permission that was taken from a role gives nothing in another process a second later', async () => {
  const pk = await role();
  const one = await person({ roles: [pk] });
  const path = `/api/v3/rbac/permissions/assigned_by_roles/${pk}/unassign/`;
  const body = { permissions: ['authentik_core.view_group'] };
  expect(await graceOf(onBoth(one, GROUPS), () => change('PATCH', path, body))).toBeLessThan(LIMIT);
});

test('a permission on one object that was taken gives nothing in another process a second later', async () => {
  const object = await group({});
  const on = { model: 'authentik_core.group', object_pk: object };
  const pk = await role(['authentik_core.view_group'], on);
  const one = await person({ roles: [pk] });
  const path = `/api/v3/rbac/permissions/assigned_by_roles/${pk}/unassign/`;
  const body = { permissions: ['authentik_core.view_group'], ...on };
  expect(await graceOf(onBoth(one, `${GROUPS}${object}/`), () => change('PATCH', path, body))).toBeLessThan(LIMIT);
});

test('a session that was deleted is nobody in another process a second later (A17)', async () => {
  const { username, bySession } = await person();
  const sessions = '/api/v3/core/authenticated_sessions/';
  const { body } = await fleet.admin.expect(200, 'GET', `${sessions}?user__username=${username}`);
  expect(body.results).toHaveLength(1);
  expect(
    await graceOf([() => bySession(ME)], () => change('DELETE', `${sessions}${body.results[0].uuid}/`)),
  ).toBeLessThan(LIMIT);
});

test('another password ends the sessions of another process within a second', async () => {
  const { id, bySession } = await person();
  const path = `/api/v3/core/users/${id}/set_password/`;
  expect(
    await graceOf([() => bySession(ME)], () => change('POST', path, { password: 'another long password' })),
  ).toBeLessThan(LIMIT);
});
