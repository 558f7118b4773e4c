import { beforeAll, describe, expect, test } from 'vitest';
import { examineUsers } from '../../src/core/operation/diagnosis.ts';
import { runStartSteps } from '../../src/server.ts';
import { ADMIN_PASSWORD, ADMIN_TOKEN, testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Jar } from '../jar.ts';
import { DENIED, ENROLLMENT, PASSWORD, enrol, loseSuperusers, signIn, unique } from './builders.ts';

const SETUP = 'initial-setup';
const ME = '/api/v3/core/users/me/';
const ANSWER = { email: 'root@example.com', password: PASSWORD, password_repeat: PASSWORD };

type Started = { app: TestApp; lines: readonly { label: string; text: string }[] };

/** A first start without bootstrap variables. */
async function firstStart(): Promise<Started> {
  const app = await testApp({ bare: true });
  return { app, lines: await runStartSteps({ ctx: app.ctx }, 'http://localhost') };
}

const queryOf = ({ lines }: Started, word: string): string =>
  lines
    .map(({ text }) => text)
    .find((text) => text.includes(word))
    ?.split('?')[1] ?? '';

const whoIs = async (jar: Jar): Promise<unknown> => (await jar.get(ME)).body.user;

test('T14 the invitation that a first start prints has a secret link where all are to have one', async () => {
  const app = await testApp({ bare: true, env: { VESTIBULE_SECRET_LINKS: 'true' } });
  const query = queryOf({ app, lines: await runStartSteps({ ctx: app.ctx }, 'http://localhost') }, ENROLLMENT);
  expect(query).toMatch(/^itoken=[0-9a-f-]{36}&secret=\w{32}$/);
  expect((await app.jar().open(ENROLLMENT, query.split('&')[0])).body.component).toBe(DENIED);
  expect((await app.jar().open(ENROLLMENT, query)).body.component).toBe('ak-stage-prompt');
});

describe('the set-up link', () => {
  let started: Started;
  let query: string;
  beforeAll(async () => {
    started = await firstStart();
    query = queryOf(started, SETUP);
  });

  test('is printed at the first start beside an invitation, and never again', async () => {
    expect(query).toMatch(/^flow_token=[\w-]{40,}$/);
    expect(queryOf(started, ENROLLMENT)).toMatch(/^itoken=[0-9a-f-]{36}$/);
    expect(await runStartSteps({ ctx: started.app.ctx }, 'http://localhost')).toEqual([]);
    const logged = JSON.stringify(started.app.logged);
    expect(logged).not.toContain(query.slice('flow_token='.length));
    const [found] = await examineUsers.examine(started.app.ctx);
    expect(found).toContain('"vestibule user set-password <username>", or open the set-up link');
  });

  test('A07: nothing else opens the set-up, and before it nobody is the administrator by a password', async () => {
    const { app } = started;
    for (const wrong of ['', 'flow_token=', 'flow_token=x', query.slice(0, -1)]) {
      expect((await app.jar().open(SETUP, wrong)).body.component).toBe(DENIED);
    }
    for (const password of ['', 'akadmin', 'password']) {
      const answer = await signIn(app.jar(), 'akadmin', password);
      expect(answer.body.component).not.toBe('xak-flow-redirect');
    }
  });

  test('opened by a scanner it is not burnt', async () => {
    const { app } = started;
    for (let round = 0; round < 5; round += 1) {
      expect((await app.jar().get(`/if/flow/${SETUP}/?${query}`)).status).toBe(200);
      await app.jar().ask('HEAD', `/if/flow/${SETUP}/?${query}`);
    }
    expect((await app.jar().open(SETUP, query)).body.component).toBe('ak-stage-prompt');
  });

  test('A07: of two set-ups at once one wins; then the link is worth nothing, whatever becomes of akadmin', async () => {
    const { app } = started;
    const [one, two] = [app.jar(), app.jar()];
    await one.open(SETUP, query);
    await two.open(SETUP, query);
    const answers = await Promise.all([one.answer(SETUP, ANSWER, query), two.answer(SETUP, ANSWER, query)]);
    expect(answers.map(({ body }) => body.component).toSorted()).toEqual([DENIED, 'xak-flow-redirect']);
    const signedIn = [await whoIs(one), await whoIs(two)].filter((user) => user !== undefined);
    expect(signedIn).toEqual([expect.objectContaining({ username: 'akadmin', is_superuser: true })]);
    expect(await examineUsers.examine(app.ctx)).toEqual([]);
    const again = await app.jar().open(SETUP, query);
    expect([again.body.component, again.body.error_message]).toEqual([DENIED, 'The set-up is done already.']);
    const page = await app.jar().get(`/if/flow/${SETUP}/?${query}`, { headers: { 'accept-language': 'de' } });
    expect(page.text).toContain('Die Einrichtung ist abgeschlossen');
    expect(page.text).toContain('/flows/-/default/authentication/');
    // Nobody else learns whether it is done.
    const guess = await app.jar().open(SETUP, 'flow_token=guessed');
    expect(guess.body.error_message).toBe('Flow does not apply to current user.');

    const admin = app.jar();
    expect((await signIn(admin, 'akadmin', PASSWORD)).body.to).toBe('/');
    await loseSuperusers(app, `delete from users where username = 'akadmin'`);
    expect(await runStartSteps({ ctx: app.ctx }, 'http://localhost')).toEqual([]);
    expect((await app.jar().open(SETUP, query)).body.component).toBe(DENIED);
    expect((await app.ctx.db.query(`select 1 from users where username = 'akadmin'`)).length).toBe(0);
  });
});

