import { beforeAll, describe, expect, test } from 'vitest';
import { PlanDraft, createFlowToken, deleteFlowToken, pendingUser, promptData } from '../../src/core/flows/index.ts';
import type { Plan } from '../../src/core/flows/index.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Jar } from '../jar.ts';
import {
  DENIED,
  buildFlow,
  buildPromptStage,
  buildStage,
  create,
  dummyStage,
  findUser,
  planIn,
  sessionOf,
  unique,
} from './builders.ts';
import type { BuiltFlow } from './builders.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const REQUIRED = { authentication: 'require_token', designation: 'recovery' };
const gate = async (): Promise<BuiltFlow> => buildFlow(app, [await dummyStage(app), await dummyStage(app)], REQUIRED);

function planFor(flow: BuiltFlow, change: (draft: PlanDraft) => void = () => undefined): Plan {
  const { pk, slug } = flow;
  const draft = new PlanDraft({ flow: pk, slug, bindings: [], context: {}, commits: [], link: {}, restarts: 0 });
  change(draft);
  return draft.plan;
}

type Options = { readonly revoke?: boolean; readonly seconds?: number; readonly plan?: Plan; readonly userId?: number };

/** A token of the flow, as the query of its link. */
async function token(flow: BuiltFlow, options: Options = {}): Promise<string> {
  const { revoke = false, seconds, plan = planFor(flow), userId } = options;
  const key = await createFlowToken(app.ctx, app.ctx.db, {
    identifier: unique('token'),
    plan,
    revokeOnExecution: revoke,
    ...(seconds === undefined ? {} : { seconds }),
    ...(userId === undefined ? {} : { userId }),
  });
  return `flow_token=${key}`;
}

const opens = async (flow: BuiltFlow, query: string, jar: Jar = app.jar()): Promise<boolean> =>
  (await jar.open(flow.slug, query)).body.component === 'ak-stage-dummy';

describe('a flow that requires a token', () => {
  test('(32) opens with one and with nothing else', async () => {
    const flow = await gate();
    expect(await opens(flow, await token(flow))).toBe(true);
    for (const query of ['', 'flow_token=', 'flow_token=wrong', 'is_restored=true', `itoken=${flow.pk}`]) {
      expect(await opens(flow, query)).toBe(false);
    }
  });

  test('E22: opens with no shortened nor lengthened one', async () => {
    const flow = await gate();
    const query = await token(flow);
    expect(await opens(flow, query.slice(0, -1))).toBe(false);
    expect(await opens(flow, `${query}a`)).toBe(false);
    expect(await opens(flow, query)).toBe(true);
  });

  test('E03: does not open with a token of another flow', async () => {
    const [one, two] = [await gate(), await gate()];
    const query = await token(one, { revoke: true });
    expect(await opens(two, query)).toBe(false);
    // Tried at the wrong door it is not used up.
    expect(await opens(one, query)).toBe(true);
  });

  test('does not open with an expired one', async () => {
    const flow = await gate();
    const key = await token(flow, { seconds: 600 });
    await app.ctx.db.query(`update flow_token set expires = now() - interval '1 second' where flow_uuid = $1`, [
      flow.pk,
    ]);
    expect(await opens(flow, key)).toBe(false);
  });

  test('A18: does not open with that of somebody who was deactivated or deleted', async () => {
    const flow = await gate();
    const userId = Number(await create(app, '/core/users/', { username: unique('gone'), name: 'Gone' }));
    const query = await token(flow, { userId });
    expect(await opens(flow, query)).toBe(true);
    await app.api('PATCH', `/api/v3/core/users/${userId}/`, { is_active: false });
    expect(await opens(flow, query)).toBe(false);
    await app.api('PATCH', `/api/v3/core/users/${userId}/`, { is_active: true });
    expect(await opens(flow, query)).toBe(true);
    await app.api('DELETE', `/api/v3/core/users/${userId}/`);
    expect(await opens(flow, query)).toBe(false);
  });

  test('goes on in the browser that began, without the token in the address', async () => {
    const flow = await gate();
    const jar = app.jar();
    expect(await opens(flow, await token(flow, { revoke: true }), jar)).toBe(true);
    expect((await jar.answer(flow.slug, {})).body.component).toBe('ak-stage-dummy');
    expect((await jar.answer(flow.slug, {})).body.to).toBe('/');
  });
});

