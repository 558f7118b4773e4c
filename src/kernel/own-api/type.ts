import { problems, Problem, pointerTo } from './problem.ts';
import type { ValueProblem } from './problem.ts';
import type { Json } from '../schema/types.ts';

/** A schema of OpenAPI 3.1, that is of JSON Schema 2020-12. */
export type Schema = { readonly [key: string]: Json };

/** Where the schemas of named objects are put; `side` because requests are closed and answers are not. */
export type SchemaSink = {
  readonly side: 'request' | 'response';
  named(name: string, make: () => Schema): Schema;
};

/** A place in a body, at which problems are reported. */
export type Place = {
  readonly pointer: string;
  readonly problems: ValueProblem[];
};

/**
 * A type of values: how one is checked, shown and documented. `check` is strict: no text stands for a number. It reports
 * every problem and gives `undefined` when there was one.
 */
export type Type<T = unknown> = {
  check(value: Json, place: Place): T | undefined;
  /** Cuts a value made by the server down to what is declared. Throws for one that is not of the type. */
  present(value: unknown): Json;
  schema(sink: SchemaSink): Schema;
  /** The value that a text of the query, or of a path, means; by default the text itself. */
  fromText?(text: string): Json;
  /** Several values by repeating the parameter. */
  readonly repeated?: boolean;
  /** May be absent; then it is `fallback`. */
  readonly absent?: { readonly fallback: T | undefined };
};

/** The values of a type. */
export type ValueOf<X> = X extends Type<infer T> ? T : never;

export type Properties = { readonly [key: string]: Type };
/** The checked values by key; absent ones are `undefined`. */
export type ValuesOf<P extends Properties> = { [K in keyof P]: ValueOf<P[K]> };

/** Reports a problem of a value; for the checks of features. Out: undefined, to be returned. */
export function report({ pointer, problems: found }: Place, code: string, detail: string): undefined {
  found.push({ pointer, code, detail });
  return undefined;
}

/** The place of a key or item below a place. */
export function below({ pointer, problems: found }: Place, key: string | number): Place {
  return { pointer: pointerTo(pointer, key), problems: found };
}

/** Checks a whole value. Throws the 422 that names every problem. */
export function parse<T>(type: Type<T>, value: Json): T {
  const found: ValueProblem[] = [];
  const checked = type.check(value, { pointer: '', problems: found });
  if (checked === undefined || found.length > 0) throw new Problem(problems.invalidFields, { errors: found });
  return checked;
}