test('A07: a browser that had opened the set-up before it was done does not finish a second one', async () => {
  const started = await firstStart();
  const { app } = started;
  const query = queryOf(started, SETUP);
  const [late, early] = [app.jar(), app.jar()];
  await late.open(SETUP, query);
  await early.open(SETUP, query);
  expect((await early.answer(SETUP, ANSWER, query)).body.to).toBe('/');
  const intruder = { ...ANSWER, password: 'another password', password_repeat: 'another password' };
  expect((await late.answer(SETUP, intruder, query)).body.component).toBe(DENIED);
  expect(await whoIs(late)).toBeUndefined();
  expect((await signIn(app.jar(), 'akadmin', PASSWORD)).body.to).toBe('/');
});

test('the printed invitation is for one person', async () => {
  const started = await firstStart();
  const arrival = { slug: ENROLLMENT, query: queryOf(started, ENROLLMENT) };
  expect((await enrol(started.app.jar(), arrival, unique('first'))).body.to).toBe('/');
  expect((await started.app.jar().open(ENROLLMENT, arrival.query)).body.component).toBe(DENIED);
});

describe('bootstrap variables', () => {
  test('make akadmin a superuser with that password, address and token, and leave no set-up open', async () => {
    const app = await testApp();
    const jar = app.jar();
    expect((await signIn(jar, 'akadmin', ADMIN_PASSWORD)).body.to).toBe('/');
    expect((await jar.get(ME)).body.user).toMatchObject({
      username: 'akadmin',
      email: 'admin@example.org',
      is_superuser: true,
    });
    const groups = (await app.api('GET', '/api/v3/core/groups/?is_superuser=true')).body.results;
    expect(groups.map((group: { name: string }) => group.name)).toEqual(['authentik Admins']);
    expect((await app.api('GET', ME, undefined, { token: ADMIN_TOKEN })).status).toBe(200);
    expect(await app.ctx.db.query('select 1 from flow_token')).toEqual([]);
    expect((await app.jar().open(SETUP)).body.component).toBe(DENIED);
  });

  test('count at the first start only', async () => {
    const app = await testApp({ env: { VESTIBULE_BOOTSTRAP_PASSWORD: 'changed afterwards' } });
    expect(await runStartSteps({ ctx: app.ctx }, 'http://localhost')).toEqual([]);
    expect((await signIn(app.jar(), 'akadmin', ADMIN_PASSWORD)).body.to).toBe('/');
    expect((await signIn(app.jar(), 'akadmin', 'changed afterwards')).body.component).not.toBe('xak-flow-redirect');
  });
});
