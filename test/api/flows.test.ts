import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { ADMIN_PASSWORD } from '../app.ts';
import { ENROLLMENT, FLOWS, FLOW_BINDINGS, INVITATION_STAGES } from './urls.ts';

const app = await testApp();
const FLOW_KEYS =
  'pk, policybindingmodel_ptr_id, name, slug, title, designation, background, background_url, background_themed_urls, stages, policies, cache_count, policy_engine_mode, compatibility_mode, export_url, layout, denied_action, authentication';
const FLOW_SET_KEYS =
  'pk, policybindingmodel_ptr_id, name, slug, title, designation, background_url, policy_engine_mode, compatibility_mode, export_url, layout, denied_action';
const BINDING_KEYS =
  'pk, policybindingmodel_ptr_id, target, stage, stage_obj, evaluate_on_plan, re_evaluate_policies, order, policy_engine_mode, invalid_response_action';
const STAGE_KEYS =
  'pk, name, component, verbose_name, verbose_name_plural, meta_model_name, flow_set, continue_flow_without_invitation';

const keysOf = (value: object): string => Object.keys(value).join(', ');

let number = 0;
async function makeFlow(fields: object = {}) {
  const slug = `made-${(number += 1)}`;
  const body = { name: slug, slug, title: slug, designation: 'enrollment', ...fields };
  return (await app.api('POST', FLOWS, body)).body;
}
async function makeStage(name = `stage-${(number += 1)}`) {
  return (await app.api('POST', INVITATION_STAGES, { name })).body;
}
const bind = (body: object) => app.api('POST', FLOW_BINDINGS, body);

describe('shapes', () => {
  test('a flow, the flows of a stage, a binding and a stage have the contract’s keys in order (3.2, 3.3, 3.4, 2.10)', async () => {
    const flow = await makeFlow();
    const stage = await makeStage();
    const binding = (await bind({ target: flow.pk, stage: stage.pk, order: 1 })).body;
    const bound = (await app.api('GET', `${INVITATION_STAGES}${stage.pk}/`)).body;
    expect(keysOf(flow)).toBe(FLOW_KEYS);
    expect(keysOf(bound)).toBe(STAGE_KEYS);
    expect(bound.flow_set.map(keysOf)).toEqual([FLOW_SET_KEYS]);
    expect(keysOf(binding)).toBe(BINDING_KEYS);
    expect(binding.stage_obj).toEqual(
      Object.fromEntries(Object.entries(bound).filter(([key]) => key !== 'continue_flow_without_invitation')),
    );
    expect(bound).toMatchObject({
      component: 'ak-stage-invitation-form',
      meta_model_name: 'authentik_stages_invitation.invitationstage',
      verbose_name: 'Invitation Stage',
      verbose_name_plural: 'Invitation Stages',
    });
    const read = (await app.api('GET', `${FLOWS}${flow.slug}/`)).body;
    expect(read.stages).toEqual([stage.pk]);
    expect(read.policybindingmodel_ptr_id).not.toBe(read.pk);
    expect(read.export_url).toBe(`/api/v3/flows/instances/${flow.slug}/export/`);
  });

  test('a stage’s no_flows filter tells bound from unbound', async () => {
    const [bound, unbound] = [await makeStage(), await makeStage()];
    await bind({ target: (await makeFlow()).pk, stage: bound.pk, order: 1 });
    const found = async (query: string) =>
      (await app.api('GET', `${INVITATION_STAGES}?page_size=100&${query}`)).body.results.map(
        ({ pk }: { pk: string }) => pk,
      );
    expect(await found('no_flows=true')).toContain(unbound.pk);
    expect(await found('no_flows=true')).not.toContain(bound.pk);
    expect(await found('no_flows=false')).toContain(bound.pk);
    expect(await found('no_flows=false')).not.toContain(unbound.pk);
  });

  test('detail URLs go by slug; a new slug moves the flow', async () => {
    const flow = await makeFlow();
    expect((await app.api('GET', `${FLOWS}${flow.pk}/`)).body).toEqual({ detail: 'No Flow matches the given query.' });
    const moved = await app.api('PATCH', `${FLOWS}${flow.slug}/`, { slug: `${flow.slug}-moved` });
    expect(moved.status).toBe(200);
    expect((await app.api('GET', `${FLOWS}${flow.slug}/`)).status).toBe(404);
    expect((await app.api('GET', `${FLOWS}${flow.slug}-moved/`)).body.pk).toBe(flow.pk);
  });

  test('a flow with a background answers it as its URL (38)', async () => {
    const flow = await makeFlow();
    expect(flow.background_url).toBe('/static/dist/assets/images/flow_background.jpg');
    const url = 'https://example.org/picture.png';
    const changed = await app.api('PATCH', `${FLOWS}${flow.slug}/`, { background: url });
    expect([changed.body.background, changed.body.background_url]).toEqual([url, url]);
  });
});

