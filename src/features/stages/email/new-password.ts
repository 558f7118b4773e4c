import { fieldError, refusalsOfPassword } from '../../../core/flows/index.ts';
import type { FieldError, ResponseErrors, StageRequest } from '../../../core/flows/index.ts';
import { MAX_PASSWORD_LENGTH } from '../../../kernel/crypto/passwords.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';

const text = textKind({});

type Read = { readonly value: string } | { readonly faults: readonly FieldError[] };

// Trimmed, as in every form that sets a password (contract part 2, 11.1).
function read(reply: JsonObject, key: string): Read {
  const given = Object.hasOwn(reply, key) ? reply[key] : undefined;
  if (given === undefined) return { faults: fieldError(messages.required, 'required') };
  if (given === null) return { faults: fieldError(messages.null, 'null') };
  if (typeof given !== 'string') return { faults: fieldError(messages.notString, 'invalid') };
  const checked = text.check(given);
  if ('faults' in checked) return { faults: fieldError(messages.blank, 'blank') };
  if (checked.value.length <= MAX_PASSWORD_LENGTH) return checked;
  return { faults: fieldError(messages.maxLength(MAX_PASSWORD_LENGTH), 'max_length') };
}

type Chosen = string | { readonly errors: ResponseErrors };

function readTwice(reply: JsonObject): Chosen {
  const first = read(reply, 'password');
  if ('faults' in first) return { errors: { password: first.faults } };
  const second = read(reply, 'password_repeat');
  if ('faults' in second) return { errors: { password_repeat: second.faults } };
  if (first.value === second.value) return first.value;
  return { errors: { password_repeat: fieldError("Passwords don't match.", 'invalid') } };
}

/** Reads a new password that was typed twice, held to what the flow's own forms demand of one. */
export async function readNewPassword(request: StageRequest<unknown>, reply: JsonObject): Promise<Chosen> {
  const chosen = readTwice(reply);
  if (typeof chosen !== 'string') return chosen;
  const refusals = await refusalsOfPassword(request, chosen);
  if (refusals.length === 0) return chosen;
  return { errors: { password: refusals.flatMap((text) => fieldError(text, 'invalid')) } };
}
