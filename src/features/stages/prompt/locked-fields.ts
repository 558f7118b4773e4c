import { isLockedKey, lockedValue } from '../../../core/flows/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { isDecoration } from './field-types.ts';
import type { PromptRow } from './store.ts';

// A text of the server's: the pages know it in the reader's language.
const NOTE = 'This value is set by your invitation and cannot be changed.';

/** What a locked field is shown as: the types of the contract that take no answer. */
function lockedType({ type }: PromptRow): PromptRow['type'] {
  // A password is never shown, locked or not.
  if (type === 'hidden' || type === 'password') return 'hidden';
  return type === 'text_area' || type === 'text_area_read_only' ? 'text_area_read_only' : 'text_read_only';
}

function lockPrompt(prompt: PromptRow, locked: JsonObject): PromptRow {
  if (isDecoration(prompt.type) || prompt.type === 'static' || !isLockedKey(locked, prompt.field_key)) return prompt;
  const value = prompt.type === 'password' ? '' : (lockedValue(locked, prompt.field_key) ?? '');
  const note = prompt.sub_text === '' ? NOTE : `${NOTE} ${prompt.sub_text}`;
  return { ...prompt, type: lockedType(prompt), required: false, placeholder: '', sub_text: note, lockedTo: value };
}

/**
 * The fields as a plan shows them whose data is locked in part: what may not be typed over is read only, and says so (T10).
 * @param locked the plan's `lockedData`
 */
export function lockPrompts(prompts: readonly PromptRow[], locked: JsonObject | undefined): readonly PromptRow[] {
  return locked === undefined ? prompts : prompts.map((prompt) => lockPrompt(prompt, locked));
}

/** Whether a field takes an answer; that of a locked one counts for nothing, whatever is sent. */
export const isOpen = ({ lockedTo }: PromptRow): boolean => lockedTo === undefined;
