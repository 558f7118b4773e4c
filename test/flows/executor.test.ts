import { beforeAll, describe, expect, test } from 'vitest';
import { pendingUserIdentifier, promptData } from '../../src/core/flows/index.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import {
  DENIED,
  ENROLLMENT,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  credentials,
  dummyStage,
  enrol,
  events,
  failing,
  invite,
  passing,
  planIn,
  probeStages,
  signIn,
  testPolicies,
  toDetails,
  unique,
} from './builders.ts';

const policies = testPolicies();
const probes = probeStages();
let app: TestApp;
beforeAll(async () => {
  app = await testApp({ provides: [policies.contribution, probes.contribution] });
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const identification = (): Promise<string> =>
  buildStage(app, '/stages/identification/', { user_fields: ['username'], pretend_user_exists: false });

describe('a walk', () => {
  test('(22, 23) an empty flow goes to /, whatever next stands on the executor’s own URL', async () => {
    const { slug } = await buildFlow(app, []);
    expect((await app.jar().open(slug)).body).toEqual(DONE);
    expect((await app.jar().get(`${executorUrl(slug)}?next=/x`)).body).toEqual(DONE);
  });

  test('(24) of two stages: an answer leads to the same URL, the last one to the end', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app), await dummyStage(app)]);
    const jar = app.jar();
    expect((await jar.ask('GET', executorUrl(slug))).status).toBe(200);
    const first = await jar.ask('POST', executorUrl(slug), { json: {} });
    expect([first.status, first.headers['location']]).toEqual([302, executorUrl(slug)]);
    expect((await planIn(app, jar))?.bindings).toHaveLength(1);
    const second = await jar.ask('POST', executorUrl(slug), { json: {} });
    expect(second.status).toBe(302);
    expect((await jar.ask('GET', executorUrl(slug))).body).toEqual(DONE);
    expect(await planIn(app, jar)).toBeUndefined();
  });

  test.each(['typed name', "$& $' %(app)s"])(
    '(29) the user shown is the identifier that was typed: %s',
    async (typed) => {
      const name = await probes.build(app, ({ plan }) => plan.set(pendingUserIdentifier, typed));
      const deny = await buildStage(app, '/stages/deny/', { deny_message: 'no' });
      const { slug } = await buildFlow(app, [name, deny], { title: 'Hello %(user)s' });
      const { body } = await app.jar().open(slug);
      expect(body).toMatchObject({ component: DENIED, pending_user: typed, error_message: 'no' });
      expect(body.flow_info.title).toBe(`Hello ${typed}`);
    },
  );

  test('(30) after a wrong identifier a restart that keeps the context reaches the deny stage', async () => {
    const deny = await buildStage(app, '/stages/deny/', { deny_message: 'bad reputation' });
    const identify = { stage: await identification(), invalid_response_action: 'restart_with_context' };
    const flow = await buildFlow(app, [deny, identify]);
    const attempts = { failed: false };
    const target = flow.bindings[0]?.policybindingmodel_ptr_id ?? '';
    await policies.bind(app, target, () => (attempts.failed ? passing() : failing()));
    const jar = app.jar();
    expect((await jar.open(flow.slug)).body.component).toBe('ak-stage-identification');
    attempts.failed = true;
    const { body } = await jar.answer(flow.slug, { uid_field: 'nobody' });
    expect(body).toMatchObject({ component: DENIED, error_message: 'bad reputation' });
  });

  test('(31) the identification of a sign-in says what it asks', async () => {
    const { slug } = await buildFlow(app, [await identification()], { designation: 'authentication' });
    const { flow_info: info, ...body } = (await app.jar().open(slug)).body;
    expect(info.title).toBe(slug);
    expect(body).toEqual({
      component: 'ak-stage-identification',
      allow_show_password: false,
      captcha_stage: null,
      enable_remember_me: false,
      flow_designation: 'authentication',
      passkey_challenge: null,
      password_fields: false,
      primary_action: 'Log in',
      sources: [],
      show_source_labels: false,
      pending_user_identifier: null,
      user_fields: ['username'],
    });
  });

  test('(35) every answer of a stage carries component, cancel_url and a title', async () => {
    const form = await buildPromptStage(app, { one: {} });
    const stages = [await dummyStage(app), form, await identification(), await buildStage(app, '/stages/deny/')];
    const { slug } = await buildFlow(app, stages);
    const jar = app.jar();
    let answer = await jar.open(slug);
    for (const reply of [{}, { one: '' }, { one: 'x' }, { uid_field: 'nobody' }, { uid_field: 'akadmin' }]) {
      expect(answer.status).toBe(200);
      expect(answer.body.component).toMatch(/^ak-stage-/);
      expect(answer.body.flow_info).toMatchObject({ cancel_url: '/flows/-/cancel/', title: slug });
      answer = await jar.answer(slug, reply);
    }
    expect(answer.body).toMatchObject({ component: DENIED, error_message: 'Unknown error' });
  });

  test('(84), D13: another spelling of the same query is still a next stage', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app), await dummyStage(app)]);
    for (const query of ['a%3Db', 'a=b', '%61%3d%62', 'a%3Db&x', 'a%3Db%2520+']) {
      const jar = app.jar();
      const url = `${executorUrl(slug)}?query=${query}`;
      await jar.ask('GET', url);
      const answer = await jar.ask('POST', url, { json: {} });
      expect(answer.status).toBe(302);
      const again = new URL(String(answer.headers['location']), 'http://localhost');
      expect(again.pathname).toBe(executorUrl(slug));
      expect(again.searchParams.get('query')).toBe(new URL(url, 'http://localhost').searchParams.get('query'));
    }
  });
});

