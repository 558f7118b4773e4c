import { beforeAll, describe, expect, test } from 'vitest';
import { promptData } from '../../src/core/flows/index.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import {
  DENIED,
  INVITATIONS,
  NO_INVITATION,
  buildFlow,
  buildPromptStage,
  create,
  countUses,
  dummyStage,
  edit,
  enrollmentFlow,
  events,
  expire,
  invitationRow,
  invitationStage,
  invite,
  planIn,
  probeStages,
} from './builders.ts';

const probes = probeStages();
let app: TestApp;
beforeAll(async () => {
  app = await testApp({ provides: [probes.contribution] });
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const GARBAGE = ['', 'x', '0', "' or 1=1 --", '%00', 'a'.repeat(5000), '00000000-0000-0000-0000-000000000000', '[]'];

/** A flow that only asks for an invitation, and one that shows a stage behind it. */
const gate = async (open = false) => buildFlow(app, [await invitationStage(app, open)]);
const gateAndDummy = async (open = false) => buildFlow(app, [await invitationStage(app, open), await dummyStage(app)]);

describe('the token', () => {
  test('(1) without one the flow is denied', async () => {
    const { body } = await app.jar().open((await gate()).slug);
    expect(body).toMatchObject({ component: DENIED, error_message: NO_INVITATION });
  });

  test('(2) without one the flow goes on where the stage says so', async () => {
    expect((await app.jar().open((await gate(true)).slug)).body).toEqual(DONE);
  });

  test('(3), A02: an expired one is denied, with flow_info, though the cleaner never ran', async () => {
    const invited = await invite(app);
    await expire(app, invited);
    const { body } = await app.jar().open((await gate()).slug, `itoken=${invited.pk.replaceAll('-', '')}`);
    expect(body).toMatchObject({ component: DENIED, flow_info: { cancel_url: '/flows/-/cancel/' } });
    expect(await invitationRow(app, invited)).toHaveLength(1);
  });

  test('(4) a valid one puts its fixed data into the plan', async () => {
    const { query } = await invite(app, { fixed_data: { foo: 'bar' } });
    const { slug } = await gateAndDummy();
    const jar = app.jar();
    expect((await jar.open(slug, query)).body.component).toBe('ak-stage-dummy');
    expect((await planIn(app, jar))?.context).toMatchObject({
      invitation_in_effect: true,
      invitation: { fixed_data: { foo: 'bar' } },
      prompt_data: { foo: 'bar' },
    });
    expect((await app.jar().open((await gate()).slug, query)).body).toEqual(DONE);
  });

  test('(5), T01, A01: one limited to another flow is denied, until it is bound to this one', async () => {
    const [first, second] = [await gateAndDummy(), await gateAndDummy()];
    const invited = await invite(app, { flow: first.pk });
    expect((await app.jar().open(second.slug, invited.query)).body.component).toBe(DENIED);
    await edit(app, invited, { flow: second.pk });
    expect((await app.jar().open(first.slug, invited.query)).body.component).toBe(DENIED);
    expect((await app.jar().open(second.slug, invited.query)).body.component).toBe('ak-stage-dummy');
  });

  test('(6) one in prompt_data is found, and used up when the flow completes', async () => {
    const invited = await invite(app, { single_use: true, fixed_data: { foo: 'bar' } });
    const seen: unknown[] = [];
    const preset = await probes.build(app, ({ plan }) =>
      plan.set(promptData, { token: invited.pk.replaceAll('-', '') }),
    );
    const look = await probes.build(app, ({ plan }) => void seen.push(plan.get(promptData)));
    const { slug } = await buildFlow(app, [preset, await invitationStage(app), look]);
    expect((await app.jar().open(slug)).body).toEqual(DONE);
    expect(seen).toEqual([{ token: invited.pk.replaceAll('-', ''), foo: 'bar' }]);
    expect((await app.api('GET', `${INVITATIONS}${invited.pk}/`)).status).toBe(404);
    expect(await countUses(app, invited)).toBe(1);
  });

  test('one typed into a prompt before the stage is found', async () => {
    const invited = await invite(app);
    const form = await buildPromptStage(app, { token: {} });
    const { slug } = await buildFlow(app, [form, await invitationStage(app)]);
    const [right, wrong] = [app.jar(), app.jar()];
    await right.open(slug);
    await wrong.open(slug);
    expect((await right.answer(slug, { token: invited.pk })).body).toEqual(DONE);
    expect((await wrong.answer(slug, { token: 'nonsense' })).body.component).toBe(DENIED);
  });

  test('(54) is known with dashes, as hex and in capitals', async () => {
    const { pk } = await invite(app);
    const { slug } = await gate();
    const hex = pk.replaceAll('-', '');
    for (const token of [pk, hex, pk.toUpperCase(), hex.toUpperCase()]) {
      expect((await app.jar().open(slug, `itoken=${token}`)).body).toEqual(DONE);
    }
  });

  test.each(GARBAGE)('(54), T07: %j is denied like every other wrong one', async (token) => {
    const { slug } = await gate();
    const unknown = await app.jar().open(slug, 'itoken=11111111-1111-4111-8111-111111111111');
    const answer = await app.jar().open(slug, `itoken=${encodeURIComponent(token)}`);
    expect(answer.status).toBe(200);
    expect(answer.body.component).toBe(DENIED);
    expect(answer.text).toBe(unknown.text);
  });

  test('(54) who is denied has a session, and with it no plan that a good link would go on with', async () => {
    const { slug } = await gate();
    const jar = app.jar();
    expect((await jar.open(slug, 'itoken=11111111-1111-4111-8111-111111111111')).body.component).toBe(DENIED);
    const session = jar.cookie('authentik_session');
    expect(session).toBeDefined();
    const { pk } = await invite(app);
    expect((await jar.open(slug, `itoken=${pk}`)).body).toEqual(DONE);
    expect(jar.cookie('authentik_session')).toBe(session);
  });

  test('T07: a changed digit of a valid one is denied', async () => {
    const { pk } = await invite(app);
    const { slug } = await gate();
    const neighbour = `${pk.slice(0, -1)}${pk.endsWith('0') ? '1' : '0'}`;
    expect((await app.jar().open(slug, `itoken=${neighbour}`)).body.component).toBe(DENIED);
    expect((await app.jar().open(slug, `itoken=${pk.slice(0, -1)}`)).body.component).toBe(DENIED);
  });

  test('of itoken and token the first present counts, even when it is empty', async () => {
    const { pk } = await invite(app);
    const { slug } = await gate();
    expect((await app.jar().open(slug, `token=${pk}`)).body).toEqual(DONE);
    expect((await app.jar().open(slug, `itoken=&token=${pk}`)).body.component).toBe(DENIED);
  });

  test('(60), T17: an invalid one changes nothing where the flow goes on without', async () => {
    const before = await events(app, 'invitation_used');
    const { slug } = await gateAndDummy(true);
    const jar = app.jar();
    expect((await jar.open(slug, 'itoken=nonsense')).body.component).toBe('ak-stage-dummy');
    expect((await planIn(app, jar))?.context).toEqual({});
    await jar.answer(slug, {}, 'itoken=nonsense');
    expect(await events(app, 'invitation_used')).toEqual(before);
  });

  test.each(['restart', 'restart_with_context'])('(85), D13: a bad one with %s is denied at once', async (action) => {
    const stage = { stage: await invitationStage(app), invalid_response_action: action };
    const { slug } = await buildFlow(app, [stage]);
    const answer = await app.jar().ask('GET', executorUrl(slug, 'itoken=bad'));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ component: DENIED, error_message: NO_INVITATION });
  });

  test('D18, T25: of an inactive creator it is denied, and works again when the creator is active', async () => {
    const invited = await invite(app);
    const { slug } = await gateAndDummy();
    const creator = await create(app, '/core/users/', { username: 'inviter', name: 'Inviter' });
    await app.ctx.db.query('update invitation set created_by = $1 where invite_uuid = $2', [creator, invited.pk]);
    await app.api('PATCH', `/api/v3/core/users/${creator}/`, { is_active: false });
    expect((await app.jar().open(slug, invited.query)).body.component).toBe(DENIED);
    await app.api('PATCH', `/api/v3/core/users/${creator}/`, { is_active: true });
    expect((await app.jar().open(slug, invited.query)).body.component).toBe('ak-stage-dummy');
    await app.api('DELETE', `/api/v3/core/users/${creator}/`);
    expect((await app.jar().open(slug, invited.query)).body.component).toBe(DENIED);
  });
});

