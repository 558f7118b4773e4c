import { isForbiddenKey } from '../schema/json.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';

/** What a JSON merge patch makes of a value (RFC 7396 §2); neither is changed. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (isForbiddenKey(key)) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
