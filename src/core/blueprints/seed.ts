import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';

/** One object of a seed, in the shape of a blueprint's entry. */
export type SeedEntry = {
  /** `app_label.model` of a registered resource. */
  readonly model: string;
  /** A name by which later entries refer to it: the text `!KeyOf <id>` as a value. */
  readonly id?: string;
  /** Fields of the resource, as a client would send them. */
  readonly attrs: JsonObject;
  /** Changes the object whose fields have these values, if there is one, instead of making one. */
  readonly identifiers?: JsonObject;
};

/** Objects that a fresh installation has. Applied once and never again: what is changed or deleted stays so. */
export type Seed = {
  readonly name: string;
  readonly entries: readonly SeedEntry[];
  /** Whether it is time; without it a seed is applied at the first start. */
  readonly when?: (ctx: Context) => boolean;
};

export const seed = extensionPoint<Seed>('seed', (value) => value.name);

/** A reference to an object that is there already: by a model, a column of its table and a text; null without one. */
export const findOf = (model: string, column: string, value: string): string => `!Find ${model} ${column} ${value}`;

/** A reference to the entry of that id. */
export const keyOf = (id: string): string => `!KeyOf ${id}`;
