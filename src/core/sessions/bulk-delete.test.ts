import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount, buildSession } from '../tokens/builders.ts';

const SESSIONS = '/api/v3/core/authenticated_sessions/';
const BULK = `${SESSIONS}bulk_delete/`;
const ME = '/api/v3/core/users/me/';
const VIEW = 'authentik_core.view_authenticatedsession';
const DELETE = 'authentik_core.delete_authenticatedsession';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const queryOf = (users: readonly (number | string)[]) => users.map((user) => `user_pks=${user}`).join('&');
const end = (users: readonly (number | string)[], token?: string) =>
  app.api('DELETE', `${BULK}?${queryOf(users)}`, undefined, token === undefined ? {} : { token });
const isSignedIn = async ({ cookie }: { cookie: string }) =>
  (await app.api('GET', ME, undefined, { token: null, headers: { cookie } })).status === 200;

/** A person who is signed in that many times. */
async function signedIn(times: number) {
  const { id } = await buildAccount(app.ctx);
  const sessions: { cookie: string; csrf: string }[] = [];
  while (sessions.length < times) sessions.push(await buildSession(app.ctx, id));
  return { id, sessions };
}

async function uuidsOf(user: number): Promise<string[]> {
  const text = 'select session_uuid as uuid from session where user_id = $1';
  return (await app.ctx.db.query<{ uuid: string }>(text, [user])).map(({ uuid }) => uuid);
}

type Told = { user: string; about: string; diff: number | null };
const toldOf = (user: number) =>
  app.ctx.db.query<Told>(
    `select username as user, model_name as about, (context #> '{diff,user,previous_value}')::integer as diff from event
      where action = 'model_deleted' and model_name = 'authenticatedsession'
        and (context #> '{diff,user,previous_value}')::integer = $1`,
    [user],
  );

test("all sessions of several users are ended, counted and told of, and nobody else's (A17)", async () => {
  const [first, second, other] = [await signedIn(2), await signedIn(1), await signedIn(1)];
  const { status, body } = await end([first.id, second.id]);
  expect([status, body]).toEqual([200, { deleted: 3 }]);
  for (const session of [...first.sessions, ...second.sessions]) expect(await isSignedIn(session)).toBe(false);
  expect(await isSignedIn(other.sessions[0] ?? { cookie: '' })).toBe(true);
  const told = { user: 'akadmin', about: 'authenticatedsession' };
  expect(await toldOf(first.id)).toEqual([
    { ...told, diff: first.id },
    { ...told, diff: first.id },
  ]);
  expect(await toldOf(second.id)).toEqual([{ ...told, diff: second.id }]);
  expect(await toldOf(other.id)).toEqual([]);
});

test('users who are not there, named twice or without a session add nothing to the count', async () => {
  const [present, nobody] = [await signedIn(1), await buildAccount(app.ctx)];
  expect((await end([2_000_000_000, nobody.id, present.id, present.id])).body).toEqual({ deleted: 1 });
  expect((await end([present.id])).body).toEqual({ deleted: 0 });
});

test('a session whose time is over is not counted', async () => {
  const { id } = await signedIn(2);
  const text = `update session set expires = now() - interval '1 second' where session_uuid = $1`;
  await app.ctx.db.query(text, [(await uuidsOf(id))[0] ?? '']);
  expect((await end([id])).body).toEqual({ deleted: 1 });
});

test('a session in which one of the users acts as somebody else ends with theirs (A17)', async () => {
  const [actor, other] = [await signedIn(1), await signedIn(1)];
  const text = 'update session set user_id = $2, impersonator_id = $1 where user_id = $1';
  await app.ctx.db.query(text, [actor.id, other.id]);
  expect((await end([actor.id])).body).toEqual({ deleted: 1 });
  expect(await uuidsOf(other.id)).toHaveLength(1);
});

test('who may delete single sessions ends those and leaves the rest of the same user alone', async () => {
  const { id } = await signedIn(3);
  const [both = '', seen = '', unseen = ''] = await uuidsOf(id);
  const { token } = await buildAccount(app.ctx, {
    objects: [
      [VIEW, both],
      [DELETE, both],
      [VIEW, seen],
      [DELETE, unseen],
    ],
  });
  const { status, body } = await end([id], token);
  expect([status, body]).toEqual([200, { deleted: 1 }]);
  expect((await uuidsOf(id)).toSorted()).toEqual([seen, unseen].toSorted());
});