describe('an invalid answer', () => {
  async function restarting(invalid_response_action: string) {
    const stage = { stage: await buildPromptStage(app, { word: {} }), invalid_response_action };
    const { slug } = await buildFlow(app, [await buildPromptStage(app, { first: {} }), stage]);
    const jar = app.jar();
    await jar.open(slug);
    await jar.answer(slug, { first: 'x' });
    const answer = await jar.answer(slug, { word: '' });
    return { slug, jar, answer };
  }

  test('retry: shows the challenge again with the errors', async () => {
    const { answer } = await restarting('retry');
    expect(answer.body.fields[0].field_key).toBe('word');
    expect(answer.body.response_errors.word[0].code).toBe('blank');
  });

  test('restart: begins again and forgets what was gathered', async () => {
    const { answer, jar } = await restarting('restart');
    expect(answer.body.fields[0].field_key).toBe('first');
    expect((await planIn(app, jar))?.context).toEqual({});
  });

  test('restart_with_context: begins again and keeps what was gathered', async () => {
    const { answer, jar } = await restarting('restart_with_context');
    expect(answer.body.fields[0]).toMatchObject({ field_key: 'first', initial_value: 'x' });
    expect((await planIn(app, jar))?.context).toMatchObject({ prompt_data: { first: 'x' } });
  });

  test('A10: an empty, a foreign or a wrongly typed one advances nothing', async () => {
    const { slug } = await buildFlow(app, [await buildPromptStage(app, { word: {} }), await dummyStage(app)]);
    const jar = app.jar();
    await jar.open(slug);
    for (const reply of [{}, { component: 'ak-stage-dummy' }, { word: { a: 1 } }, { word: null }, { word: [] }]) {
      expect((await jar.answer(slug, reply)).body.component).toBe('ak-stage-prompt');
    }
  });

  test('(62) two passwords that differ are told across the fields', async () => {
    const jar = app.jar();
    const { query } = await invite(app);
    await jar.open(ENROLLMENT, query);
    const { body } = await jar.answer(ENROLLMENT, { ...credentials('differs'), password_repeat: 'another' }, query);
    expect(body.component).toBe('ak-stage-prompt');
    expect(body.response_errors.non_field_errors).toEqual([{ string: "Passwords don't match.", code: 'invalid' }]);
  });

  test('(63) a username that exists is told at the field', async () => {
    const { query } = await invite(app);
    const { body } = await toDetails(app.jar(), { slug: ENROLLMENT, query }, 'akadmin');
    expect(body.response_errors.username[0].string).toBe('Username is already taken.');
  });
});

describe('a denial', () => {
  test.each(['restart', 'restart_with_context'])('that restarts for ever (%s) ends', async (action) => {
    const stage = { stage: await buildStage(app, '/stages/deny/'), invalid_response_action: action };
    const silent = await probes.build(app, () => undefined);
    const { slug } = await buildFlow(app, [silent, stage]);
    const jar = app.jar();
    let answer = await jar.ask('GET', executorUrl(slug));
    for (let asked = 1; answer.status === 302; asked += 1) {
      expect(asked).toBeLessThan(50);
      answer = await jar.ask('GET', executorUrl(slug));
    }
    expect(answer.body.component).toBe(DENIED);
    expect((await app.jar().get(`/if/flow/${slug}/`)).status).toBe(200);
  });

  test('cancels the plan: the next request starts from scratch', async () => {
    const deny = await buildStage(app, '/stages/deny/');
    const { slug } = await buildFlow(app, [await dummyStage(app), deny]);
    const jar = app.jar();
    await jar.open(slug);
    expect((await jar.answer(slug, {})).body.component).toBe(DENIED);
    expect(await planIn(app, jar)).toBeUndefined();
    expect((await jar.open(slug)).body.component).toBe('ak-stage-dummy');
  });
});

