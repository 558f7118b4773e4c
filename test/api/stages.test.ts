import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { resourceCases } from './resource-cases.ts';
import { FLOWS, FLOW_BINDINGS, UNKNOWN_ID } from './urls.ts';

const app = await testApp();
const ALL = '/api/v3/stages/all/';
const PROMPTS = '/api/v3/stages/prompt/prompts/';
const stageCases = (await resourceCases(app))
  .filter(({ path }) => path.startsWith('/api/v3/stages/'))
  .filter(({ model }) => model !== 'Prompt');

const KINDS = [
  ['deny', 'Deny Stage'],
  ['dummy', 'Dummy Stage'],
  ['email', 'Email Stage'],
  ['identification', 'Identification Stage'],
  ['invitation', 'Invitation Stage'],
  ['password', 'Password Stage'],
  ['prompt', 'Prompt Stage'],
  ['user-login', 'User Login Stage'],
  ['user-logout', 'User Logout Stage'],
  ['user-write', 'User Write Stage'],
] as const;

describe('all stages', () => {
  beforeAll(async () => {
    for (const one of stageCases) await app.api('POST', one.path, one.full(1));
  });

  test('the list shows stages of every kind as their own resource does', async () => {
    const { body } = await app.api('GET', `${ALL}?page_size=100`);
    const components = new Set(body.results.map(({ component }: { component: string }) => component));
    expect([...components].toSorted()).toEqual(KINDS.map(([kind]) => `ak-stage-${kind}-form`));
    for (const one of stageCases) {
      const own = (await app.api('GET', `${one.path}?page_size=100`)).body.results;
      expect(own.length).toBeGreaterThan(0);
      for (const stage of own) {
        const shown = body.results.find(({ pk }: { pk: string }) => pk === stage.pk);
        expect(stage).toMatchObject(shown);
        expect((await app.api('GET', `${ALL}${stage.pk}/`)).body).toEqual(shown);
      }
    }
  });

  test('a stage is no stage of another kind', async () => {
    const [first, second] = stageCases;
    const stage = (await app.api('GET', String(first?.path))).body.results[0];
    for (const method of ['GET', 'DELETE']) {
      expect((await app.api(method, `${second?.path}${stage.pk}/`)).status).toBe(404);
    }
    const put = await app.api('PUT', `${second?.path}${stage.pk}/`, second?.full(7));
    expect(put.status).toBe(404);
    expect((await app.api('GET', `${ALL}${stage.pk}/`)).status).toBe(200);
  });

  test('stages are made and changed by their own resource only', async () => {
    const stage = (await app.api('GET', ALL)).body.results[0];
    const post = await app.api('POST', ALL, { name: 'x' });
    expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
    for (const method of ['PUT', 'PATCH']) {
      const answer = await app.api(method, `${ALL}${stage.pk}/`, { name: 'x' });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, DELETE, HEAD, OPTIONS']);
    }
  });

  test('DELETE removes the stage with its settings and bindings', async () => {
    const flow = (await app.api('GET', `${FLOWS}part/`)).body;
    const stage = (await app.api('POST', '/api/v3/stages/deny/', { name: 'to-go' })).body;
    const binding = (await app.api('POST', FLOW_BINDINGS, { target: flow.pk, stage: stage.pk, order: 900 })).body;
    const used = await app.api('GET', `${ALL}${stage.pk}/used_by/`);
    expect(used.body).toMatchObject([{ model_name: 'flowstagebinding', pk: binding.pk, action: 'cascade' }]);
    expect((await app.api('DELETE', `${ALL}${stage.pk}/`)).status).toBe(204);
    expect((await app.api('GET', `/api/v3/stages/deny/${stage.pk}/`)).status).toBe(404);
    expect((await app.api('GET', `${FLOW_BINDINGS}${binding.pk}/`)).status).toBe(404);
    expect((await app.api('POST', '/api/v3/stages/deny/', { name: 'to-go' })).status).toBe(201);
  });

  test('types are the kinds that can be made', async () => {
    const { status, body } = await app.api('GET', `${ALL}types/`);
    expect(status).toBe(200);
    expect(body.map(({ name, component }: Record<string, string>) => [component, name])).toEqual(
      KINDS.map(([kind, name]) => [`ak-stage-${kind}-form`, name]),
    );
    for (const type of body) {
      expect(type.model_name).toMatch(/^[a-z]+stage$/);
      expect(type.description).not.toBe('');
      expect([type.requires_enterprise, type.deprecated]).toEqual([false, false]);
    }
  });

  test('user settings list a password stage with a flow to set it up, and no other', async () => {
    const list = async () => (await app.api('GET', `${ALL}user_settings/`)).body;
    for (const { pk } of (await app.api('GET', '/api/v3/stages/password/')).body.results) {
      await app.api('PATCH', `/api/v3/stages/password/${pk}/`, { configure_flow: null });
    }
    expect(await list()).toEqual([]);
    const flow = (await app.api('GET', `${FLOWS}part/`)).body;
    const stage = { name: 'settable', backends: [], configure_flow: flow.pk };
    const { pk } = (await app.api('POST', '/api/v3/stages/password/', stage)).body;
    expect(await list()).toMatchObject([{ object_uid: pk, component: 'ak-user-settings-password' }]);
  });
});

