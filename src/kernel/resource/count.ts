import type { ReadyFilter } from './filters.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { literal } from './sql-text.ts';

/** A filter that is set, and the place of its value. */
export type SetFilter = { readonly filter: ReadyFilter; readonly place: string };

/** What a list is narrowed to, beside what is visible at all. */
export type Narrowed = {
  /** `from … where …` of the rows. */
  readonly clause: string;
  readonly filters: readonly SetFilter[];
  /** Whether a search or the caller's rights narrow it further. */
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
  const same = narrowed.filters.map(({ filter, place }) => filter.sql(ALIAS, place, new URLSearchParams()));
  const where = [except(ALIAS), ...same].map((condition) => `(${condition})`).join(' and ');
  // One statement sees one state of both.
  return `select ((${counted}) - (select count(*) from ${rows} where ${where}))::integer as count`;
}

function countersOf({ resource }: Model, { filters, further }: Narrowed): string | undefined {
  const { counted, table } = resource;
  const [first, ...others] = filters;
  if (!counted || further || others.length > 0) return undefined;
  if (!first) return `c.counted = ${literal(table)} and c.value = ''`;
  const { equals } = first.filter;
  if (!equals || !counted.by.includes(equals.column)) return undefined;
  const values = `select v::text from (${equals.values(first.place)}) as v(v)`;
  return `c.counted = ${literal(`${table}.${equals.column}`)} and c.value = any(array(${values}))`;
}