describe('requests', () => {
  test('(82), D11: malformed, of the wrong type or method, or for an unknown flow, are told in JSON', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    const url = executorUrl(slug);
    const jar = app.jar();
    await jar.open(slug);
    const cases = [
      [400, await jar.ask('POST', url, { payload: '{"a":' })],
      [415, await jar.ask('POST', url, { payload: 'a=b', type: 'text/plain' })],
      [405, await jar.ask('PUT', url, { json: {} })],
      [404, await jar.ask('GET', executorUrl('no-such-flow'))],
      [404, await jar.ask('POST', executorUrl('no-such-flow'), { json: {} })],
    ] as const;
    for (const [status, answer] of cases) {
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({ detail: expect.any(String) });
    }
    expect((await jar.ask('POST', url, { json: [] })).status).toBe(400);
    expect((await jar.open(slug)).body.component).toBe('ak-stage-dummy');
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://localhost', 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[])('(83), D12, T16: %j is refused and advances nothing', async (headers) => {
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    const jar = app.jar();
    await jar.open(slug);
    for (const url of [executorUrl(slug), `/if/flow/${slug}/`]) {
      const type = url.startsWith('/api') ? 'application/json' : 'application/x-www-form-urlencoded';
      const answer = await jar.ask('POST', url, { headers, payload: url.startsWith('/api') ? '{}' : 'a=b', type });
      expect(answer.status).toBe(403);
    }
    expect((await jar.open(slug)).body.component).toBe('ak-stage-dummy');
  });

  test.each([{}, { origin: 'http://localhost' }, { 'sec-fetch-site': 'same-origin' }] as Record<string, string>[])(
    '(83) %j is accepted',
    async (headers) => {
      const { slug } = await buildFlow(app, [await dummyStage(app)]);
      const jar = app.jar();
      await jar.open(slug);
      expect((await jar.follow('POST', executorUrl(slug), { headers, json: {} })).body).toEqual(DONE);
    },
  );

  test('(86), D15: no query is an empty query, and a Bearer token counts for nothing', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    const jar = app.jar();
    await jar.get(executorUrl(slug));
    expect((await jar.ask('POST', `${executorUrl(slug)}?query=`, { json: {} })).status).toBe(302);
    const { slug: guarded } = await buildFlow(app, [], { authentication: 'require_superuser' });
    const { body } = await app.api('GET', executorUrl(guarded));
    expect(body).toMatchObject({ component: DENIED, error_message: 'Flow does not apply to current user.' });
  });

  test('an error in a stage is told by its number, with details only to a superuser', async () => {
    const broken = await buildStage(app, '/stages/dummy/', { throw_error: true });
    const { slug } = await buildFlow(app, [broken]);
    const answer = await app.jar().open(slug);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      component: 'ak-stage-flow-error',
      request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const told = await events(app, 'system_exception');
    expect(told.at(-1)).toMatchObject({ request_id: answer.body.request_id });
    const admin = app.jar();
    await signIn(admin, 'akadmin', 'correct horse battery staple');
    expect((await admin.open(slug)).body).toMatchObject({ error: expect.any(String), traceback: expect.any(String) });
  });
});