describe('prompts', () => {
  const prompt = { name: 'p', field_key: 'colour', label: 'Colour', type: 'text', placeholder: 'red' };

  test('a preview is the challenge that a flow would show, and stores nothing', async () => {
    const before = (await app.api('GET', PROMPTS)).body.pagination.count;
    const { status, body } = await app.api('POST', `${PROMPTS}preview/`, { ...prompt, initial_value: 'blue' });
    expect(status).toBe(200);
    expect(body.component).toBe('ak-stage-prompt');
    expect(body.fields).toEqual([
      {
        field_key: 'colour',
        label: 'Colour',
        type: 'text',
        required: true,
        placeholder: 'red',
        initial_value: 'blue',
        order: 0,
        sub_text: '',
        choices: null,
      },
    ]);
    expect((await app.api('GET', PROMPTS)).body.pagination.count).toBe(before);
  });

  test('a preview refuses what a prompt would', async () => {
    const bad = await app.api('POST', `${PROMPTS}preview/`, { ...prompt, type: 'nonsense', label: '' });
    expect([bad.status, Object.keys(bad.body).toSorted()]).toEqual([400, ['label', 'type']]);
  });

  test.each(['placeholder_expression', 'initial_value_expression'])('%s is refused in words', async (key) => {
    for (const path of [PROMPTS, `${PROMPTS}preview/`]) {
      const answer = await app.api('POST', path, { ...prompt, name: 'expression', [key]: true });
      expect([answer.status, answer.body]).toEqual([
        400,
        { [key]: ['Expressions are not supported. Use a literal value.'] },
      ]);
    }
  });

  test.each(['__proto__', 'constructor', 'prototype'])('the field key %s is refused (T12)', async (key) => {
    const answer = await app.api('POST', PROMPTS, { ...prompt, field_key: key });
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['field_key']]);
  });

  test('a prompt names its stages, whole, and in used_by', async () => {
    const made = (await app.api('POST', PROMPTS, { ...prompt, name: 'shown' })).body;
    const stage = (await app.api('POST', '/api/v3/stages/prompt/stages/', { name: 'shows', fields: [made.pk] })).body;
    const { body } = await app.api('GET', `${PROMPTS}${made.pk}/`);
    expect(body.prompt_stages_obj).toEqual([stage]);
    const used = await app.api('GET', `${PROMPTS}${made.pk}/used_by/`);
    expect(used.body).toMatchObject([{ app: 'authentik_stages_prompt', model_name: 'promptstage', pk: stage.pk }]);
    expect((await app.api('DELETE', `${PROMPTS}${made.pk}/`)).status).toBe(204);
    expect((await app.api('GET', `/api/v3/stages/prompt/stages/${stage.pk}/`)).body.fields).toEqual([]);
  });

  test('a stage of unknown prompts is refused', async () => {
    const answer = await app.api('POST', '/api/v3/stages/prompt/stages/', { name: 'broken', fields: [UNKNOWN_ID] });
    expect([answer.status, answer.body]).toEqual([
      400,
      { fields: [`Invalid pk "${UNKNOWN_ID}" - object does not exist.`] },
    ]);
  });
});