test('who may view every session and delete one ends that one', async () => {
  const { id } = await signedIn(2);
  const [mine = '', other = ''] = await uuidsOf(id);
  const { token } = await buildAccount(app.ctx, { permissions: [VIEW], objects: [[DELETE, mine]] });
  expect((await end([id], token)).body).toEqual({ deleted: 1 });
  expect(await uuidsOf(id)).toEqual([other]);
});

test.each([
  ['nothing', []],
  ['only seeing them', [VIEW]],
  ['only deleting them', [DELETE]],
])('who is granted %s ends no session, not even their own', async (_what, permissions) => {
  const { id, token } = await buildAccount(app.ctx, { permissions });
  const own = await buildSession(app.ctx, id);
  const { status, body } = await end([id], token);
  expect([status, body]).toEqual([403, { detail: 'You do not have permission to perform this action.' }]);
  expect(await isSignedIn(own)).toBe(true);
});

test('who asks from a session without its CSRF token ends nothing', async () => {
  const { id } = await buildAccount(app.ctx, { permissions: [VIEW, DELETE] });
  const own = await buildSession(app.ctx, id);
  const ask = (headers: Record<string, string>) =>
    app.api('DELETE', `${BULK}?user_pks=${id}`, undefined, { token: null, headers });
  expect((await ask({ cookie: own.cookie })).status).toBe(403);
  expect(await isSignedIn(own)).toBe(true);
  expect((await ask({ cookie: own.cookie, 'x-authentik-csrf': own.csrf })).body).toEqual({ deleted: 1 });
  expect(await isSignedIn(own)).toBe(false);
});

test.each([
  ['no user', '', { user_pks: ['This field is required.'] }],
  ['an empty one', '?user_pks=', { user_pks: { 0: ['A valid integer is required.'] } }],
  ['a list with commas', '?user_pks=ID,ID', { user_pks: { 0: ['A valid integer is required.'] } }],
  ['a word after a user', '?user_pks=ID&user_pks=all', { user_pks: { 1: ['A valid integer is required.'] } }],
  ['half a user', '?user_pks=ID&user_pks=1.5', { user_pks: { 1: ['A valid integer is required.'] } }],
  [
    'a number that is none of a user',
    '?user_pks=ID&user_pks=2147483648',
    { user_pks: { 1: ['Ensure this value is less than or equal to 2147483647.'] } },
  ],
  [
    'more than a thousand',
    `?user_pks=ID&${'user_pks=1&'.repeat(1000)}`,
    { user_pks: ['Ensure this field has no more than 1000 elements.'] },
  ],
])('a query with %s is refused in words and ends nothing', async (_what, query, expected) => {
  const { id, sessions } = await signedIn(1);
  const { status, body } = await app.api('DELETE', `${BULK}${query.replaceAll('ID', String(id))}`);
  expect([status, body]).toEqual([400, expected]);
  expect(await isSignedIn(sessions[0] ?? { cookie: '' })).toBe(true);
});

test('a thousand users are ended by one request', async () => {
  const [first, last] = [await signedIn(1), await signedIn(1)];
  const others = Array.from({ length: 998 }, (_, at) => 1_000_000_000 + at);
  expect((await end([first.id, ...others, last.id])).body).toEqual({ deleted: 2 });
});

test('the place of the operation takes no other method', async () => {
  const { status, headers } = await app.api('GET', BULK);
  expect([status, headers['allow']]).toEqual([405, 'DELETE, OPTIONS']);
});

test('of several requests at once for the same users each session is counted by one (A17)', async () => {
  const [first, second] = [await signedIn(8), await signedIn(8)];
  const orders = [
    [first.id, second.id],
    [second.id, first.id],
  ];
  const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => end(orders[at % 2] ?? [])));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(answers.reduce((sum, { body }) => sum + body.deleted, 0)).toBe(16);
  expect([...(await toldOf(first.id)), ...(await toldOf(second.id))]).toHaveLength(16);
});
