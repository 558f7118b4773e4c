import { isForbiddenKey } from '../../kernel/schema/json.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';

type Path = readonly string[];

/** The place in a user that a key of the prompt data names: `attributes.a.b` and `attributes_a_b` lie in `attributes`. */
function placeOf(key: string): Path {
  const separator = /^attributes([._])/.exec(key)?.[1];
  if (separator === undefined) return [key];
  return ['attributes', ...key.slice('attributes'.length + 1).split(separator)];
}

type Leaf = { readonly path: Path; readonly value: Json };

function leavesOf(path: Path, value: Json): Leaf[] {
  if (!isJsonObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf([...path, key], inner));
}

// A place that reaches a prototype is none (T12).
const lockedLeaves = (locked: JsonObject): Leaf[] =>
  Object.entries(locked)
    .flatMap(([key, value]) => leavesOf(placeOf(key), value))
    .filter(({ path }) => !path.some(isForbiddenKey));

/** Whether one place is the other, or lies in it: a value at the one would change the other. */
const overlap = (a: Path, b: Path): boolean => a.slice(0, b.length).every((step, at) => step === b[at]);

/**
 * Whether a field of that key would change a locked value.
 * @param locked what nobody may type over
 */
export function isLockedKey(locked: JsonObject | undefined, key: string): boolean {
  if (!locked) return false;
  const place = placeOf(key);
  return lockedLeaves(locked).some(({ path }) => overlap(place, path));
}

/** The locked value at the place that a key names; undefined where only something above or below it is locked. */
export function lockedValue(locked: JsonObject, key: string): Json | undefined {
  const place = placeOf(key);
  return lockedLeaves(locked).find(({ path }) => path.length === place.length && overlap(place, path))?.value;
}

function put(existing: Json | undefined, value: Json): Json {
  if (!isJsonObject(value) || !isJsonObject(existing)) return value;
  const entries = new Map(Object.entries(existing));
  for (const [key, inner] of Object.entries(value)) entries.set(key, put(entries.get(key), inner));
  return Object.fromEntries(entries);
}

/**
 * The gathered data with the locked values in it, at every depth and under whatever spelling of their key they were
 * answered (T10); lists and single values are replaced as a whole. The inputs stay as they are.
 */
export function enforceLocked(data: JsonObject, locked: JsonObject): JsonObject {
  const entries = new Map(Object.entries(data));
  for (const key of entries.keys()) {
    // Another spelling of a place in the attributes; what it says is put where it belongs below.
    if (placeOf(key).length > 1 && isLockedKey(locked, key)) entries.delete(key);
  }
  for (const [key, value] of Object.entries(unfold(locked))) entries.set(key, put(entries.get(key), value));
  return Object.fromEntries(entries);
}

// `attributes.a.b` as what it means, so that no other spelling of the place is written after it.
function unfold(locked: JsonObject): JsonObject {
  return lockedLeaves(locked).reduce<JsonObject>((whole, { path, value }) => {
    const nested = path.reduceRight<Json>((inner, step) => ({ [step]: inner }), value);
    return isJsonObject(nested) ? putAll(whole, nested) : whole;
  }, {});
}

const putAll = (existing: JsonObject, added: JsonObject): JsonObject => {
  const both = put(existing, added);
  return isJsonObject(both) ? both : existing;
};
