import { fieldError } from '../../../core/flows/index.ts';
import type { ResponseErrors } from '../../../core/flows/index.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';

export type Reply = { readonly text: string; readonly password: string };

const own = (reply: JsonObject, key: string): Json => (Object.hasOwn(reply, key) ? (reply[key] ?? null) : null);
const isEmpty = (value: Json): boolean => value === null || value === '';

function faultOf(value: Json): ResponseErrors[string] | undefined {
  if (isEmpty(value)) return fieldError(messages.required, 'required');
  return typeof value === 'string' ? undefined : fieldError(messages.notString, 'invalid');
}

/**
 * Reads who the visitor says they are, and the password where one is asked for. Judged before anybody is looked up, so
 * that these errors tell nothing about who exists.
 */
export function readReply(reply: JsonObject, withPassword: boolean): Reply | { readonly errors: ResponseErrors } {
  const uid = own(reply, 'uid_field');
  const password = withPassword ? own(reply, 'password') : '';
  const passwordFault = withPassword ? faultOf(password) : undefined;
  if (!isEmpty(uid) && typeof uid !== 'string')
    return { errors: { uid_field: fieldError(messages.notString, 'invalid') } };
  if (passwordFault && !isEmpty(uid)) return { errors: { password: passwordFault } };
  const text = typeof uid === 'string' ? uid.trim() : '';
  if (text === '') return { errors: { non_field_errors: fieldError('No identification data provided.', 'invalid') } };
  return { text, password: typeof password === 'string' ? password : '' };
}
