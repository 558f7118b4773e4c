import type { Union } from './field.ts';

export type { Union } from './field.ts';

/** Declares a union component such as `ChallengeTypes`. */
export function defineUnion(union: Union): Union {
  return union;
}
