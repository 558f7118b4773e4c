import { ValidationError } from '../../../../kernel/errors/api-error.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import { isForbiddenKey } from '../../../../kernel/schema/json.ts';
import { PROMPT_TYPES } from '../field-types.ts';

type Rules = {
  readonly field_key?: string;
  readonly placeholder_expression?: boolean;
  readonly initial_value_expression?: boolean;
};

/**
 * What the fields alone cannot say of a prompt.
 * @throws ValidationError
 */
export function checkPrompt({ field_key, placeholder_expression, initial_value_expression }: Rules): void {
  const faults: [string, string[]][] = [];
  if (field_key !== undefined && isForbiddenKey(field_key)) {
    faults.push(['field_key', ['The keys __proto__, constructor and prototype are not allowed.']]);
  }
  const refused = ['Expressions are not supported. Use a literal value.'];
  if (placeholder_expression === true) faults.push(['placeholder_expression', refused]);
  if (initial_value_expression === true) faults.push(['initial_value_expression', refused]);
  if (faults.length > 0) throw new ValidationError(Object.fromEntries(faults));
}

/** Typed, because the preview takes the same body. */
export const promptFields = {
  pk: f.uuid({ readOnly: true, column: 'prompt_uuid', title: 'Prompt uuid' }),
  name: f.string({ unique: 'Prompt with this name already exists.' }),
  field_key: f.string({ description: 'Name of the form field, also used to store the value' }),
  label: f.string(),
  type: f.choice('PromptTypeEnum', PROMPT_TYPES),
  required: f.boolean({ required: false }),
  placeholder: f.string({
    blank: true,
    description:
      'Optionally provide a short hint that describes the expected input value. When creating a fixed choice field, enable interpreting as expression and return a list to return multiple choices.',
  }),
  initial_value: f.string({
    blank: true,
    description:
      'Optionally pre-fill the input with an initial value. When creating a fixed choice field, enable interpreting as expression and return a list to return multiple default choices.',
  }),
  order: f.integer({ required: false }),
  sub_text: f.string({ blank: true }),
  placeholder_expression: f.boolean({ required: false }),
  initial_value_expression: f.boolean({ required: false }),
};

/** One field of a form (contract part 2, 11.1). The stages that use it are added by `prompt-stage.ts`. */
export const Prompt = defineResource({
  name: 'Prompt',
  model: 'authentik_stages_prompt.prompt',
  path: '/stages/prompt/prompts/',
  table: 'prompt',
  key: 'prompt_uuid',
  fields: promptFields,
  filters: ['field_key', 'name', 'label', 'type', 'placeholder'],
  search: ['field_key', 'name', 'label', 'type', 'placeholder'],
  ordering: ['field_key', 'order'],
  validate: checkPrompt,
});
