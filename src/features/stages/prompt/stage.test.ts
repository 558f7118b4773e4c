import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../../test/app.ts';
import type { TestApp } from '../../../../test/app.ts';
import { buildFlow, buildPromptStage, buildStage } from './builders.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const password = { type: 'password' };

async function formFlow(prompts: Parameters<typeof buildPromptStage>[1]): Promise<string> {
  return buildFlow(app, [await buildPromptStage(app, prompts)]);
}

describe('the form', () => {
  test('(35) shows the fields in their order with what every challenge has', async () => {
    const slug = await formFlow({ name: { order: 2 }, email: { type: 'email', order: 1, required: false } });
    const { status, body } = await app.jar().open(slug);
    expect(status).toBe(200);
    expect(body).toMatchObject({ component: 'ak-stage-prompt', flow_info: { cancel_url: '/flows/-/cancel/' } });
    expect(body.fields.map((field: { field_key: string }) => field.field_key)).toEqual(['email', 'name']);
  });

  test.each([[{}], [{ component: 'ak-stage-prompt' }], [{ component: 'ak-stage-prompt', name: '' }]])(
    'T04, A10: %j passes no stage with a required field',
    async (reply) => {
      const slug = await formFlow({ name: {} });
      const jar = app.jar();
      await jar.open(slug);
      const { body } = await jar.answer(slug, reply);
      expect(Object.keys(body.response_errors)).toEqual(['name']);
      expect((await jar.open(slug)).body.component).toBe('ak-stage-prompt');
    },
  );

  test('a good answer passes', async () => {
    const slug = await formFlow({ name: {} });
    const jar = app.jar();
    await jar.open(slug);
    expect((await jar.answer(slug, { name: 'Bob' })).body).toEqual(DONE);
  });
});

describe('faults of the form as a whole', () => {
  const MISMATCH = { non_field_errors: [{ string: "Passwords don't match.", code: 'invalid' }] };

  test('(62) two passwords that differ show the form again', async () => {
    const slug = await formFlow({ password, password_repeat: password });
    const jar = app.jar();
    await jar.open(slug);
    const { status, body } = await jar.answer(slug, { password: 'one', password_repeat: 'two' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ component: 'ak-stage-prompt', response_errors: MISMATCH });
    expect((await jar.answer(slug, { password: 'one', password_repeat: 'one' })).body).toEqual(DONE);
  });

  test('are not looked for while a single field is wrong', async () => {
    const slug = await formFlow({ name: {}, password, password_repeat: password });
    const jar = app.jar();
    await jar.open(slug);
    const { body } = await jar.answer(slug, { password: 'one', password_repeat: 'two' });
    expect(Object.keys(body.response_errors)).toEqual(['name']);
  });

  test('passwords never come back to the page', async () => {
    const slug = await formFlow({ password, password_repeat: password });
    const jar = app.jar();
    await jar.open(slug);
    const { text } = await jar.answer(slug, { password: 'hunter2-one', password_repeat: 'hunter2-two' });
    expect(text).not.toContain('hunter2');
  });
});

describe('usernames', () => {
  test.each(['akadmin', 'AkAdmin', '\uff41kadmin'])('(63), T09: %s is taken', async (username) => {
    const slug = await formFlow({ username: { type: 'username' } });
    const jar = app.jar();
    await jar.open(slug);
    const { body } = await jar.answer(slug, { username });
    expect(body.response_errors).toEqual({ username: [{ string: 'Username is already taken.', code: 'invalid' }] });
  });

  test("the visitor's own name passes", async () => {
    const write = await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' });
    const first = await buildPromptStage(app, { username: { type: 'username' } });
    const again = await buildPromptStage(app, { username: { type: 'username', label: 'again' } });
    const slug = await buildFlow(app, [first, write, again]);
    const jar = app.jar();
    await jar.open(slug);
    await jar.answer(slug, { username: 'own-name' });
    expect((await jar.answer(slug, { username: 'Own-Name' })).body).toEqual(DONE);
  });
});

describe('prompts by API', () => {
  const url = '/api/v3/stages/prompt/prompts/';
  const prompt = { name: 'by-api', field_key: 'x', label: 'X', type: 'text' };

  test.each(['placeholder_expression', 'initial_value_expression'])('%s is refused', async (field) => {
    const { status, body } = await app.api('POST', url, { ...prompt, [field]: true });
    expect([status, Object.keys(body)]).toEqual([400, [field]]);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('T12: the field key %s is refused', async (field_key) => {
    const { status, body } = await app.api('POST', url, { ...prompt, field_key });
    expect([status, Object.keys(body)]).toEqual([400, ['field_key']]);
  });

  test('a prompt names the stages that show it', async () => {
    const stage = await buildPromptStage(app, { nickname: {} });
    const { body } = await app.api('GET', `${url}?field_key=nickname`);
    expect(body.results).toHaveLength(1);
    expect(body.results[0].prompt_stages_obj).toMatchObject([{ pk: stage, fields: [body.results[0].pk] }]);
  });

  test('two prompts of one name are refused', async () => {
    expect((await app.api('POST', url, { ...prompt, name: 'twice' })).status).toBe(201);
    const { status, body } = await app.api('POST', url, { ...prompt, name: 'twice' });
    expect([status, Object.keys(body)]).toEqual([400, ['name']]);
  });

  test('a preview shows a prompt as a flow would and stores nothing', async () => {
    const answer = await app.api('POST', `${url}preview/`, { ...prompt, name: 'preview', initial_value: 'hello' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ component: 'ak-stage-prompt', fields: [{ initial_value: 'hello' }] });
    expect((await app.api('GET', `${url}?name=preview`)).body.results).toEqual([]);
  });

  test('A20: a preview needs the right to make prompts', async () => {
    expect((await app.api('POST', `${url}preview/`, prompt, { token: null })).status).toBe(403);
  });
});