describe('the data', () => {
  test('T12: a prototype key in the address or in the data reaches no prototype', async () => {
    const { slug } = await gateAndDummy();
    const { pk, query } = await invite(app, { fixed_data: { a: { b: 1 } } });
    await app.ctx.db.query(
      `update invitation set fixed_data = '{"__proto__": {"polluted": 1}, "a": {"constructor": {"prototype": {"polluted": 1}}}}'
       where invite_uuid = $1`,
      [pk],
    );
    await app.jar().open(slug, `${query}&__proto__=1&__proto__[polluted]=1&constructor=1`);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('objects are merged at every depth, lists joined, other conflicts won by the invitation', async () => {
    const gathered = { a: { kept: 1, won: 1 }, list: [1], text: 'old' };
    const preset = await probes.build(app, ({ plan }) => plan.set(promptData, gathered));
    const { slug } = await buildFlow(app, [preset, await invitationStage(app), await dummyStage(app)]);
    const { query } = await invite(app, { fixed_data: { a: { won: 2 }, list: [2], text: 'new' } });
    const jar = app.jar();
    await jar.open(slug, query);
    expect((await planIn(app, jar))?.context['prompt_data']).toEqual({
      a: { kept: 1, won: 2 },
      list: [1, 2],
      text: 'new',
    });
  });
});

describe('opening', () => {
  const AGENTS: readonly Record<string, string>[] = [
    {},
    { 'user-agent': 'Googlebot' },
    { purpose: 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
  ];

  test('(77), D4, T04: a hundred GET and HEAD of the link by others change nothing', async () => {
    const { slug, pk } = await enrollmentFlow(app);
    const invited = await invite(app, { flow: pk, single_use: true, fixed_data: { email: 'a@example.com' } });
    const before = await invitationRow(app, invited);
    const [counted] = await app.ctx.db.query('select count(*) from event');
    const urls = [executorUrl(slug, invited.query), `/if/flow/${slug}/?${invited.query}`];
    for (let round = 0; round < 25; round += 1) {
      for (const url of urls) {
        const headers = AGENTS[round % AGENTS.length] ?? {};
        expect((await app.jar().get(url, { headers })).status).toBe(200);
        expect((await app.jar().ask('HEAD', url, { headers })).status).toBe(200);
      }
    }
    expect(await invitationRow(app, invited)).toEqual(before);
    const [after] = await app.ctx.db.query('select count(*) from event');
    expect(after).toEqual(counted);
    expect((await app.jar().open(slug, invited.query)).body.component).toBe('ak-stage-prompt');
  });

  test('D4: HEAD runs no stage, not even of a flow that asks nothing', async () => {
    const { slug } = await gate();
    const invited = await invite(app, { single_use: true });
    await app.jar().ask('HEAD', executorUrl(slug, invited.query));
    await app.jar().ask('HEAD', `/if/flow/${slug}/?${invited.query}`);
    expect(await countUses(app, invited)).toBe(0);
    expect((await app.jar().open(slug, invited.query)).body).toEqual(DONE);
    expect(await countUses(app, invited)).toBe(1);
  });
});
