import { isForbiddenKey } from '../../../kernel/schema/json.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';

/** One value for a place in a user's attributes. */
export type AttributeEdit = { readonly path: readonly string[]; readonly value: Json };

const RESERVED = ['goauthentik.io/', 'vestibule/'];

/** Whether a key belongs to the product; nobody sets such a key by a form or an invitation (contract D8). */
export function isReserved(key: string): boolean {
  return RESERVED.some((prefix) => key.startsWith(prefix));
}

/** What follows the prefix of `attributes.a.b` or `attributes_a_b`, with the way it leads; undefined for other keys. */
export function attributePath(key: string): { readonly rest: string; readonly path: readonly string[] } | undefined {
  const separator = /^attributes([._])/.exec(key)?.[1];
  if (separator === undefined) return undefined;
  const rest = key.slice('attributes'.length + 1);
  return { rest, path: rest.split(separator) };
}

/** Whether a way can be gone: no empty step, none that reaches a prototype (T12). */
export function isUsablePath(path: readonly string[]): boolean {
  return path.every((step) => step !== '' && !isForbiddenKey(step));
}

function setAt(object: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return object;
  const inner = Object.hasOwn(object, step) ? object[step] : undefined;
  return { ...object, [step]: rest.length === 0 ? value : setAt(isJsonObject(inner) ? inner : {}, rest, value) };
}

/** The attributes with the edits made, one after the other; the given object stays as it is. */
export function applyEdits(attributes: JsonObject, edits: readonly AttributeEdit[]): JsonObject {
  return edits.reduce((current, { path, value }) => setAt(current, path, value), attributes);
}
