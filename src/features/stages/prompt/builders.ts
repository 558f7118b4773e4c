import type { PromptRow } from './store.ts';

/** A prompt as it is stored; name only what matters. */
export function aPrompt(row: Partial<PromptRow> = {}): PromptRow {
  const key = row.field_key ?? 'field';
  return {
    field_key: key,
    label: key,
    type: 'text',
    required: true,
    placeholder: '',
    initial_value: '',
    order: 0,
    sub_text: '',
    ...row,
  };
}
