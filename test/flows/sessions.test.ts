import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import type { Jar } from '../jar.ts';
import {
  ENROLLMENT,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  dummyStage,
  enrol,
  events,
  findUser,
  giveDetails,
  invite,
  signIn,
  toDetails,
  unique,
} from './builders.ts';

const SESSION = 'authentik_session';
const CSRF = 'authentik_csrf';
const ME = '/api/v3/core/users/me/';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

/** Somebody who was invited and is signed in. */
async function person(): Promise<{ jar: Jar; username: string; pk: number }> {
  const [jar, username] = [app.jar(), unique('person')];
  await enrol(jar, { slug: ENROLLMENT, query: (await invite(app)).query }, username);
  return { jar, username, pk: Number((await findUser(app, username))?.['pk']) };
}

const whoIs = async (jar: Jar): Promise<string | undefined> => (await jar.get(ME)).body.user?.username;
const claims = (cookie = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(cookie.split('.')[1] ?? '', 'base64url').toString());
const withCookie = (value = ''): Jar => {
  const jar = app.jar();
  jar.plant(SESSION, value);
  return jar;
};

describe('the session cookie', () => {
  test('says what the contract says, before and after the login', async () => {
    const jar = app.jar();
    const first = await jar.ask('GET', executorUrl('default-authentication-flow'));
    const lines = [first.headers['set-cookie'] ?? []].flat().map(String);
    expect(lines.find((line) => line.startsWith(`${SESSION}=`))).toMatch(/; HttpOnly; Path=\/; SameSite=Lax$/);
    expect(claims(jar.cookie(SESSION))).toEqual({
      sid: expect.any(String),
      iss: 'authentik',
      sub: 'anonymous',
      authenticated: false,
      acr: 'goauthentik.io/core/default',
    });
    const { jar: later } = await person();
    expect(claims(later.cookie(SESSION))).toMatchObject({
      authenticated: true,
      sub: expect.stringMatching(/^\w{20,}$/),
    });
  });

  test('A43: broken, forged or of another key is an anonymous visitor', async () => {
    const { jar } = await person();
    const [header, payload, signature] = (jar.cookie(SESSION) ?? '').split('.');
    const admin = Buffer.from(JSON.stringify({ ...claims(jar.cookie(SESSION)), sub: 'x' })).toString('base64url');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const broken = [
      '',
      '..',
      'a.b.c',
      `${header}.${payload}`,
      `${header}.${admin}.${signature}`,
      `${none}.${payload}.`,
    ];
    for (const value of [...broken, `${header}.${payload}.${signature}x`, 'x'.repeat(3000)]) {
      const answer = await withCookie(value).get(ME);
      expect(answer.status).toBe(403);
      expect((await withCookie(value).open('default-authentication-flow')).status).toBe(200);
    }
  });

  test('is not in the database', async () => {
    const { jar, pk } = await person();
    const rows = await app.ctx.db.query('select * from session where user_id = $1', [pk]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(String(claims(jar.cookie(SESSION))['sid']));
  });
});

describe('E21, T16: session fixation', () => {
  test('the key changes at an enrollment and at a login, and the old one is nobody', async () => {
    const query = (await invite(app)).query;
    const [jar, username] = [app.jar(), unique('fixed')];
    await toDetails(jar, { slug: ENROLLMENT, query }, username);
    const before = jar.cookie(SESSION);
    await giveDetails(jar, { slug: ENROLLMENT, query });
    expect(claims(jar.cookie(SESSION))['sid']).not.toBe(claims(before)['sid']);
    expect(await whoIs(jar)).toBe(username);
    expect(await whoIs(withCookie(before))).toBeUndefined();

    const again = app.jar();
    await again.open('default-authentication-flow');
    const [session, csrf] = [again.cookie(SESSION), again.cookie(CSRF)];
    await signIn(again, username, PASSWORD);
    expect([again.cookie(SESSION), again.cookie(CSRF)]).not.toContain(session);
    expect(again.cookie(CSRF)).not.toBe(csrf);
    expect(await whoIs(withCookie(session))).toBeUndefined();
  });

  test('the jar that an attacker planted stays anonymous when its victim signs in', async () => {
    const { username } = await person();
    const attacker = app.jar();
    await attacker.open('default-authentication-flow');
    const victim = withCookie(attacker.cookie(SESSION));
    expect((await signIn(victim, username, PASSWORD)).body.to).toBe('/');
    expect(await whoIs(victim)).toBe(username);
    expect(await whoIs(attacker)).toBeUndefined();
  });

  test('a planted jar that was signed in as the attacker does not become the victim’s for the attacker', async () => {
    const [attacker, victim] = [await person(), await person()];
    const planted = withCookie(attacker.jar.cookie(SESSION));
    await planted.get('/if/flow/default-invalidation-flow/');
    await signIn(planted, victim.username, PASSWORD);
    expect(await whoIs(planted)).toBe(victim.username);
    expect(await whoIs(attacker.jar)).toBeUndefined();
  });
});

describe('T16: CSRF', () => {
  test('an answer to the executor in a signed-in session needs its token', async () => {
    const { jar } = await person();
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    await jar.open(slug);
    for (const token of ['', 'wrong', (await person()).jar.cookie(CSRF) ?? '']) {
      const answer = await jar.ask('POST', executorUrl(slug), { json: {}, headers: { 'x-authentik-csrf': token } });
      expect(answer.status).toBe(403);
    }
    expect((await jar.open(slug)).body.component).toBe('ak-stage-dummy');
    expect((await jar.ask('POST', executorUrl(slug), { json: {} })).status).toBe(302);
  });

  test('an anonymous answer needs none', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    const jar = app.jar();
    await jar.open(slug);
    const headers = { 'x-authentik-csrf': '' };
    expect((await jar.ask('POST', executorUrl(slug), { json: {}, headers })).status).toBe(302);
  });

  test('a form of a signed-in visitor needs it as well', async () => {
    const { jar } = await person();
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    await jar.get(`/if/flow/${slug}/`);
    expect((await jar.form(`/if/flow/${slug}/`, {})).status).toBe(403);
    expect((await jar.form(`/if/flow/${slug}/`, { csrf: 'wrong' })).status).toBe(403);
    const answer = await jar.form(`/if/flow/${slug}/`, { csrf: jar.cookie(CSRF) ?? '' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Somebody');
  });
});

describe('a user who is', () => {
  test('A18, T25: deactivated is not recognised on the next request', async () => {
    const { jar, pk, username } = await person();
    expect(await whoIs(jar)).toBe(username);
    await app.api('PATCH', `/api/v3/core/users/${pk}/`, { is_active: false });
    expect((await jar.get(ME)).status).toBe(403);
    expect((await jar.get('/if/user/')).text).not.toContain('Somebody');
    expect((await signIn(app.jar(), username, PASSWORD)).body.component).not.toBe('xak-flow-redirect');
  });

  test('T25: made inactive in the last step has no session', async () => {
    const form = await buildPromptStage(app, { username: { type: 'username' } });
    const write = await buildStage(app, '/stages/user_write/', {
      user_creation_mode: 'always_create',
      create_users_as_inactive: true,
    });
    const { slug } = await buildFlow(app, [form, write, await buildStage(app, '/stages/user_login/')]);
    const jar = app.jar();
    await jar.open(slug);
    const username = unique('inactive');
    await jar.answer(slug, { username });
    expect(await findUser(app, username)).toMatchObject({ is_active: false });
    expect((await jar.get(ME)).status).toBe(403);
  });

  test('deleted is not recognised on the next request', async () => {
    const { jar, pk } = await person();
    await app.api('DELETE', `/api/v3/core/users/${pk}/`);
    expect((await jar.get(ME)).status).toBe(403);
  });
});

describe('signing out', () => {
  test('ends the login, changes the key and tells of it', async () => {
    const { jar, username } = await person();
    const before = jar.cookie(SESSION);
    const logouts = (await events(app, 'logout')).length;
    const answer = await jar.get('/flows/-/default/invalidation/');
    expect(answer.status).toBe(200);
    expect(await whoIs(jar)).toBeUndefined();
    expect(await whoIs(withCookie(before))).toBeUndefined();
    expect(await events(app, 'logout')).toHaveLength(logouts + 1);
    expect((await signIn(jar, username, PASSWORD)).body.to).toBe('/');
  });

  test('of one browser leaves the others signed in', async () => {
    const { jar, username } = await person();
    const other = app.jar();
    await signIn(other, username, PASSWORD);
    await jar.get('/flows/-/default/invalidation/');
    expect(await whoIs(other)).toBe(username);
  });

  test('T16: is not done by a page of another site', async () => {
    const { jar, username } = await person();
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await jar.ask('GET', '/if/flow/default-invalidation-flow/', { headers })).status).toBe(403);
    expect(await whoIs(jar)).toBe(username);
  });
});

