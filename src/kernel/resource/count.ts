import type { Condition } from './conditions.ts';
import type { Model } from './model.ts';
import { literal } from './sql-text.ts';

/** What a list is narrowed to, beside what is visible at all. */
export type Narrowed = {
  /** `from … where …` of the rows. */
  readonly clause: string;
  /** What it is narrowed by, beside what is visible at all. */
  readonly condition: string;
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
  return counters === undefined ? undefined : `select ${visibleSum(model, narrowed, counters)} as count`;
}

/** SQL of the visible rows by the counters. */
function visibleSum({ resource, rows }: Model, { filters }: Narrowed, counters: string): string {
  const { except } = resource.counted ?? {};
  const counted = `select coalesce(sum(c.rows), 0) from row_count c where ${counters}`;
  if (!except) return `(${counted})::integer`;
  const where = [`(${except('t')})`, ...filters.map(({ sql }) => `(${sql})`)].join(' and ');
  // One statement sees one state of both.
  return `((${counted}) - (select count(*) from ${rows} where ${where}))::integer`;
}

/** How many rows a list has, and whether its values are named to get a counter. */
export type Heavy = {
  /** Null where nothing is counted yet and the rows are to be found anyway. */
  readonly count: number | null;
  readonly named: boolean;
  /** The combination of values; null where several are asked for. */
  readonly value: string | null;
};

/**
 * SQL of a {@link Heavy} where the filters' values may have a counter of their own, and under which name: the counter, or
 * where it is not exact (yet), the number of rows, unless the list needs them anyway.
 */
export function heavySql(model: Model, narrowed: Narrowed): { counted: string; text: string } | undefined {
  const { counted, table } = model.resource;
  const equals = equalsOf(model, narrowed);
  if (!counted?.heavy || !equals || equals.length === 0) return undefined;
  const parts: Equals[] = [];
  for (const column of counted.heavy) parts.push(...equals.filter((one) => one.column === column));
  const names = parts.map(({ column }) => column);
  if (parts.length !== equals.length || new Set(names).size !== parts.length) return undefined;
  const name = `${table}.${names.join()}`;
  const [first, ...others] = parts;
  const from = parts.map(({ texts }, at) => `unnest(${texts}) p${at}(p)`).join(', ');
  const values = parts.map((_, at) => `p${at}.p`).join(', ');
  const keys = others.length === 0 ? first?.texts : `array(select jsonb_build_array(${values})::text from ${from})`;
  const sum = visibleSum(model, narrowed, `c.counted = ${literal(name)} and c.value = any(w.keys)`);
  const read = narrowed.several ? 'null' : `(select count(*)::integer ${narrowed.clause})`;
  const text =
    `select case when w.exact then ${sum} else ${read} end as count, w.named,` +
    ` case when cardinality(w.keys) = 1 then w.keys[1] end as value from (` +
    `select k.keys, count(v.value) > 0 as named,` +
    ` coalesce(bool_and(v.exact), false) and count(v.value) = cardinality(k.keys) as exact` +
    ` from (select ${keys} as keys) k` +
    ` left join counted_value v on v.counted = ${literal(name)} and v.value = any(k.keys) group by k.keys) w`;
  return { counted: name, text };
}

/** Whether rows are counted by a column: then it has few values, and many rows to each. */
export function isCounted({ resource: { counted } }: Model, column: string): boolean {
  return counted !== undefined && ('together' in counted ? counted.together : counted.by).includes(column);
}

type Equals = NonNullable<Condition['equals']>;

/** What the filters ask columns to equal; undefined where something else narrows the list. */
function equalsOf({ resource }: Model, { filters, further, searched }: Narrowed): Equals[] | undefined {
  if (!resource.counted || further || searched) return undefined;
  const equals: Equals[] = [];
  for (const filter of filters) {
    if (!filter.equals) return undefined;
    equals.push(filter.equals);
  }
  return equals;
}

function countersOf(model: Model, narrowed: Narrowed): string | undefined {
  const { counted, table } = model.resource;
  const equals = equalsOf(model, narrowed);
  if (!counted || !equals) return undefined;
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
