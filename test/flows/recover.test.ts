import { beforeAll, describe, expect, test } from 'vitest';
import { recoverCommand } from '../../src/core/setup/recover.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Jar } from '../jar.ts';
import { DENIED, PASSWORD, loseSuperusers, signIn, unique } from './builders.ts';

const SLUG = 'account-recovery';
const ANSWER = { password: PASSWORD, password_repeat: PASSWORD };
const OVER = 'This link has been used, has expired, or a newer one took its place.';

let app: TestApp;
beforeAll(async () => {
  app = await testApp({ env: { VESTIBULE_PUBLIC_URL: 'https://id.example.org' } });
});

type Recovered = { readonly json: Record<string, unknown>; readonly text: string; readonly query: string };

async function recover(username: string, options: Record<string, boolean> = {}): Promise<Recovered> {
  const scope = { ctx: app.ctx, arguments: [username], options, progress: () => undefined };
  const { json: result, text } = await recoverCommand.run(scope);
  const json: Record<string, unknown> = JSON.parse(JSON.stringify(result));
  return { json, text, query: String(json['link']).split('?')[1] ?? '' };
}

/** Somebody with a password that nobody knows. */
async function person(more: Record<string, unknown> = {}): Promise<{ pk: number; username: string }> {
  const username = unique('lost');
  const { body } = await app.api('POST', '/api/v3/core/users/', { username, name: username, ...more });
  return { pk: body.pk, username };
}

const me = async (jar: Jar): Promise<unknown> => (await jar.get('/api/v3/core/users/me/')).body.user;
const userOf = async (pk: number) => (await app.api('GET', `/api/v3/core/users/${pk}/`)).body;
const finish = async (query: string, answer = ANSWER): Promise<{ jar: Jar; body: Record<string, unknown> }> => {
  const jar = app.jar();
  await jar.open(SLUG, query);
  return { jar, body: (await jar.answer(SLUG, answer, query)).body };
};

async function lastEvent(): Promise<unknown> {
  const [row] = await app.ctx.db.query<{ context: unknown }>(
    `select context from event where app = 'vestibule.cli' order by created desc limit 1`,
  );
  return row?.context;
}

describe('the link of "user recover"', () => {
  test('gives its user a new password and signs them in, once', async () => {
    const { pk, username } = await person();
    const { json, query } = await recover(username);
    expect(json).toMatchObject({ pk, username, activated: false, superuser_by_group: null });
    expect(json['link']).toMatch(/^https:\/\/id\.example\.org\/if\/flow\/account-recovery\/\?flow_token=\w{60}$/);
    const { jar, body } = await finish(query);
    expect(body['component']).toBe('xak-flow-redirect');
    expect(await me(jar)).toMatchObject({ pk, is_superuser: false });
    expect((await signIn(app.jar(), username, PASSWORD)).body.to).toBe('/');
    expect((await app.jar().open(SLUG, query)).body).toMatchObject({ component: DENIED, error_message: OVER });
  });

  test('T04: is not used up by a scanner that opens it, and signs nobody in without a password', async () => {
    const { pk, username } = await person();
    const { query } = await recover(username);
    for (let round = 0; round < 3; round += 1) {
      const scanner = app.jar();
      expect((await scanner.get(`/if/flow/${SLUG}/?${query}`)).status).toBe(200);
      await scanner.ask('HEAD', `/if/flow/${SLUG}/?${query}`);
      expect((await scanner.answer(SLUG, {}, query)).body.component).toBe('ak-stage-prompt');
      expect(await me(scanner)).toBeUndefined();
    }
    expect(await me((await finish(query)).jar)).toMatchObject({ pk });
  });

  test('of two who use it at once one gets in', async () => {
    const { username } = await person();
    const { query } = await recover(username);
    const two = [app.jar(), app.jar()];
    for (const jar of two) await jar.open(SLUG, query);
    const answers = await Promise.all(two.map((jar) => jar.answer(SLUG, ANSWER, query)));
    expect(answers.map(({ body }) => body.component).toSorted()).toEqual([DENIED, 'xak-flow-redirect']);
  });

  test('T19: is over half an hour after it was printed, also for a browser that had opened it', async () => {
    const { username } = await person();
    const { query } = await recover(username);
    const late = app.jar();
    await late.open(SLUG, query);
    const [token] = await app.ctx.db.query<{ left: number }>(
      `select extract(epoch from max(expires) - now())::int as left from flow_token
       where identifier like 'account-recovery:%'`,
    );
    expect(token?.left).toBeGreaterThan(1700);
    expect(token?.left).toBeLessThanOrEqual(1800);
    await app.ctx.db.query('update flow_token set expires = clock_timestamp()');
    expect((await late.answer(SLUG, ANSWER, query)).body).toMatchObject({ component: DENIED, error_message: OVER });
    expect((await app.jar().open(SLUG, query)).body.error_message).toBe(OVER);
  });

  test('T19, E04: is over with a newer one, with another password, and with the account', async () => {
    const { pk, username } = await person();
    const older = await recover(username);
    const newer = await recover(username);
    expect((await finish(older.query)).body['component']).toBe(DENIED);
    const jar = app.jar();
    await jar.open(SLUG, newer.query);
    await app.api('POST', `/api/v3/core/users/${pk}/set_password/`, { password: 'chosen by somebody else' });
    expect((await jar.answer(SLUG, ANSWER, newer.query)).body.component).toBe(DENIED);
    expect((await signIn(app.jar(), username, PASSWORD)).body.component).not.toBe('xak-flow-redirect');

    const last = await recover(username);
    const waiting = app.jar();
    await waiting.open(SLUG, last.query);
    await app.api('PATCH', `/api/v3/core/users/${pk}/`, { is_active: false });
    expect((await waiting.answer(SLUG, ANSWER, last.query)).body.component).toBe(DENIED);
    expect((await app.jar().open(SLUG, last.query)).body.component).toBe(DENIED);
  });

  test('A05: is of no use in another flow, and the flow of none without it', async () => {
    const { username } = await person();
    const { query } = await recover(username);
    expect((await app.jar().open('initial-setup', query)).body.component).toBe(DENIED);
    for (const wrong of ['', 'flow_token=x', query.slice(0, -1)]) {
      expect((await app.jar().open(SLUG, wrong)).body.component).toBe(DENIED);
    }
  });

  test('is stored as a fingerprint only, and neither logged nor told by the event', async () => {
    const { username } = await person();
    const { query } = await recover(username);
    await finish(query);
    const key = query.slice('flow_token='.length);
    const rows = await app.ctx.db.query<{ text: string }>(
      `select coalesce((select string_agg(t::text, '') from flow_token t), '')
         || coalesce((select string_agg(e::text, '') from event e), '') as text`,
    );
    expect(JSON.stringify([rows, app.logged])).not.toContain(key);
    expect(key).toHaveLength(60);
  });
});

