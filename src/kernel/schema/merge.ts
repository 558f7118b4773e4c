import { isForbiddenKey } from './json.ts';
import { isJsonObject } from './types.ts';
import type { Json, JsonObject } from './types.ts';

/**
 * A new object out of both: objects merged at every depth, arrays concatenated with the existing items first, any other
 * conflict won by `added` (contract flows.md 1.2, step 3). The inputs stay as they are and share nothing with the result,
 * which has no prototype and none of the keys that reach one (P5, T12).
 */
export function mergeJson(existing: JsonObject, added: JsonObject): JsonObject {
  const merged = new Map<string, Json>();
  for (const [key, value] of Object.entries(existing)) merged.set(key, copyJson(value));
  for (const [key, value] of Object.entries(added)) merged.set(key, mergeValue(merged.get(key), value));
  return toRecord(merged);
}

function mergeValue(existing: Json | undefined, added: Json): Json {
  if (isJsonObject(existing) && isJsonObject(added)) return mergeJson(existing, added);
  if (Array.isArray(existing) && Array.isArray(added)) return [...existing, ...added.map(copyJson)];
  return copyJson(added);
}

function copyJson(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyJson);
  if (!isJsonObject(value)) return value;
  return toRecord(new Map(Object.entries(value).map(([key, item]) => [key, copyJson(item)])));
}

function toRecord(entries: ReadonlyMap<string, Json>): JsonObject {
  const record: { [key: string]: Json } = Object.create(null);
  for (const [key, value] of entries) if (!isForbiddenKey(key)) record[key] = value;
  return record;
}
