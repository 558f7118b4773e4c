import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { hasChoices } from './field-types.ts';
import type { PromptRow } from './store.ts';

export type Choice = { readonly value: string; readonly label: string };

const own = (data: JsonObject, key: string): Json | undefined => (Object.hasOwn(data, key) ? data[key] : undefined);

/** A value as text for an input; false and null are the empty text, so that a checkbox is not ticked by them. */
function asText(value: Json): string {
  if (value === null || value === false) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function toChoice(item: Json): Choice {
  if (!isJsonObject(item)) return { value: asText(item), label: asText(item) };
  const value = asText(own(item, 'value') ?? '');
  return { value, label: asText(own(item, 'label') ?? value) };
}

/**
 * What a choice field offers: `prompt_data["<field_key>__choices"]`, else the placeholder as the only choice; undefined
 * for other types (contract part 2, 11.1).
 */
export function choicesOf(prompt: PromptRow, data: JsonObject): readonly Choice[] | undefined {
  if (!hasChoices(prompt.type)) return undefined;
  const given = own(data, `${prompt.field_key}__choices`) ?? prompt.placeholder;
  if (Array.isArray(given)) return given.map(toChoice);
  return given === '' ? [] : [toChoice(given)];
}

/**
 * What the field begins with: the value that the plan has for its key, never evaluated, else the literal one. A choice
 * field begins with one of its choices.
 */
export function initialValueOf(prompt: PromptRow, data: JsonObject): Json {
  if (prompt.lockedTo !== undefined) return prompt.lockedTo;
  const initial = own(data, prompt.field_key) ?? prompt.initial_value;
  const choices = choicesOf(prompt, data);
  if (!choices) return initial;
  const wanted = asText(initial);
  return choices.some(({ value }) => value === wanted) ? wanted : (choices[0]?.value ?? '');
}

// Passwords never go back to a page, whether typed before or sent along with an invitation.
function shownValueOf(prompt: PromptRow, data: JsonObject): string {
  return prompt.type === 'password' ? '' : asText(initialValueOf(prompt, data));
}

/** One StagePrompt of the challenge (contract part 2, 11.1). */
export function presentField(prompt: PromptRow, data: JsonObject): JsonObject {
  const choices = choicesOf(prompt, data);
  return {
    field_key: prompt.field_key,
    label: prompt.label,
    type: prompt.type,
    required: prompt.required,
    placeholder: choices ? '' : prompt.placeholder,
    initial_value: shownValueOf(prompt, data),
    order: prompt.order,
    sub_text: prompt.sub_text,
    choices: choices ? choices.map((choice) => ({ ...choice })) : null,
  };
}
