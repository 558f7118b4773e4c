import { beforeAll, describe, expect, test } from 'vitest';
import { isRedirected, pendingUser } from '../../src/core/flows/index.ts';
import { planFlow } from '../../src/core/flows/planner.ts';
import { findFlow } from '../../src/core/flows/store.ts';
import { ADMIN_PASSWORD, testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import type { Jar } from '../jar.ts';
import {
  DENIED,
  ENROLLMENT,
  buildFlow,
  buildStage,
  create,
  dummyStage,
  enrol,
  failing,
  findUser,
  flowTarget,
  invite,
  passing,
  sessionOf,
  signIn,
  testPolicies,
  unique,
} from './builders.ts';
import type { Body, BuiltFlow } from './builders.ts';

const policies = testPolicies();
let app: TestApp;
let admin: Jar;
let user: Jar;
beforeAll(async () => {
  app = await testApp({ provides: [policies.contribution] });
  admin = app.jar();
  await signIn(admin, 'akadmin', ADMIN_PASSWORD);
  user = app.jar();
  await enrol(user, { slug: ENROLLMENT, query: (await invite(app)).query }, 'planned');
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const GENERIC = 'Flow does not apply to current user.';

const guarded = async (authentication: string, more: Body = {}): Promise<BuiltFlow> =>
  buildFlow(app, [await dummyStage(app)], { authentication, ...more });

describe('the authentication requirement', () => {
  const PASSES: readonly (readonly [string, boolean, boolean, boolean])[] = [
    ['none', true, true, true],
    ['require_authenticated', false, true, true],
    ['require_unauthenticated', true, false, false],
    ['require_superuser', false, false, true],
    ['require_redirect', false, false, false],
    ['require_outpost', false, false, false],
    ['require_token', false, false, false],
  ];

  test.each(PASSES)(
    '(32, 61), A03: %s lets in: anonymous %s, user %s, superuser %s',
    async (requirement, ...passes) => {
      const { slug } = await guarded(requirement);
      const visitors = [app.jar(), user, admin];
      const components: unknown[] = [];
      for (const jar of visitors) components.push((await jar.open(slug)).body.component);
      expect(components).toEqual(passes.map((pass) => (pass ? 'ak-stage-dummy' : DENIED)));
    },
  );

  test('(32) an outpost’s headers, which nothing here gives out, let nobody in', async () => {
    const { slug } = await guarded('require_outpost');
    const headers = { 'x-authentik-remote-ip': '127.0.0.1', 'x-authentik-outpost-token': 'x' };
    const answer = await app.jar().get(executorUrl(slug), { headers });
    expect(answer.body).toMatchObject({ component: DENIED, error_message: GENERIC });
  });

  test('(32) an empty flow has no stages; require_redirect asks for the other flow’s mark', async () => {
    const { slug } = await buildFlow(app, [], { authentication: 'require_redirect' });
    const flow = await findFlow(app.ctx.db, slug);
    if (!flow) throw new Error('The flow is not there.');
    const request = { ctx: app.ctx, flow, user: undefined, link: {}, useCache: true };
    expect(await planFlow({ ...request, context: {} })).toEqual({ kind: 'not_applicable', messages: [] });
    const planned = await planFlow({ ...request, context: { [isRedirected.name]: true } });
    expect(planned).toMatchObject({ kind: 'plan', plan: { bindings: [] } });
  });

  test('(61) an enrollment in a signed-in browser is denied, and the link is left as it is', async () => {
    const invited = await invite(app, { single_use: true });
    expect((await user.open(ENROLLMENT, invited.query)).body).toMatchObject({
      component: DENIED,
      error_message: GENERIC,
    });
    expect((await app.jar().open(ENROLLMENT, invited.query)).body.component).toBe('ak-stage-prompt');
  });

  test('A18: somebody deactivated is nobody', async () => {
    const jar = app.jar();
    const username = unique('deactivated');
    await enrol(jar, { slug: ENROLLMENT, query: (await invite(app)).query }, username);
    const { slug } = await guarded('require_authenticated');
    expect((await jar.open(slug)).body.component).toBe('ak-stage-dummy');
    const { pk } = (await findUser(app, username)) ?? {};
    await app.api('PATCH', `/api/v3/core/users/${String(pk)}/`, { is_active: false });
    const { slug: other } = await guarded('require_authenticated');
    expect((await jar.open(other)).body.component).toBe(DENIED);
    expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
  });
});

describe('not applicable (contract part 2, section 7)', () => {
  const CASES: readonly (readonly [string, string, string])[] = [
    ['message_continue', '/wished', 'denied'],
    ['continue', '/wished', '/'],
    ['message', 'denied', 'denied'],
  ];

  test.each(CASES)('denied_action %s: with next %s, without %s', async (denied_action, withNext, without) => {
    const { slug } = await guarded('require_authenticated', { denied_action });
    const outcome = async (query: string) => {
      const { body } = await app.jar().get(`${executorUrl(slug)}${query}`);
      return body.component === DENIED ? 'denied' : body.to;
    };
    expect(await outcome('?next=/wished')).toBe(withNext);
    expect(await outcome('')).toBe(without);
    // A next of another origin is none (T22).
    expect(await outcome('?next=https://evil.example/')).toBe(without);
  });

  test('a sign-in while signed in is done, and goes where its next says', async () => {
    const { slug } = await guarded('require_unauthenticated', { designation: 'authentication' });
    expect((await user.open(slug)).body).toEqual(DONE);
    expect((await user.open(slug, 'next=%2Fapp')).body.to).toBe('/app');
    expect((await user.open(slug, 'next=https%3A%2F%2Fevil.example')).body).toMatchObject({
      component: DENIED,
      error_message: 'Invalid next URL',
    });
  });
});

describe('the plan cache', () => {
  const cached = async ({ pk }: BuiltFlow): Promise<{ user_key: string; expires: Date }[]> =>
    app.ctx.db.query('select user_key, expires from flow_plan_cache where flow_uuid = $1 order by user_key', [pk]);

  test('(33) a second planning writes nothing', async () => {
    const flow = await guarded('none');
    await app.jar().open(flow.slug);
    const before = await cached(flow);
    expect(before).toHaveLength(1);
    await app.jar().open(flow.slug);
    expect(await cached(flow)).toEqual(before);
  });

  test('(34) is kept for each user, and a pending user is the one', async () => {
    const flow = await guarded('none');
    await app.jar().open(flow.slug);
    await user.open(flow.slug);
    const found = await findFlow(app.ctx.db, flow.slug);
    if (!found) throw new Error('The flow is not there.');
    const context = { [pendingUser.name]: 4711 };
    await planFlow({ ctx: app.ctx, flow: found, user: undefined, context, link: {}, useCache: true });
    const me = (await sessionOf(app, user)).user?.id;
    expect((await cached(flow)).map((row) => row.user_key).toSorted()).toEqual(
      [String(me), '4711', 'anonymous'].toSorted(),
    );
  });

  test('a flow for settings of stages, and execute, leave it alone', async () => {
    const settings = await guarded('none', { designation: 'stage_configuration' });
    await app.jar().open(settings.slug);
    expect(await cached(settings)).toEqual([]);
    const flow = await guarded('none');
    await app.api('GET', `/api/v3/flows/instances/${flow.slug}/execute/`);
    expect(await cached(flow)).toEqual([]);
  });

  test('(37, 38) is counted over all flows and for each, and cleared by the API', async () => {
    const flow = await guarded('none');
    const own = async () => (await app.api('GET', `/api/v3/flows/instances/${flow.slug}/`)).body.cache_count;
    const all = async () => (await app.api('GET', '/api/v3/flows/instances/cache_info/')).body.count;
    expect(await own()).toBe(0);
    const before = await all();
    await app.jar().open(flow.slug);
    await user.open(flow.slug);
    expect([await own(), (await all()) - before]).toEqual([2, 2]);
    expect((await app.api('POST', '/api/v3/flows/instances/cache_clear/')).status).toBe(204);
    expect([await own(), await all()]).toEqual([0, 0]);
  });

  test('is not used when its time is over', async () => {
    const flow = await guarded('none');
    await app.jar().open(flow.slug);
    const text = `update flow_plan_cache set bindings = '[]', expires = now() - interval '1 second' where flow_uuid = $1`;
    await app.ctx.db.query(text, [flow.pk]);
    expect((await app.jar().open(flow.slug)).body.component).toBe('ak-stage-dummy');
  });

  type Change = (flow: BuiltFlow, parts: { stage: string; policy: string; binding: string }) => Promise<unknown>;
  const CHANGES: readonly (readonly [string, Change])[] = [
    ['a flow', ({ slug }) => app.api('PATCH', `/api/v3/flows/instances/${slug}/`, { title: 'New' })],
    ['a stage', (_, { stage }) => app.api('PATCH', `/api/v3/stages/dummy/${stage}/`, { name: unique('renamed') })],
    ['a stage that is deleted', (_, { stage }) => app.api('DELETE', `/api/v3/stages/dummy/${stage}/`)],
    ['a binding', ({ bindings }) => app.api('PATCH', `/api/v3/flows/bindings/${bindings[0]?.pk}/`, { order: 7 })],
    ['a binding that is deleted', ({ bindings }) => app.api('DELETE', `/api/v3/flows/bindings/${bindings[0]?.pk}/`)],
    [
      'a binding that is added',
      async ({ pk }) => create(app, '/flows/bindings/', { target: pk, stage: await dummyStage(app), order: 9 }),
    ],
    ['a policy', (_, { policy }) => app.ctx.db.query('update policy set name = name where policy_uuid = $1', [policy])],
    [
      'a policy binding',
      (_, { binding }) => app.api('PATCH', `/api/v3/policies/bindings/${binding}/`, { enabled: false }),
    ],
    [
      'a policy binding that is deleted',
      (_, { binding }) => app.api('DELETE', `/api/v3/policies/bindings/${binding}/`),
    ],
  ];

  test.each(CHANGES)('is forgotten with a change of %s', async (_name, change) => {
    const stage = await buildStage(app, '/stages/dummy/');
    const flow = await buildFlow(app, [{ stage, evaluate_on_plan: true }]);
    const policy = await policies.bind(app, flow.bindings[0]?.policybindingmodel_ptr_id ?? '', () => passing());
    const bound = await app.api('GET', `/api/v3/policies/bindings/?policy=${policy}`);
    await app.jar().open(flow.slug);
    expect(await cached(flow)).toHaveLength(1);
    await change(flow, { stage, policy, binding: bound.body.results[0].pk });
    expect(await cached(flow)).toEqual([]);
  });

  test('is forgotten for somebody who joins a group', async () => {
    const group = await create(app, '/core/groups/', { name: unique('late') });
    const flow = await buildFlow(app, [{ stage: await dummyStage(app), evaluate_on_plan: true }]);
    const target = flow.bindings[0]?.policybindingmodel_ptr_id;
    await create(app, '/policies/bindings/', { target, group, order: 0 });
    expect((await user.open(flow.slug)).body).toEqual(DONE);
    const me = (await sessionOf(app, user)).user?.id;
    await app.api('POST', `/api/v3/core/groups/${group}/add_user/`, { pk: me });
    expect((await user.open(flow.slug)).body.component).toBe('ak-stage-dummy');
  });

  test('does not decide whether the flow applies', async () => {
    const verdict = { passes: true };
    const flow = await guarded('none');
    await policies.bind(app, await flowTarget(app, flow), () => (verdict.passes ? passing() : failing('not now')));
    await app.jar().open(flow.slug);
    verdict.passes = false;
    expect((await app.jar().open(flow.slug)).body.error_message).toBe('not now');
  });
});