describe('a token', () => {
  test('A40: revoked on execution works in one browser, once', async () => {
    const flow = await gate();
    const query = await token(flow, { revoke: true });
    const jar = app.jar();
    expect(await opens(flow, query, jar)).toBe(true);
    expect(await opens(flow, query)).toBe(false);
    expect(await opens(flow, query, jar)).toBe(true);
  });

  test('E20: revoked on execution, opened by eight at once, lets one in', async () => {
    const flow = await gate();
    const query = await token(flow, { revoke: true });
    const answers = await Promise.all(Array.from({ length: 8 }, () => opens(flow, query)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('not revoked on execution works again', async () => {
    const flow = await gate();
    const query = await token(flow, { revoke: false });
    expect([await opens(flow, query), await opens(flow, query)]).toEqual([true, true]);
  });

  test('T19: a newer one of the same identifier makes the older worthless, and a deleted one is', async () => {
    const flow = await gate();
    const identifier = unique('same');
    const make = () =>
      createFlowToken(app.ctx, app.ctx.db, { identifier, plan: planFor(flow), revokeOnExecution: false });
    const [older, newer] = [await make(), await make()];
    expect(await opens(flow, `flow_token=${older}`)).toBe(false);
    expect(await opens(flow, `flow_token=${newer}`)).toBe(true);
    await deleteFlowToken(app.ctx.db, identifier);
    expect(await opens(flow, `flow_token=${newer}`)).toBe(false);
  });

  test('is not in the database', async () => {
    const flow = await gate();
    const key = (await token(flow)).slice('flow_token='.length);
    const [row] = await app.ctx.db.query('select * from flow_token where flow_uuid = $1', [flow.pk]);
    expect(JSON.stringify(row)).not.toContain(key);
    await opens(flow, `flow_token=${key}`);
    expect(JSON.stringify(app.logged)).not.toContain(key);
  });

  test('brings the saved context, and the stages that were left', async () => {
    const flow = await gate();
    const jar = app.jar();
    const { slug } = await buildFlow(app, []);
    await jar.open(slug);
    const saved = planFor(flow, (draft) => draft.set(promptData, { saved: true }));
    await jar.open(flow.slug, await token(flow, { plan: saved }));
    const whole = await planIn(app, jar);
    expect(whole?.context).toEqual({ prompt_data: { saved: true }, is_restored: true });
    expect(whole?.bindings).toHaveLength(2);
    const last = { ...saved, bindings: whole?.bindings.slice(1) ?? [] };
    const other = app.jar();
    await other.open(flow.slug, await token(flow, { plan: last }));
    expect((await planIn(app, other))?.bindings).toHaveLength(1);
  });

  test('T18: takes nothing over from the plan that the browser had', async () => {
    const flow = await buildFlow(app, [await buildPromptStage(app, { one: {} }), await dummyStage(app)]);
    const jar = app.jar();
    await jar.open(flow.slug);
    await jar.answer(flow.slug, { one: 'mine' });
    await jar.open(flow.slug, await token(flow));
    expect((await planIn(app, jar))?.context).toEqual({ is_restored: true });
  });
});

describe('A05: a link pinned to its user', () => {
  async function recovery() {
    const identify = await buildStage(app, '/stages/identification/', { user_fields: ['username'] });
    const login = await buildStage(app, '/stages/user_login/');
    const flow = await buildFlow(app, [identify, login], REQUIRED);
    const username = unique('pinned');
    const userId = Number(await create(app, '/core/users/', { username, name: username }));
    const query = await token(flow, { plan: planFor(flow, (draft) => draft.set(pendingUser, userId)), userId });
    const jar = app.jar();
    await jar.open(flow.slug, query);
    return { flow, query, jar, username };
  }

  test('does not let its bearer pick another', async () => {
    const { flow, query, jar } = await recovery();
    const { body } = await jar.answer(flow.slug, { uid_field: 'akadmin' }, query);
    expect(body.component).not.toBe('xak-flow-redirect');
    expect((await sessionOf(app, jar)).user).toBeUndefined();
    expect(await findUser(app, 'akadmin')).toMatchObject({ last_login: null });
  });

  test('lets its user in', async () => {
    const { flow, query, jar, username } = await recovery();
    expect((await jar.answer(flow.slug, { uid_field: username }, query)).body.to).toBe('/');
    expect((await sessionOf(app, jar)).user?.username).toBe(username);
  });

  test('opened without a token the same flow is denied', async () => {
    const { flow } = await recovery();
    expect((await app.jar().open(flow.slug)).body.component).toBe(DENIED);
  });
});