describe('identification and password', () => {
  test.each(['password_stage', 'captcha_stage', 'webauthn_stage'])('%s takes no stage of another kind', async (key) => {
    const { pk } = (await app.api('GET', '/api/v3/stages/dummy/')).body.results[0];
    const answer = await app.api('POST', '/api/v3/stages/identification/', { name: `wrong-${key}`, [key]: pk });
    expect([answer.status, answer.body]).toEqual([400, { [key]: [`Invalid pk "${pk}" - object does not exist.`] }]);
  });

  test('unknown user fields, sources and backends are refused', async () => {
    const fields = { user_fields: ['username', 'shoe'], sources: [UNKNOWN_ID] };
    const answer = await app.api('POST', '/api/v3/stages/identification/', { name: 'wrong', ...fields });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body)).toContain('user_fields');
    const source = await app.api('POST', '/api/v3/stages/identification/', { name: 'wrong', sources: [UNKNOWN_ID] });
    expect([source.status, Object.keys(source.body)]).toEqual([400, ['sources']]);
    const backend = await app.api('POST', '/api/v3/stages/password/', { name: 'wrong', backends: ['x'] });
    expect([backend.status, Object.keys(backend.body)]).toEqual([400, ['backends']]);
  });

  test.each(['session_duration', 'remember_me_offset', 'remember_device'])('%s takes a duration only', async (key) => {
    for (const value of ['soon', '5', 'hours=x', 'fortnights=1']) {
      const answer = await app.api('POST', '/api/v3/stages/user_login/', { name: 'wrong', [key]: value });
      expect([value, answer.status, Object.keys(answer.body)]).toEqual([value, 400, [key]]);
    }
  });
});

describe('policy bindings', () => {
  const BINDINGS = '/api/v3/policies/bindings/';
  const ONE = { non_field_errors: ["One of 'policy', 'group', 'user' must be set."] };
  const MANY = { non_field_errors: ["Only one of 'policy', 'group', 'user' can be set."] };

  test('exactly one subject is bound', async () => {
    const target = (await app.api('GET', `${FLOWS}part/`)).body.policybindingmodel_ptr_id;
    const group = (await app.api('GET', '/api/v3/core/groups/?name=part-group')).body.results[0].pk;
    const user = (await app.api('GET', '/api/v3/core/users/?username=part')).body.results[0].pk;
    const none = await app.api('POST', BINDINGS, { target, order: 1 });
    expect([none.status, none.body]).toEqual([400, ONE]);
    const two = await app.api('POST', BINDINGS, { target, order: 1, group, user });
    expect([two.status, two.body]).toEqual([400, MANY]);
    const made = await app.api('POST', BINDINGS, { target, order: 1, user });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      user,
      group: null,
      policy: null,
      group_obj: null,
      user_obj: { username: 'part' },
    });
    const url = `${BINDINGS}${made.body.pk}/`;
    expect((await app.api('PATCH', url, { group })).body).toEqual(MANY);
    expect((await app.api('PATCH', url, { user: null })).body).toEqual(ONE);
    const moved = await app.api('PATCH', url, { user: null, group });
    expect([moved.status, moved.body.group_obj.name]).toEqual([200, 'part-group']);
  });

  test('a target that is none is refused', async () => {
    const answer = await app.api('POST', BINDINGS, { target: UNKNOWN_ID, order: 1, user: 1 });
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['target']]);
  });
});
