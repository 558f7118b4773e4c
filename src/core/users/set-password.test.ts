import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount, buildSession } from '../tokens/builders.ts';
import { checkPassword } from './password-check.ts';

const USERS = '/api/v3/core/users/';

let app: TestApp;

beforeAll(async () => {
  app = await testApp();
});

const set = (id: number, password: unknown) => app.api('POST', `${USERS}${id}/set_password/`, { password });
const verdict = async (id: number, password: string) => (await checkPassword(app.ctx, id, password)).ok;
const isSignedIn = async (cookie: string) =>
  (await app.api('GET', `${USERS}me/`, undefined, { token: null, headers: { cookie } })).status === 200;

test('a password that was set signs in, the one before no longer, and the date says so', async () => {
  const { id } = await buildAccount(app.ctx, { passwordHash: await app.ctx.passwords.hash('the old one') });
  const before = (await app.api('GET', `${USERS}${id}/`)).body.password_change_date;
  const { status, text } = await set(id, 'the new one');
  expect([status, text]).toEqual([204, '']);
  expect([await verdict(id, 'the old one'), await verdict(id, 'the new one')]).toEqual([false, true]);
  expect((await app.api('GET', `${USERS}${id}/`)).body.password_change_date > before).toBe(true);
});

test("a set password ends the user's sessions and leaves tokens and other people alone (E09)", async () => {
  const [target, other] = [await buildAccount(app.ctx), await buildAccount(app.ctx)];
  const [first, second] = [await buildSession(app.ctx, target.id), await buildSession(app.ctx, target.id)];
  const stranger = await buildSession(app.ctx, other.id);
  expect([await isSignedIn(first.cookie), await isSignedIn(second.cookie)]).toEqual([true, true]);
  await set(target.id, 'a new one');
  expect([await isSignedIn(first.cookie), await isSignedIn(second.cookie)]).toEqual([false, false]);
  expect(await isSignedIn(stranger.cookie)).toBe(true);
  expect((await app.api('GET', `${USERS}me/`, undefined, { token: target.token })).status).toBe(200);
});

test('an administrator who sets their own password keeps the session that they ask with, and no other (E09)', async () => {
  const { body } = await app.api('GET', '/api/v3/core/groups/?is_superuser=true');
  const { id } = await buildAccount(app.ctx, { groups: [body.results[0].pk] });
  const [asking, elsewhere] = [await buildSession(app.ctx, id), await buildSession(app.ctx, id)];
  const headers = { cookie: asking.cookie, 'x-authentik-csrf': asking.csrf };
  const answer = await app.api('POST', `${USERS}${id}/set_password/`, { password: 'mine' }, { token: null, headers });
  expect(answer.status).toBe(204);
  expect([await isSignedIn(asking.cookie), await isSignedIn(elsewhere.cookie)]).toEqual([true, false]);
});

test.each([
  [undefined, 'This field is required.'],
  [null, 'This field may not be null.'],
  ['', 'This field may not be blank.'],
  ['x'.repeat(1025), 'Ensure this field has no more than 1024 characters.'],
  ['😀'.repeat(600), 'Ensure this field has no more than 1024 characters.'],
])('a password %j is refused and the old one stays', async (password, message) => {
  const { id } = await buildAccount(app.ctx, { passwordHash: await app.ctx.passwords.hash('the old one') });
  const { status, body } = await set(id, password);
  expect(status).toBe(400);
  expect(body).toEqual({ password: [message] });
  expect(await verdict(id, 'the old one')).toBe(true);
});

test('it is written down who set it, and the password is nowhere', async () => {
  const { id } = await buildAccount(app.ctx);
  await set(id, 'never-written-down');
  const events = await app.ctx.db.query<{ user_data: { username: string } }>(
    "select user_data, context from event where action = 'password_set' and context -> 'user' ->> 'pk' = $1",
    [String(id)],
  );
  expect(events.map(({ user_data }) => user_data.username)).toEqual(['akadmin']);
  expect(JSON.stringify([events, app.logged])).not.toContain('never-written-down');
});
