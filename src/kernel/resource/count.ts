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
  /** Whether no single index need give the rows in order: a search, several filters, or one of several values. */
  readonly several: boolean;
};

/**
 * SQL of the exact number of rows of a list from the counters; undefined where the declaration has none, or where
 * something narrows the list that they do not count.
 */
export function countedSql(model: Model, narrowed: Narrowed): string | undefined {
  const counters = countersOf(model, narrowed);
  if (counters === undefined) return undefined;
  const { resource, rows } = model;
  const { except } = resource.counted ?? {};
  const counted = `select coalesce(sum(c.rows), 0) from row_count c where ${counters}`;
  if (!except) return `select (${counted})::integer as count`;
  const where = [`(${except('t')})`, ...narrowed.filters.map(({ sql }) => `(${sql})`)].join(' and ');
  // One statement sees one state of both.
  return `select ((${counted}) - (select count(*) from ${rows} where ${where}))::integer as count`;
}

type Equals = NonNullable<Condition['equals']>;

function countersOf({ resource }: Model, { filters, further, searched }: Narrowed): string | undefined {
  const { counted, table } = resource;
  if (!counted || further || searched) return undefined;
  const equals: Equals[] = [];
  for (const filter of filters) {
    if (!filter.equals) return undefined;
    equals.push(filter.equals);
  }
  return 'together' in counted ? together(table, counted.together, equals) : apart(table, counted.by, equals);
}

/** Of rows that are counted by all columns together: the counters with the values asked for. */
function together(table: string, columns: readonly string[], equals: readonly Equals[]): string | undefined {
  const conditions = [`c.counted = ${literal(table)}`];
  for (const { column, texts } of equals) {
    const at = columns.indexOf(column);
    if (at < 0) return undefined;
    conditions.push(`c.value::jsonb ->> ${at} = any(${texts})`);
  }
  return conditions.join(' and ');
}

/** Of rows that are counted by single columns and some pairs: the counter that is meant. */
function apart(table: string, by: Apart, equals: readonly Equals[]): string | undefined {
  const [first, second, ...others] = equals;
  if (!first) return `c.counted = ${literal(table)} and c.value = ''`;
  if (!second) {
    if (!by.includes(first.column)) return undefined;
    return `c.counted = ${literal(`${table}.${first.column}`)} and c.value = any(${first.texts})`;
  }
  for (const [one, two] of others.length > 0 ? [] : [[first, second] as const, [second, first] as const]) {
    if (!by.some((pair) => typeof pair !== 'string' && pair[0] === one.column && pair[1] === two.column)) continue;
    const values = `select jsonb_build_array(a, b)::text from unnest(${one.texts}) a, unnest(${two.texts}) b`;
    return `c.counted = ${literal(`${table}.${one.column},${two.column}`)} and c.value = any(array(${values}))`;
  }
  return undefined;
}

type Apart = readonly (string | readonly [string, string])[];
