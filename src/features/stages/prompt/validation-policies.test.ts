import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../../test/app.ts';
import type { TestApp } from '../../../../test/app.ts';
import { policyKind } from '../../../core/policies/index.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import { buildFlow, buildPromptStage } from './builders.ts';

let app: TestApp;
beforeAll(async () => {
  const blue = policyKind({
    type: 'only_blue',
    async evaluate(_uuid, { context }) {
      const { prompt_data } = context;
      const passing = isJsonObject(prompt_data) && prompt_data['colour'] === 'blue';
      return { passing, messages: passing ? ['Well chosen.'] : ['Only blue will do.'] };
    },
  });
  const broken = policyKind({
    type: 'broken',
    async evaluate() {
      throw new Error('broken');
    },
  });
  app = await testApp({ provides: [blue, broken] });
});

async function judge(types: readonly string[], colour: string) {
  const stage = await buildPromptStage(app, { colour: {} });
  const rows = await app.ctx.db.query<{ policy_uuid: string }>(
    `insert into policy (name, type) select t || '-' || $2, t from unnest($1::text[]) t returning policy_uuid`,
    [types, stage],
  );
  const validation_policies = rows.map((row) => row.policy_uuid);
  await app.api('PATCH', `/api/v3/stages/prompt/stages/${stage}/`, { validation_policies });
  const slug = await buildFlow(app, [stage]);
  const jar = app.jar();
  await jar.open(slug);
  return (await jar.answer(slug, { colour })).body;
}

test('a refusal is shown above the form', async () => {
  const { response_errors } = await judge(['only_blue'], 'red');
  expect(response_errors).toEqual({ non_field_errors: [{ string: 'Only blue will do.', code: 'invalid' }] });
});

test('answers that the policies accept pass', async () => {
  expect(await judge(['only_blue'], 'blue')).toEqual({ component: 'xak-flow-redirect', to: '/' });
});

test.each(['broken', 'of_no_feature'])('A08: a policy that cannot be asked (%s) refuses', async (type) => {
  const { response_errors } = await judge(['only_blue', type], 'blue');
  expect(response_errors).toEqual({
    non_field_errors: [{ string: 'The answers were not accepted.', code: 'invalid' }],
  });
});