describe('what the account may do', () => {
  test('a deactivated account is refused, and with --activate it is active again, told by an event', async () => {
    const { pk, username } = await person({ is_active: false });
    await expect(recover(username)).rejects.toThrow('--activate');
    expect((await userOf(pk)).is_active).toBe(false);
    const { query, text } = await recover(username, { activate: true });
    expect(text).toContain(`${username} is active again.`);
    expect(await userOf(pk)).toMatchObject({ is_active: true, is_superuser: false });
    expect(await lastEvent()).toMatchObject({ user: { pk, username }, activated: true, superuser_by_group: null });
    expect(await me((await finish(query)).jar)).toMatchObject({ pk });
  });

  test('with --superuser it joins a group of superusers', async () => {
    const { pk, username } = await person();
    const { json } = await recover(username, { superuser: true });
    expect(json['superuser_by_group']).toBe('authentik Admins');
    expect((await userOf(pk)).is_superuser).toBe(true);
    expect(await lastEvent()).toMatchObject({ user: { pk }, superuser_by_group: 'authentik Admins' });
    expect((await recover(username, { superuser: true })).json['superuser_by_group']).toBeNull();
  });

  test('where no group makes superusers any more, a new one does, and nobody else gains by it', async () => {
    const { pk, username } = await person();
    await loseSuperusers(app, 'update groups set is_superuser = false');
    const { json } = await recover(username, { superuser: true });
    expect(json['superuser_by_group']).toBe('Recovered administrators');
    const rows = await app.ctx.db.query<{ id: number }>('select id from users where user_is_superuser(id)');
    expect(rows.map(({ id }) => id)).toEqual([pk]);
    await loseSuperusers(app, `update groups set is_superuser = name = 'authentik Admins'`);
  });

  test('without the flow no link is made, and another way is named', async () => {
    const { pk, username } = await person({ is_active: false });
    await app.ctx.db.query(`update flow set slug = 'moved' where slug = $1`, [SLUG]);
    const { json, text } = await recover(username, { activate: true });
    await app.ctx.db.query(`update flow set slug = $1 where slug = 'moved'`, [SLUG]);
    expect(json['link']).toBeNull();
    expect(text).toContain(`"vestibule user set-password ${username}"`);
    expect((await userOf(pk)).is_active).toBe(true);
  });

  test('nobody is found by a name that nobody has', async () => {
    await expect(recover('nobody-here')).rejects.toThrow('There is no user nobody-here.');
  });
});
