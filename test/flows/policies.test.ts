import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';
import {
  ENROLLMENT,
  DENIED,
  buildFlow,
  create,
  dummyStage,
  enrol,
  failing,
  flowTarget,
  invite,
  passing,
  planIn,
  testPolicies,
  unique,
} from './builders.ts';
import type { Body, BuiltFlow } from './builders.ts';

const policies = testPolicies();
let app: TestApp;
beforeAll(async () => {
  app = await testApp({ provides: [policies.contribution] });
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const breaks = (): never => {
  throw new Error('secret detail');
};
const target = (flow: BuiltFlow, index: number): string => flow.bindings[index]?.policybindingmodel_ptr_id ?? '';

/** A flow of dummy stages with these names. */
async function dummies(names: readonly string[], binding: Body = {}, flow: Body = {}): Promise<BuiltFlow> {
  const stages: (Body & { stage: string })[] = [];
  for (const name of names) stages.push({ ...binding, stage: await dummyStage(app, unique(name)) });
  return buildFlow(app, stages, flow);
}

const shown = (answer: Answer): string => String(answer.body.name ?? answer.body.to).replace(/-\d+$/, '');

/** Names of the stages that are shown, one after the other, and where it ends. */
async function walk(jar: Jar, { slug }: BuiltFlow): Promise<string[]> {
  const seen: string[] = [];
  let answer = await jar.open(slug);
  while (answer.body.component === 'ak-stage-dummy') {
    seen.push(shown(answer));
    answer = await jar.answer(slug, {});
  }
  return [...seen, shown(answer)];
}

describe('a policy on the flow', () => {
  test('(20) that fails denies with its message', async () => {
    const flow = await dummies(['one']);
    await policies.bind(app, await flowTarget(app, flow), () => failing('foo'));
    expect((await app.jar().open(flow.slug)).body).toMatchObject({ component: DENIED, error_message: 'foo' });
  });

  test('(21) that fails leads to / where denied_action is continue', async () => {
    const flow = await dummies(['one'], {}, { denied_action: 'continue' });
    await policies.bind(app, await flowTarget(app, flow), () => failing('foo'));
    expect((await app.jar().open(flow.slug)).body).toEqual(DONE);
  });

  test('messages of all results are joined by lines', async () => {
    const flow = await dummies(['one'], {}, { policy_engine_mode: 'all' });
    const bound = await flowTarget(app, flow);
    await policies.bind(app, bound, { judge: () => failing('second'), order: 2 });
    await policies.bind(app, bound, { judge: () => passing('first'), order: 1 });
    expect((await app.jar().open(flow.slug)).body.error_message).toBe('first\nsecond');
  });

  test.each([
    ['any', [true, false], true],
    ['any', [false, false], false],
    ['all', [true, true], true],
    ['all', [true, false], false],
  ] as const)('E11: of %s mode with %j passes: %s', async (policy_engine_mode, verdicts, passes) => {
    const flow = await dummies(['one'], {}, { policy_engine_mode });
    const bound = await flowTarget(app, flow);
    for (const [order, verdict] of verdicts.entries()) {
      await policies.bind(app, bound, { judge: () => (verdict ? passing() : failing()), order });
    }
    expect((await app.jar().open(flow.slug)).body.component).toBe(passes ? 'ak-stage-dummy' : DENIED);
  });

  test('that is disabled is not asked', async () => {
    const flow = await dummies(['one']);
    await policies.bind(app, await flowTarget(app, flow), { judge: () => failing(), enabled: false });
    expect((await app.jar().open(flow.slug)).body.component).toBe('ak-stage-dummy');
  });

  test('negated says the contrary', async () => {
    const [yes, no] = [await dummies(['one']), await dummies(['one'])];
    await policies.bind(app, await flowTarget(app, yes), { judge: () => failing(), negate: true });
    await policies.bind(app, await flowTarget(app, no), { judge: () => passing(), negate: true });
    expect((await app.jar().open(yes.slug)).body.component).toBe('ak-stage-dummy');
    expect((await app.jar().open(no.slug)).body.component).toBe(DENIED);
  });

  const breaks = (): never => {
    throw new Error('secret detail');
  };

  test.each([false, true])('A08: that raises an error denies, negated: %s', async (negate) => {
    const flow = await dummies(['one']);
    await policies.bind(app, await flowTarget(app, flow), { judge: breaks, negate });
    const answer = await app.jar().open(flow.slug);
    expect(answer.body.component).toBe(DENIED);
    expect(answer.text).not.toContain('secret detail');
  });

  test('A08: that raises an error passes where the binding says so', async () => {
    const flow = await dummies(['one']);
    await policies.bind(app, await flowTarget(app, flow), { judge: breaks, failure_result: true });
    expect((await app.jar().open(flow.slug)).body.component).toBe('ak-stage-dummy');
  });

  test('A08: that does not answer in time denies', async () => {
    const flow = await dummies(['one']);
    await policies.bind(app, await flowTarget(app, flow), { judge: () => new Promise(() => undefined), timeout: 1 });
    expect((await app.jar().open(flow.slug)).body.component).toBe(DENIED);
  });

  test('A08: of a kind that nothing brings denies', async () => {
    const flow = await dummies(['one']);
    const policy = await policies.bind(app, await flowTarget(app, flow), () => passing());
    await app.ctx.db.query(`update policy set type = 'unknown' where policy_uuid = $1`, [policy]);
    expect((await app.jar().open(flow.slug)).body.component).toBe(DENIED);
  });
});

describe('a policy on a stage', () => {
  test('(25) of the last stage, false just before it, drops it', async () => {
    let verdict = true;
    const flow = await dummies(['one', 'two']);
    await policies.bind(app, target(flow, 1), () => (verdict ? passing() : failing()));
    const jar = app.jar();
    await jar.open(flow.slug);
    verdict = false;
    expect((await jar.answer(flow.slug, {})).body).toEqual(DONE);
  });

  test('(26, 27) of the middle stage, false: it is skipped; true: every stage in order', async () => {
    let verdict = false;
    const flow = await dummies(['one', 'two', 'three']);
    await policies.bind(app, target(flow, 1), () => (verdict ? passing() : failing()));
    expect(await walk(app.jar(), flow)).toEqual(['one', 'three', '/']);
    verdict = true;
    expect(await walk(app.jar(), flow)).toEqual(['one', 'two', 'three', '/']);
  });

  test('(28) of two middle stages, both false: both are skipped, which GET alone does not store', async () => {
    let verdict = true;
    const flow = await dummies(['one', 'two', 'three', 'four']);
    for (const index of [1, 2]) {
      await policies.bind(app, target(flow, index), () => (verdict ? passing() : failing()));
    }
    const jar = app.jar();
    await jar.open(flow.slug);
    verdict = false;
    const answer = await jar.answer(flow.slug, {});
    expect(shown(answer)).toBe('four');
    expect((await planIn(app, jar))?.bindings).toHaveLength(3);
    verdict = true;
    expect(shown(await jar.open(flow.slug))).toBe('two');
    verdict = false;
    await jar.open(flow.slug);
    expect((await jar.answer(flow.slug, {})).body).toEqual(DONE);
  });

  test('evaluated on plan and failing, leaves the stage out for good', async () => {
    let verdict = false;
    const flow = await dummies(['one', 'two'], { evaluate_on_plan: true, re_evaluate_policies: false });
    await policies.bind(app, target(flow, 1), () => (verdict ? passing() : failing()));
    const jar = app.jar();
    await jar.open(flow.slug);
    verdict = true;
    expect((await jar.answer(flow.slug, {})).body).toEqual(DONE);
  });

  test('(34) re_evaluate_policies puts a marker on its binding alone', async () => {
    const stages = [true, false].map(async (re_evaluate_policies) => ({
      stage: await dummyStage(app),
      evaluate_on_plan: true,
      re_evaluate_policies,
    }));
    const flow = await buildFlow(app, await Promise.all(stages));
    const jar = app.jar();
    await jar.open(flow.slug);
    expect((await planIn(app, jar))?.bindings.map((binding) => binding.reEvaluate)).toEqual([true, false]);
  });

  test.each([{ evaluate_on_plan: false }, { evaluate_on_plan: true, re_evaluate_policies: false }])(
    'A08: that raises an error does not let the stage be skipped, with %j',
    async (binding) => {
      const flow = await dummies(['one', 'two'], binding);
      await policies.bind(app, target(flow, 0), breaks);
      const jar = app.jar();
      expect((await jar.open(flow.slug)).body.component).toBe(DENIED);
      expect((await jar.open(flow.slug)).body.component).toBe(DENIED);
    },
  );

  test('sees the plan: the invitation and what was gathered', async () => {
    const seen: Body[] = [];
    const { slug, pk: flow } = (await app.api('GET', `/api/v3/flows/instances/${ENROLLMENT}/`)).body;
    const list = await app.api('GET', `/api/v3/flows/bindings/?target=${flow}&ordering=order`);
    const details = list.body.results[2];
    await policies.bind(app, details.policybindingmodel_ptr_id, ({ context }) => {
      seen.push(context);
      return passing();
    });
    const { query, pk } = await invite(app, { fixed_data: { note: 'n' } });
    await enrol(app.jar(), { slug, query }, unique('seen'));
    expect(seen[0]).toMatchObject({
      invitation_in_effect: true,
      invitation: { pk, fixed_data: { note: 'n' } },
      prompt_data: { note: 'n', username: expect.stringContaining('seen') },
    });
  });
});

describe('group and user bindings', () => {
  const superuser = async (): Promise<number> =>
    (await app.api('GET', '/api/v3/core/users/?username=akadmin')).body.results[0].pk;

  test('let in the user, the member and the member of a group below, and nobody else', async () => {
    const { query } = await invite(app);
    const jar = app.jar();
    await enrol(jar, { slug: ENROLLMENT, query }, 'member');
    const user = (await jar.get('/api/v3/core/users/me/')).body.user.pk;
    const parent = await create(app, '/core/groups/', { name: unique('parent') });
    const child = await create(app, '/core/groups/', { name: unique('child'), parents: [parent] });
    const other = await create(app, '/core/groups/', { name: unique('other') });
    await app.api('POST', `/api/v3/core/groups/${child}/add_user/`, { pk: user });
    const cases: readonly (readonly [Body, boolean])[] = [
      [{ user }, true],
      [{ user: await superuser() }, false],
      [{ group: child }, true],
      [{ group: parent }, true],
      [{ group: other }, false],
      [{ group: other, negate: true }, true],
      [{ user, negate: true }, false],
    ];
    for (const [binding, passes] of cases) {
      const flow = await dummies(['one']);
      await create(app, '/policies/bindings/', { target: await flowTarget(app, flow), order: 0, ...binding });
      const { component } = (await jar.open(flow.slug)).body;
      expect(component).toBe(passes ? 'ak-stage-dummy' : DENIED);
      const anonymous = (await app.jar().open(flow.slug)).body.component;
      expect(anonymous).toBe(binding['negate'] ? 'ak-stage-dummy' : DENIED);
    }
  });
});
