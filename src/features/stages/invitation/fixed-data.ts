import { isDeepStrictEqual } from 'node:util';
import { mergeJson } from '../../../kernel/schema/merge.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';

export type FixedDataEdit = {
  /** What the plan had gathered before the invitation's data was merged into it. */
  readonly base: JsonObject;
  /** The fixed data that was merged. */
  readonly before: JsonObject;
  /** The fixed data now. */
  readonly after: JsonObject;
};

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/**
 * What was gathered, brought up to date with an invitation that was edited since its link was opened (contract D5,
 * T06): what came from the invitation is as if the link were opened now, what the person answered stays. Answers
 * replace whole values (contract part 2, 11.1), so a value that is not the merged one any more is an answer.
 * @param current what the plan has gathered by now
 */
export function rebase(current: JsonObject, { base, before, after }: FixedDataEdit): JsonObject {
  // Copied, so that all three have null prototypes and compare equal when their content is.
  const gathered = mergeJson({}, current);
  const merged = mergeJson(base, before);
  const renewed = mergeJson(base, after);
  const rebased: { [key: string]: Json } = Object.create(null);
  for (const key of new Set([...Object.keys(gathered), ...Object.keys(renewed)])) {
    const value = own(gathered, key);
    const kept = isDeepStrictEqual(value, own(merged, key)) ? own(renewed, key) : value;
    if (kept !== undefined) rebased[key] = kept;
  }
  return rebased;
}