describe('URLs', () => {
  test('(36) the default URLs lead to the flows, also with the plan of another one', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    for (const designation of ['invalidation', 'authentication'] as const) {
      const jar = app.jar();
      await jar.open(slug);
      const answer = await jar.ask('GET', `/flows/-/default/${designation}/?a=b%26c`);
      expect(answer.status).toBe(302);
      expect(answer.headers['location']).toBe(`/if/flow/default-${designation}-flow/?a=b%26c`);
      expect(await planIn(app, jar)).toBeUndefined();
    }
  });

  test('(36) the first flow by slug whose policies pass is the default, and none is 404', async () => {
    expect((await app.jar().ask('GET', '/flows/-/default/recovery/')).status).toBe(404);
    expect((await app.jar().ask('GET', '/flows/-/default/__proto__/')).status).toBe(404);
    const [first, second] = [unique('a-recovery'), unique('b-recovery')];
    const flow = await buildFlow(app, [], { designation: 'recovery', slug: first });
    await buildFlow(app, [], { designation: 'recovery', slug: second });
    const found = (await app.api('GET', `/api/v3/flows/instances/${first}/`)).body;
    expect(found.pk).toBe(flow.pk);
    const verdict = { passes: true };
    await policies.bind(app, found.policybindingmodel_ptr_id, () => (verdict.passes ? passing() : failing()));
    const location = async () => (await app.jar().ask('GET', '/flows/-/default/recovery/')).headers['location'];
    expect(await location()).toBe(`/if/flow/${first}/`);
    verdict.passes = false;
    expect(await location()).toBe(`/if/flow/${second}/`);
  });

  test('cancel drops the plan and leads to the sign-out', async () => {
    const { query } = await invite(app);
    const jar = app.jar();
    await toDetails(jar, { slug: ENROLLMENT, query }, unique('cancels'));
    const answer = await jar.ask('GET', '/flows/-/cancel/');
    expect([answer.status, answer.headers['location']]).toEqual([302, '/flows/-/default/invalidation/']);
    expect(await planIn(app, jar)).toBeUndefined();
    expect((await jar.open(ENROLLMENT, query)).body.fields[0].field_key).toBe('username');
  });

  test('/ leads to the sign-in, or to the page of who is signed in', async () => {
    const jar = app.jar();
    expect((await jar.ask('GET', '/')).headers['location']).toBe('/flows/-/default/authentication/');
    const { query } = await invite(app);
    await enrol(jar, { slug: ENROLLMENT, query }, unique('home'));
    const page = await jar.get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Somebody');
  });

  test('(39) diagrams, types and execute', async () => {
    const empty = await buildFlow(app, []);
    const name = unique('drawn');
    const drawn = await buildFlow(app, [await dummyStage(app, name)]);
    const diagram = async (slug: string) =>
      (await app.api('GET', `/api/v3/flows/instances/${slug}/diagram/`)).body.diagram;
    const text = await diagram(empty.slug);
    expect(text).toContain(`graph TD\nflow_start[["Flow\n${empty.slug}"]]`);
    expect(text).toContain('flow_start --> done');
    expect(text).toContain('done[["End of the flow"]]');
    expect(await diagram(drawn.slug)).toContain(name);
    expect((await app.api('GET', '/api/v3/stages/all/types/')).status).toBe(200);
    const { status, body } = await app.api('GET', `/api/v3/flows/instances/${drawn.slug}/execute/`);
    expect(status).toBe(200);
    expect(body.link).toBe(`http://localhost/if/flow/${drawn.slug}/`);
  });

  test('what somebody typed stands in no event of a stage that the database refused (T08)', async () => {
    const refused = await probes.build(app, async ({ ctx, plan }) => {
      const typed = plan.get(promptData)?.['password'];
      await ctx.db.query('select $1::integer', [typeof typed === 'string' ? typed : '']);
    });
    const form = await buildPromptStage(app, { password: { type: 'password' } });
    const { slug } = await buildFlow(app, [form, refused]);
    const jar = app.jar();
    await jar.open(slug);
    const { body } = await jar.answer(slug, { password: 'typed-by-somebody' });
    expect(body.component).toBe('ak-stage-flow-error');
    const events = await app.ctx.db.query(`select context from event where action = 'system_exception'`);
    expect(JSON.stringify(events)).toContain('22P02');
    expect(JSON.stringify(events)).not.toContain('typed-by-somebody');
  });

  test('HEAD of execute leaves neither a session nor a plan (T04)', async () => {
    const flow = await buildFlow(app, [await dummyStage(app)]);
    const head = await app.api('HEAD', `/api/v3/flows/instances/${flow.slug}/execute/`);
    expect(head.status).toBe(200);
    expect(head.headers['set-cookie']).toBeUndefined();
  });

  test('(39) execute leaves a plan in the session of a token client, and 400 where the flow does not apply', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app)], { authentication: 'require_superuser' });
    const jar = app.jar();
    const headers = { authorization: 'Bearer test-admin-token-0123456789abcdef' };
    expect((await jar.ask('GET', `/api/v3/flows/instances/${slug}/execute/`, { headers })).status).toBe(200);
    expect((await jar.open(slug)).body.component).toBe('ak-stage-dummy');
    const { slug: shut } = await buildFlow(app, [], { authentication: 'require_token' });
    expect((await app.api('GET', `/api/v3/flows/instances/${shut}/execute/`)).status).toBe(400);
  });
});

test('(64) after an enrollment the browser is signed in as the new user', async () => {
  const { query } = await invite(app, { single_use: true });
  const [jar, username] = [app.jar(), unique('enrolled')];
  expect((await enrol(jar, { slug: ENROLLMENT, query }, username)).body).toEqual(DONE);
  const me = await jar.get('/api/v3/core/users/me/');
  expect([me.status, me.body.user.username]).toEqual([200, username]);
  expect((await signIn(app.jar(), username, PASSWORD)).body).toEqual(DONE);
});
