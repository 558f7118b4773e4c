import { createHash, pbkdf2Sync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../../test/app.ts';
import type { TestApp } from '../../../../test/app.ts';
import { buildFlow, buildStage, create } from '../prompt/builders.ts';

let app: TestApp;
let made = 0;
beforeAll(async () => {
  app = await testApp();
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const DENIED = 'ak-stage-access-denied';
const WRONG = { password: [{ string: 'Invalid password', code: 'invalid' }] };
const BACKENDS = ['authentik.core.auth.InbuiltBackend'];
const PASSWORD = 'a password of some length';

async function buildUser(body: Readonly<Record<string, unknown>> = {}): Promise<{ pk: string; username: string }> {
  made += 1;
  const username = `person-${made}`;
  const pk = await create(app, '/core/users/', { username, name: username, path: 'users', ...body });
  expect((await app.api('POST', `/api/v3/core/users/${pk}/set_password/`, { password: PASSWORD })).status).toBe(204);
  return { pk, username };
}

/** Identification, then this password stage. */
async function login(settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const identify = await buildStage(app, '/stages/identification/', { user_fields: ['username', 'email'] });
  const password = await buildStage(app, '/stages/password/', { backends: BACKENDS, ...settings });
  return buildFlow(app, [identify, password], { designation: 'authentication' });
}

async function begin(slug: string, uid_field: string) {
  const jar = app.jar();
  await jar.open(slug);
  return { jar, shown: await jar.answer(slug, { uid_field }) };
}

describe('the form', () => {
  test('names the person as they named themselves', async () => {
    const { username } = await buildUser();
    const { shown } = await begin(await login({ allow_show_password: true }), username);
    expect(shown.body).toMatchObject({
      component: 'ak-stage-password',
      pending_user: username,
      allow_show_password: true,
    });
    expect(shown.body).not.toHaveProperty('recovery_url');
  });

  test('links to the recovery flow with the query string of the page', async () => {
    const { username } = await buildUser();
    const recovery = await buildFlow(app, [], { designation: 'recovery' });
    const slug = await login();
    const jar = app.jar();
    await jar.open(slug, 'next=/x');
    const { body } = await jar.answer(slug, { uid_field: username }, 'next=/x');
    expect(body.recovery_url).toBe(`/if/flow/${recovery}/?next=%2Fx`);
  });

  test('somebody must be meant', async () => {
    const password = await buildStage(app, '/stages/password/', { backends: BACKENDS });
    expect((await app.jar().open(await buildFlow(app, [password]))).body.component).toBe(DENIED);
  });
});

describe('the answer', () => {
  test('the right password passes, also with the spaces that forms cut off', async () => {
    const { username } = await buildUser();
    const slug = await login();
    for (const password of [PASSWORD, ` ${PASSWORD} `]) {
      const { jar } = await begin(slug, username);
      expect((await jar.answer(slug, { password })).body).toEqual(DONE);
    }
  });

  test('a wrong one shows the form again and leaves an event', async () => {
    const { username } = await buildUser();
    const slug = await login();
    const { jar } = await begin(slug, username);
    const { status, body, text } = await jar.answer(slug, { password: 'wrong-canary' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ component: 'ak-stage-password', response_errors: WRONG });
    expect(text).not.toContain('canary');
    const rows = await app.ctx.db.query<{ context: unknown }>(
      `select context from event where action = 'login_failed' and context ->> 'username' = $1`,
      [username],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect((await jar.answer(slug, { password: PASSWORD })).body).toEqual(DONE);
  });

  test.each([
    [{}, 'required'],
    [{ password: '' }, 'blank'],
    [{ password: null }, 'null'],
    [{ password: [PASSWORD] }, 'invalid'],
    [{ uid_field: 'x' }, 'required'],
  ])('A10: %j does not pass (%s)', async (reply, code) => {
    const { username } = await buildUser();
    const slug = await login();
    const { jar } = await begin(slug, username);
    const { body } = await jar.answer(slug, reply);
    expect(body.response_errors.password.map((error: { code: string }) => error.code)).toEqual([code]);
  });

  test('the attempts are limited', async () => {
    const { username } = await buildUser();
    const slug = await login({ failed_attempts_before_cancel: 2 });
    const { jar } = await begin(slug, username);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      expect((await jar.answer(slug, { password: 'wrong' })).body.response_errors).toEqual(WRONG);
    }
    expect((await jar.answer(slug, { password: 'wrong' })).body.component).toBe(DENIED);
    expect((await jar.open(slug)).body.component).toBe('ak-stage-identification');
  });

  test('A18: an inactive user fails with the right password as with a wrong one', async () => {
    const { username } = await buildUser({ is_active: false });
    const slug = await login();
    const { jar } = await begin(slug, username);
    expect((await jar.answer(slug, { password: PASSWORD })).body.response_errors).toEqual(WRONG);
  });

  test('A06: an unknown user gets the same pages as a known one with a wrong password', async () => {
    const { username } = await buildUser();
    const slug = await login();
    const pages = async (name: string): Promise<string[]> => {
      const { jar, shown } = await begin(slug, name);
      const wrong = await jar.answer(slug, { password: PASSWORD.toUpperCase() });
      const neutral = (text: string): string =>
        text.replaceAll(name, 'NAME').replace(/"pending_user_avatar":"[^"]*"/, '');
      return [neutral(shown.text), neutral(wrong.text)];
    };
    expect(await pages(`n${'o'.repeat(username.length - 1)}`)).toEqual(await pages(username));
  });

  test('without the inbuilt backend nobody passes', async () => {
    const { username } = await buildUser();
    const slug = await login({ backends: ['authentik.core.auth.TokenBackend'] });
    const { jar } = await begin(slug, username);
    expect((await jar.answer(slug, { password: PASSWORD })).body.response_errors).toEqual(WRONG);
  });
});

describe('old hashes', () => {
  const find = async (pk: string): Promise<string | undefined> => {
    const rows = await app.ctx.db.query<{ password: string }>('select password from users where id = $1', [pk]);
    return rows[0]?.password;
  };

  test("a hash of Django's is replaced at the login, and the new one matches", async () => {
    const { pk, username } = await buildUser();
    const salt = createHash('sha256').update(username).digest('hex').slice(0, 22);
    const key = pbkdf2Sync(PASSWORD, salt, 1000, 32, 'sha256').toString('base64');
    const old = `pbkdf2_sha256$1000$${salt}$${key}`;
    await app.ctx.db.query('update users set password = $2 where id = $1', [pk, old]);
    const slug = await login();
    for (const expected of [/^argon2\$argon2id\$/, /^argon2\$argon2id\$/]) {
      const { jar } = await begin(slug, username);
      expect((await jar.answer(slug, { password: PASSWORD })).body).toEqual(DONE);
      expect(await find(pk)).toMatch(expected);
    }
  });
});
