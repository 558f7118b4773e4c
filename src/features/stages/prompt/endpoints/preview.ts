import { defineEndpoint } from '../../../../kernel/http/endpoint.ts';
import type { InputOf } from '../../../../kernel/resource/field.ts';
import { defineShape } from '../../../../kernel/resource/fields.ts';
import { presentField } from '../present-field.ts';
import { Prompt, checkPrompt, promptFields } from '../resources/prompt.ts';
import { PromptChallenge } from '../shapes.ts';
import type { PromptRow } from '../store.ts';

/** The body: a prompt as it would be created, under the name that the document gives it. */
const body = defineShape('Prompt', promptFields, { description: Prompt.description });

/** The row that would be stored; what is absent takes the table's defaults. */
function rowOf(input: InputOf<typeof promptFields>): PromptRow {
  return {
    field_key: input.field_key,
    label: input.label,
    type: input.type,
    required: input.required ?? true,
    placeholder: input.placeholder ?? '',
    initial_value: input.initial_value ?? '',
    order: input.order ?? 0,
    sub_text: input.sub_text ?? '',
  };
}

/** Shows a prompt as a flow would; stores nothing. It needs the right to make one (A20). */
export const preview = defineEndpoint({
  on: Prompt,
  detail: false,
  method: 'POST',
  path: 'preview/',
  operationId: 'stages_prompt_prompts_preview_create',
  description: 'Preview a prompt as a challenge, just like a flow would receive',
  permission: 'authentik_stages_prompt.add_prompt',
  body,
  responses: { 200: PromptChallenge },
  handle(_ctx, { body: input }) {
    checkPrompt(input);
    return { component: 'ak-stage-prompt', fields: [presentField(rowOf(input), {})] };
  },
});
