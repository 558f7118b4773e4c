import { stageBase } from '../../../../core/flows/index.ts';
import { Policy } from '../../../../core/policies/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import type { ResourceExtension } from '../../../../kernel/resource/resource.ts';
import { Prompt } from './prompt.ts';

/** The settings of a prompt stage. */
export const PromptStage = defineResource({
  name: 'PromptStage',
  model: 'authentik_stages_prompt.promptstage',
  path: '/stages/prompt/stages/',
  table: 'prompt_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'prompt',
    component: 'ak-stage-prompt-form',
    model: 'authentik_stages_prompt.promptstage',
    verboseName: 'Prompt Stage',
    description: 'Define arbitrary prompts for the user.',
  }),
  fields: {
    fields: f.pkList(() => Prompt, { table: 'prompt_stage_field', own: 'stage_uuid', other: 'prompt_uuid' }),
    validation_policies: f.pkList(() => Policy, {
      table: 'prompt_stage_policy',
      own: 'stage_uuid',
      other: 'policy_uuid',
      required: false,
    }),
  },
  filters: ['name', 'fields', 'validation_policies', 'stage_uuid'],
  search: ['name'],
  ordering: ['name'],
});

/** The stages that show a prompt, whole, as the wire has them on the prompt. */
export const promptStages: ResourceExtension = {
  name: 'prompt_stages_obj',
  of: Prompt,
  after: 'order',
  fields: {
    prompt_stages_obj: f.nestedList(() => PromptStage, {
      // Its columns are joined from two tables, the base among them.
      from: (
        alias,
        item,
      ) => `from prompt_stage ${item} join stage ${item}_b on ${item}_b.stage_uuid = ${item}.stage_uuid
        where exists (select 1 from prompt_stage_field pf
          where pf.stage_uuid = ${item}.stage_uuid and pf.prompt_uuid = ${alias}.prompt_uuid)`,
      orderBy: (item) => `${item}_b.name`,
    }),
  },
};
