import type { Parameter } from '../db/types.ts';

/** Collects the values of a statement while its text is put together. */
export type Parameters = {
  readonly values: readonly Parameter[];
  /** Adds a value; gives its place in the text, `$3::uuid`; without a type PostgreSQL infers it from the column. */
  add(value: Parameter, sqlType: string): string;
};

/** An empty collection of parameters. */
export function createParameters(): Parameters {
  return collect([]);
}

/** The same values, to which others can be added. */
export function copyOf({ values }: Parameters): Parameters {
  return collect([...values]);
}

function collect(values: Parameter[]): Parameters {
  return {
    values,
    add(value, sqlType) {
      values.push(value);
      return sqlType === '' ? `$${values.length}` : `$${values.length}::${sqlType}`;
    },
  };
}
