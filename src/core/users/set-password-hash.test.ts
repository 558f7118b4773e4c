import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { ADMIN_PASSWORD, testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount, buildSession } from '../tokens/builders.ts';
import { checkPassword } from './password-check.ts';
import { findPasswordHash } from './store.ts';

const USERS = '/api/v3/core/users/';
const PASSWORD = 'brought from elsewhere';
const SIGN_IN = 'default-authentication-flow';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const set = (id: number, password: unknown, token?: string) =>
  app.api('POST', `${USERS}${id}/set_password_hash/`, { password }, token === undefined ? {} : { token });
const verdict = async (id: number, password: string) => (await checkPassword(app.ctx, id, password)).ok;
const isSignedIn = async (cookie: string) =>
  (await app.api('GET', `${USERS}me/`, undefined, { token: null, headers: { cookie } })).status === 200;

const pbkdf2 = (digest: 'sha256' | 'sha1', rounds = 1000) =>
  `pbkdf2_${digest}$${rounds}$aSalt$${pbkdf2Sync(PASSWORD, 'aSalt', rounds, digest === 'sha1' ? 20 : 32, digest).toString('base64')}`;
const scrypt = () =>
  `scrypt$1024$aSalt$8$1$${scryptSync(PASSWORD, 'aSalt', 64, { N: 1024, r: 8, p: 1 }).toString('base64')}`;

/** Somebody with a password of their own. */
async function person(): Promise<number> {
  return (await buildAccount(app.ctx, { passwordHash: await app.ctx.passwords.hash('the old one') })).id;
}

test.each([
  ['argon2', () => app.ctx.passwords.hash(PASSWORD)],
  ['argon2 without the name before it', async () => (await app.ctx.passwords.hash(PASSWORD)).slice('argon2'.length)],
  ['pbkdf2_sha256', () => pbkdf2('sha256')],
  ['pbkdf2_sha1', () => pbkdf2('sha1')],
  ['scrypt', scrypt],
])('the password of a hash of %s signs in, and the one before no longer', async (_format, hash) => {
  const id = await person();
  const { status, text } = await set(id, await hash());
  expect([status, text]).toEqual([204, '']);
  expect([await verdict(id, PASSWORD), await verdict(id, 'the old one')]).toEqual([true, false]);
});

test('whoever signs in by a hash from elsewhere has one of ours afterwards', async () => {
  const { id, username } = await buildAccount(app.ctx);
  await set(id, pbkdf2('sha256'));
  const jar = app.jar();
  await jar.open(SIGN_IN);
  await jar.answer(SIGN_IN, { uid_field: username });
  expect((await jar.answer(SIGN_IN, { password: PASSWORD })).body.component).toBe('xak-flow-redirect');
  expect(await findPasswordHash(app.ctx.db, id)).toMatch(/^argon2\$argon2id\$/);
});

const UNKNOWN = expect.stringContaining('Not a password hash that can be checked here');

test.each([
  ['none', undefined, 'This field is required.'],
  ['null', null, 'This field may not be null.'],
  ['an empty text', '', 'This field may not be blank.'],
  ['a password', 'correct horse battery staple', UNKNOWN],
  ['an unusable one', '!', UNKNOWN],
  ['an unusable one with more', '!abcdefgh', UNKNOWN],
  ['one of a system that nobody knows here', 'bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuv', UNKNOWN],
  ['a plain digest', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', UNKNOWN],
  ['half an argon2', 'argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ', UNKNOWN],
  ['a pbkdf2 whose end is missing', pbkdf2('sha256').slice(0, -6), UNKNOWN],
  ['a pbkdf2 with a line after it', `${pbkdf2('sha256')}\n`, UNKNOWN],
  ['a pbkdf2 that would take minutes', pbkdf2('sha256').replace('$1000$', '$99000000$'), UNKNOWN],
  ['a scrypt beyond the memory', scrypt().replace('$1024$', '$16777216$'), UNKNOWN],
  [
    'one that is too long',
    `pbkdf2_sha256$1000$${'s'.repeat(1024)}$x`,
    'Ensure this field has no more than 1024 characters.',
  ],
])('instead of a hash %s is refused, the old password and the session stay', async (_what, hash, message) => {
  const id = await person();
  const { cookie } = await buildSession(app.ctx, id);
  const { status, body } = await set(id, hash);
  expect([status, body]).toEqual([400, { password: [message] }]);
  expect([await verdict(id, 'the old one'), await isSignedIn(cookie)]).toEqual([true, true]);
});

test("it ends the user's sessions and keeps their tokens (E09)", async () => {
  const { id, token } = await buildAccount(app.ctx);
  const { cookie } = await buildSession(app.ctx, id);
  await set(id, pbkdf2('sha256'));
  expect(await isSignedIn(cookie)).toBe(false);
  expect((await app.api('GET', `${USERS}me/`, undefined, { token })).status).toBe(200);
});

test('nobody sets the hash of an account that can do more than they (A23)', async () => {
  const { token } = await buildAccount(app.ctx, {
    permissions: ['authentik_core.view_user', 'authentik_core.reset_user_password'],
  });
  const admin = (await app.api('GET', `${USERS}?username=akadmin`)).body.results[0].pk;
  expect((await set(admin, pbkdf2('sha256'), token)).status).toBe(403);
  expect(await verdict(admin, ADMIN_PASSWORD)).toBe(true);
  expect((await set(await person(), pbkdf2('sha256'), token)).status).toBe(204);
});

test('it is written down who set it, and the hash is nowhere', async () => {
  const id = await person();
  const hash = pbkdf2('sha256');
  await set(id, hash);
  const events = await app.ctx.db.query<{ user_data: { username: string } }>(
    "select user_data, context from event where action = 'password_set' and context -> 'user' ->> 'pk' = $1",
    [String(id)],
  );
  expect(events.map(({ user_data }) => user_data.username)).toEqual(['akadmin']);
  const secret = hash.split('$').at(-1) ?? hash;
  const { body } = await app.api('GET', `${USERS}${id}/`);
  expect(JSON.stringify([events, app.logged, body])).not.toContain(secret);
});
