import { choicesOf, flagOf, textOf } from '../../../../web/kit/read.ts';
import type { Choice } from '../../../../web/kit/read.ts';

/** One field of the challenge (contract part 2, 11.1), read from the wire. */
export type Prompt = {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly required: boolean;
  readonly placeholder: string;
  readonly initial: string;
  readonly order: number;
  readonly help: string;
  readonly choices: readonly Choice[];
};

/** Types that show no input; an error of such a field belongs above the form. */
export const INVISIBLE: readonly string[] = [
  'hidden',
  'static',
  'separator',
  'alert_info',
  'alert_warning',
  'alert_danger',
];

/** A StagePrompt of the wire; what is missing becomes empty. */
export function readPrompt(wire: Readonly<Record<string, unknown>>): Prompt {
  return {
    name: textOf(wire.field_key),
    label: textOf(wire.label),
    type: textOf(wire.type),
    required: flagOf(wire.required),
    placeholder: textOf(wire.placeholder),
    initial: textOf(wire.initial_value),
    order: typeof wire.order === 'number' ? wire.order : 0,
    help: textOf(wire.sub_text),
    choices: choicesOf(wire.choices),
  };
}

/** The `autocomplete` token of a text field, from its key; undefined where none is known. */
export function autocompleteOf({ type, name }: Prompt): string | undefined {
  if (type === 'username' || type === 'email') return type;
  const key = name.replace(/^attributes[._]/, '');
  return BY_KEY.get(key);
}

const BY_KEY: ReadonlyMap<string, string> = new Map([
  ['username', 'username'],
  ['email', 'email'],
  ['name', 'name'],
  ['first_name', 'given-name'],
  ['last_name', 'family-name'],
  ['phone', 'tel'],
  ['company', 'organization'],
  ['organization', 'organization'],
]);

/** What a `date` or `datetime-local` input understands of an ISO date; empty for anything else. */
export function dateOf(iso: string, type: 'date' | 'datetime-local'): string {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?/.exec(iso);
  if (!found?.[1]) return '';
  return type === 'date' ? found[1] : `${found[1]}T${found[2] ?? '00:00'}`;
}
