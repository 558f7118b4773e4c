import type { Condition } from './conditions.ts';
import type { Model } from './model.ts';
import { literal } from './sql-text.ts';

/** What a list is narrowed to, beside what is visible at all. */
export type Narrowed = {
  /** `from … where …` of the rows. */
  readonly clause: string;
  readonly filters: readonly Condition[];
  /** Whether a search narrows it further, or the caller's rights. */
  readonly searched: boolean;
  readonly further: boolean;
};

/**
 * SQL of the exact number of rows of a list: from the counters where the declaration has them and nothing but a counted
 * value narrows the list, else by counting.
 */
export function countSql(model: Model, narrowed: Narrowed): string {
  const counters = countersOf(model, narrowed);
  if (counters === undefined) return `select count(*)::integer as count ${narrowed.clause}`;
  const { resource, rows } = model;
  const { except } = resource.counted ?? {};
  const counted = `select coalesce(sum(c.rows), 0) from row_count c where ${counters}`;
  if (!except) return `select (${counted})::integer as count`;
  const where = [`(${except('t')})`, ...narrowed.filters.map(({ sql }) => `(${sql})`)].join(' and ');
  // One statement sees one state of both.
  return `select ((${counted}) - (select count(*) from ${rows} where ${where}))::integer as count`;
}

function countersOf({ resource }: Model, { filters, further, searched }: Narrowed): string | undefined {
  const { counted, table } = resource;
  const [first, ...others] = filters;
  if (!counted || further || searched || others.length > 0) return undefined;
  if (!first) return `c.counted = ${literal(table)} and c.value = ''`;
  const { equals } = first;
  if (!equals || !counted.by.includes(equals.column)) return undefined;
  return `c.counted = ${literal(`${table}.${equals.column}`)} and ${equals.matches('c.value')}`;
}