describe('the plan cache (37, 38)', () => {
  const info = async () => (await app.api('GET', `${FLOWS}cache_info/`)).body;
  const countOf = async (slug: string) => (await app.api('GET', `${FLOWS}${slug}/`)).body.cache_count;

  test('a flow counts its cached plans, cache_info those of all flows, cache_clear drops them', async () => {
    expect((await app.api('POST', `${FLOWS}cache_clear/`)).status).toBe(204);
    const [one, other] = [await makeFlow(), await makeFlow()];
    for (const { pk } of [one, other]) {
      const dummy = (await app.api('POST', '/api/v3/stages/dummy/', { name: `dummy-${(number += 1)}` })).body;
      await bind({ target: pk, stage: dummy.pk, order: 1 });
    }
    expect([await countOf(one.slug), await info()]).toEqual([0, { count: 0 }]);
    const signedIn = app.jar();
    await signedIn.open('default-authentication-flow');
    await signedIn.answer('default-authentication-flow', { uid_field: 'akadmin' });
    await signedIn.answer('default-authentication-flow', { password: ADMIN_PASSWORD });
    await app.api('POST', `${FLOWS}cache_clear/`);
    await app.jar().open(one.slug);
    await app.jar().open(one.slug);
    expect([await countOf(one.slug), await info()]).toEqual([1, { count: 1 }]);
    await signedIn.open(one.slug);
    await app.jar().open(other.slug);
    expect([await countOf(one.slug), await countOf(other.slug), await info()]).toEqual([2, 1, { count: 3 }]);
    const cleared = await app.api('POST', `${FLOWS}cache_clear/`);
    expect([cleared.status, cleared.text]).toEqual([204, '']);
    expect([await countOf(one.slug), await info()]).toEqual([0, { count: 0 }]);
  });

  test('a changed flow forgets its cached plans', async () => {
    await app.jar().open(ENROLLMENT);
    expect(await countOf(ENROLLMENT)).toBeGreaterThan(0);
    const { pk } = (await app.api('GET', `${FLOW_BINDINGS}?target__slug=x&ordering=order`)).body.results[0];
    const { target } = (await app.api('GET', `${FLOW_BINDINGS}${pk}/`)).body;
    const found = (await app.api('GET', `${FLOWS}?flow_uuid=${target}`)).body.results[0];
    await app.jar().open(found.slug);
    await app.api('PATCH', `${FLOW_BINDINGS}${pk}/`, { evaluate_on_plan: true });
    expect(await countOf(found.slug)).toBe(0);
  });
});

describe('bindings', () => {
  let flow: { pk: string; slug: string };
  let stage: { pk: string };
  beforeAll(async () => {
    flow = await makeFlow();
  });
  beforeEach(async () => {
    stage = await makeStage();
  });
  const NEITHER = { non_field_errors: ['Either evaluation on plan or evaluation on run must be enabled'] };

  test('both evaluation flags off are refused (66)', async () => {
    const both = { evaluate_on_plan: false, re_evaluate_policies: false };
    const refused = await bind({ target: flow.pk, stage: stage.pk, order: 1, ...both });
    expect([refused.status, refused.body]).toEqual([400, NEITHER]);
  });

  test('only the submitted flags count, so that PATCH of the second alone fails (66)', async () => {
    const made = await bind({ target: flow.pk, stage: stage.pk, order: 1, evaluate_on_plan: true });
    const url = `${FLOW_BINDINGS}${made.body.pk}/`;
    const alone = await app.api('PATCH', url, { re_evaluate_policies: false });
    expect([alone.status, alone.body]).toEqual([400, NEITHER]);
    expect((await app.api('GET', url)).body).toEqual(made.body);
    const together = await app.api('PATCH', url, { re_evaluate_policies: false, evaluate_on_plan: true });
    expect(together.status).toBe(200);
  });

  test('target, stage and order are unique together (1.7)', async () => {
    const body = { target: flow.pk, stage: stage.pk, order: 1 };
    const made = await bind(body);
    const second = await bind(body);
    const expected = { non_field_errors: ['The fields target, stage, order must make a unique set.'] };
    expect([second.status, second.body]).toEqual([400, expected]);
    const third = await bind({ ...body, order: 2 });
    const moved = await app.api('PATCH', `${FLOW_BINDINGS}${third.body.pk}/`, { order: 1 });
    expect([moved.status, moved.body]).toEqual([400, expected]);
    expect((await app.api('PUT', `${FLOW_BINDINGS}${made.body.pk}/`, body)).status).toBe(200);
  });

  test.each([2_147_483_648, -2_147_483_649, 1.5])('an order of %d is refused', async (order) => {
    const refused = await bind({ target: flow.pk, stage: stage.pk, order });
    expect([refused.status, Object.keys(refused.body)]).toEqual([400, ['order']]);
  });

  test('a flow and a stage name their bindings in used_by, and take them along', async () => {
    const own = await makeFlow();
    const binding = (await bind({ target: own.pk, stage: stage.pk, order: 1 })).body;
    const used = {
      app: 'authentik_flows',
      model_name: 'flowstagebinding',
      pk: binding.pk,
      name: expect.stringContaining(own.name),
      action: 'cascade',
    };
    expect((await app.api('GET', `${FLOWS}${own.slug}/used_by/`)).body).toEqual([used]);
    expect((await app.api('GET', `${INVITATION_STAGES}${stage.pk}/used_by/`)).body).toEqual([used]);
    expect((await app.api('DELETE', `${FLOWS}${own.slug}/`)).status).toBe(204);
    expect((await app.api('GET', `${FLOW_BINDINGS}${binding.pk}/`)).status).toBe(404);
    expect((await app.api('GET', `${INVITATION_STAGES}${stage.pk}/`)).body.flow_set).toEqual([]);
  });
});