describe('a login that', () => {
  async function loginFlow(settings: Record<string, unknown>): Promise<string> {
    const identify = await buildStage(app, '/stages/identification/', { user_fields: ['username'] });
    const stages = [identify, await buildStage(app, '/stages/user_login/', settings)];
    // In an enrollment nobody is signed in who has only said a name (T09).
    const { slug } = await buildFlow(app, stages, { designation: 'authentication' });
    return slug;
  }

  test('ends the user’s other sessions ends those alone', async () => {
    const [own, other] = [await person(), await person()];
    const slug = await loginFlow({ terminate_other_sessions: true });
    const jar = app.jar();
    await jar.open(slug);
    await jar.answer(slug, { uid_field: own.username });
    expect([await whoIs(jar), await whoIs(own.jar), await whoIs(other.jar)]).toEqual([
      own.username,
      undefined,
      other.username,
    ]);
  });

  test('has a duration gives it to cookie and session', async () => {
    const { username, pk } = await person();
    const slug = await loginFlow({ session_duration: 'hours=2' });
    const jar = app.jar();
    await jar.open(slug);
    await jar.ask('POST', executorUrl(slug), { json: { uid_field: username } });
    const answer = await jar.ask('GET', executorUrl(slug));
    expect(String(answer.headers['set-cookie'])).toContain('Max-Age=7200');
    const text = `select extract(epoch from expires - now())::integer as left from session where user_id = $1 order by expires limit 1`;
    const [row] = await app.ctx.db.query<{ left: number }>(text, [pk]);
    expect(row?.left).toBeGreaterThan(7100);
    expect(row?.left).toBeLessThanOrEqual(7200);
  });
});
