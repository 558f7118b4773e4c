import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';

function rebaseValue(current: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
  // Still what the invitation had filled in: it follows the invitation.
  if (isDeepStrictEqual(current, before)) return after;
  if (isJsonObject(current) && isJsonObject(after)) return rebase(current, isJsonObject(before) ? before : {}, after);
  return current;
}

/**
 * What was gathered, brought up to date with an invitation that was edited since its link was opened (contract D5,
 * T06): values that came from the invitation follow it, values that the person gave stay.
 * @param current what the plan has gathered
 * @param before the fixed data merged into it when the link was opened
 * @param after the fixed data now
 */
export function rebase(current: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  const keys = new Set([...Object.keys(current), ...Object.keys(after)]);
  const own = (object: JsonObject, key: string): Json | undefined =>
    Object.hasOwn(object, key) ? object[key] : undefined;
  const rebased: { [key: string]: Json } = Object.create(null);
  for (const key of keys) {
    const value = rebaseValue(own(current, key), own(before, key), own(after, key));
    if (value !== undefined) rebased[key] = value;
  }
  return rebased;
}
