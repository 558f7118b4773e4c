import type { Registry } from '../feature.ts';
import type { Shape } from './field.ts';

/**
 * One of several shapes, told apart by `discriminator` (challenges by `component`). The variants come from what is
 * registered, so nobody keeps a list.
 */
export type Union = {
  readonly name: string;
  readonly discriminator: string;
  /** Discriminator value to shape. */
  readonly variants: (registry: Registry) => Readonly<Record<string, Shape>>;
};

/** Declares a union component such as `ChallengeTypes`. */
export function defineUnion(union: Union): Union {
  return union;
}
