import type { FieldError, ResponseErrors } from '../../../core/flows/index.ts';
import type { Faults } from '../../../kernel/errors/api-error.ts';
import { bad } from '../../../kernel/resource/field.ts';
import type { Checked } from '../../../kernel/resource/field.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { checkValue } from './check-value.ts';
import { isDecoration, isFixed } from './field-types.ts';
import { choicesOf, initialValueOf } from './present-field.ts';
import type { PromptRow } from './store.ts';

export type CheckedAnswers = { readonly answers: JsonObject; readonly errors: ResponseErrors };

function isTruthy(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

const BLANKABLE: ReadonlySet<string> = new Set([
  'number',
  'date',
  'date-time',
  'file',
  'dropdown',
  'radio-button-group',
]);

// A plain HTML form sends the empty text for every field that was left alone.
const leftAlone = ({ required, type }: PromptRow, value: Json): boolean =>
  value === '' && !required && BLANKABLE.has(type);

/** What the visitor's answer, or its absence, means for one field; undefined: the field has no value. */
function checkAnswer(prompt: PromptRow, data: JsonObject, reply: JsonObject): Checked<Json> | undefined {
  if (isDecoration(prompt.type)) return undefined;
  const initial = initialValueOf(prompt, data);
  if (isFixed(prompt.type)) return { value: initial };
  const { type, required } = prompt;
  const rule = { type, required, choices: (choicesOf(prompt, data) ?? []).map(({ value }) => value) };
  // `in` would find what every object inherits (T12).
  const given = Object.hasOwn(reply, prompt.field_key) ? reply[prompt.field_key] : undefined;
  if (given === undefined) {
    if (isTruthy(initial)) return checkValue(rule, initial);
    return required && type !== 'checkbox' ? bad('required', messages.required) : undefined;
  }
  if (given === null) return bad('null', messages.null);
  return leftAlone(prompt, given) ? undefined : checkValue(rule, given);
}

const toErrors = (faults: Faults): FieldError[] =>
  Array.isArray(faults)
    ? faults.map(({ message, code }) => ({ string: message, code }))
    : Object.values(faults).flatMap(toErrors);

/**
 * Checks a reply against the fields of a stage (contract part 2, 11.1). Only keys that have a field are read (T13).
 * @param data what the plan has gathered: initial values and choices
 */
export function checkAnswers(prompts: readonly PromptRow[], data: JsonObject, reply: JsonObject): CheckedAnswers {
  const answers: [string, Json][] = [];
  const errors: [string, FieldError[]][] = [];
  for (const prompt of prompts) {
    const checked = checkAnswer(prompt, data, reply);
    if (checked === undefined) continue;
    if ('faults' in checked) errors.push([prompt.field_key, toErrors(checked.faults)]);
    else answers.push([prompt.field_key, checked.value]);
  }
  // fromEntries defines keys and never assigns them, so none reaches a prototype (T12).
  return { answers: Object.fromEntries(answers), errors: Object.fromEntries(errors) };
}

/** Whether two passwords of one form differ; with any other number of password fields there is nothing to compare. */
export function passwordsDiffer(prompts: readonly PromptRow[], answers: JsonObject): boolean {
  const keys = prompts.filter(({ type }) => type === 'password').map((prompt) => prompt.field_key);
  const [first, second] = keys;
  if (keys.length !== 2 || first === undefined || second === undefined) return false;
  return answers[first] !== answers[second];
}
