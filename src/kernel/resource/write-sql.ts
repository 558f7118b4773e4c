import type { Parameter } from '../db/types.ts';
import type { Field } from './field.ts';
import type { Model } from './model.ts';
import { ALIAS, visibleSql } from './model.ts';
import type { Parameters } from './parameters.ts';
import type { Links } from './field.ts';
import { BEFORE } from './change-sql.ts';
import { baseAlias, columnNameOf } from './show-sql.ts';
import { columnOf, identifier } from './sql-text.ts';

/** A column and the value it gets. */
export type Assignment = { readonly column: string; readonly sqlType: string; readonly value: Parameter };

/** What a write sets: columns of the own table, of the base table, and lists of links. */
export type Write = {
  readonly own: readonly Assignment[];
  readonly base: readonly Assignment[];
  readonly links: readonly {
    readonly links: Links;
    readonly field: Field;
    readonly keys: readonly (string | number)[];
  }[];
};

function encoded(field: Field, value: unknown): Parameter {
  return value === null ? null : field.kind.encode(value);
}

/** Sorts checked input by where it is stored. Input without a column (`f.input`) is left to the hooks. */
export function writeOf({ resource, fields }: Model, input: Readonly<Record<string, unknown>>): Write {
  const own: Assignment[] = [];
  const base: Assignment[] = [];
  const links: { links: Links; field: Field; keys: (string | number)[] }[] = [];
  for (const [key, field] of Object.entries(fields)) {
    const value = input[key];
    if (value === undefined) continue;
    if (field.source.from === 'links' && Array.isArray(value)) {
      links.push({ links: field.source.links, field, keys: value });
    }
    const column = columnNameOf(key, field);
    if (column === undefined) continue;
    const inBase = resource.base !== undefined && Object.hasOwn(resource.base.fields, key);
    (inBase ? base : own).push({ column, sqlType: field.kind.sqlType, value: encoded(field, value) });
  }
  return { own, base, links };
}

/** The defaults of absent keys, at creation. */
export function withDefaults({ fields }: Model, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...input };
  for (const [key, field] of Object.entries(fields)) {
    if (field.access !== 'read' && filled[key] === undefined && field.default !== undefined)
      filled[key] = field.default;
  }
  return filled;
}

function insertInto(table: string, assignments: readonly Assignment[], parameters: Parameters): string {
  if (assignments.length === 0) return `insert into ${identifier(table)} default values returning *`;
  const columns = assignments.map(({ column }) => identifier(column)).join(', ');
  const values = assignments.map(({ value, sqlType }) => parameters.add(value, sqlType)).join(', ');
  return `insert into ${identifier(table)} (${columns}) values (${values}) returning *`;
}

/** The statement part that inserts a row, and a `from` clause that gives it under alias t. */
export function insertSql({ resource }: Model, write: Write, parameters: Parameters): { with: string; from: string } {
  const { base, table, key } = resource;
  if (!base || base.table === table) {
    return { with: `with ${ALIAS} as (${insertInto(table, write.own, parameters)})`, from: `from ${ALIAS}` };
  }
  const type = base.type ? [{ column: base.type.column, sqlType: 'text', value: base.type.value }] : [];
  const b = `${ALIAS}_b`;
  const columns = [key, ...write.own.map(({ column }) => column)].map(identifier).join(', ');
  const first = insertInto(base.table, [...write.base, ...type], parameters);
  const values = [columnOf(b, base.key), ...write.own.map(({ value, sqlType }) => parameters.add(value, sqlType))];
  const second = `insert into ${identifier(table)} (${columns}) select ${values.join(', ')} from ${b} returning *`;
  return { with: `with ${b} as (${first}), ${ALIAS} as (${second})`, from: `from ${ALIAS} cross join ${b}` };
}

/** How the row to change is found: a condition over an alias. */
export type Which = (alias: string) => string;

/** The condition that finds a visible row by its detail URL's value. */
export function whichSql({ lookup, resource }: Model, value: Parameter, parameters: Parameters): Which {
  const place = parameters.add(value, lookup.kind.sqlType);
  return (alias) => `${lookup.sql(alias)} = ${place} and ${visibleSql(resource, alias)}`;
}

/** How a row is locked: rows that refer to it may still come before a change, not before a deletion. */
type Lock = 'for update' | 'for no key update';

/** The rows as they are before a change, locked: what an event says they were is what the change found. */
function beforeSql(
  { resource: { base, table, key } }: Model,
  which: Which,
  { lock, many = false }: { readonly lock: Lock; readonly many?: boolean },
): string {
  // Many are locked in one order, so that two changes of many wait for one another instead of failing.
  const order = many ? ` order by ${columnOf('u', key)}` : '';
  const own = `${BEFORE} as (select u.* from ${identifier(table)} u where ${which('u')}${order} ${lock})`;
  if (!base || base.table === table) return own;
  const on = `${columnOf('u', base.key)} = ${columnOf(BEFORE, key)}`;
  const rows = `select u.* from ${identifier(base.table)} u join ${BEFORE} on ${on} ${lock} of u`;
  return `${own}, ${baseAlias(BEFORE)} as (${rows})`;
}

type ChangeSql = { table: string; key: string; before: string; assignments: readonly Assignment[] };

function changed({ table, key, before, assignments }: ChangeSql, parameters: Parameters): string {
  if (assignments.length === 0) return `select ${before}.* from ${before}`;
  const set = assignments.map(
    ({ column, value, sqlType }) => `${identifier(column)} = ${parameters.add(value, sqlType)}`,
  );
  const where = `${columnOf('u', key)} = ${columnOf(before, key)}`;
  return `update ${identifier(table)} u set ${set.join(', ')} from ${before} where ${where} returning u.*`;
}

/** The statement part that changes the row, and a `from` clause that gives the changed row under alias t. */
export function updateSql(
  model: Model,
  { write, which }: { write: Write; which: Which },
  parameters: Parameters,
): { with: string; from: string } {
  const { base, table, key } = model.resource;
  const own = changed({ table, key, before: BEFORE, assignments: write.own }, parameters);
  const rows = `with ${beforeSql(model, which, { lock: 'for no key update' })}, ${ALIAS} as (${own})`;
  if (!base || base.table === table) return { with: rows, from: `from ${ALIAS}` };
  const b = baseAlias(ALIAS);
  const of = { table: base.table, key: base.key, before: baseAlias(BEFORE), assignments: write.base };
  const on = `${columnOf(b, base.key)} = ${columnOf(ALIAS, key)}`;
  return { with: `${rows}, ${b} as (${changed(of, parameters)})`, from: `from ${ALIAS} join ${b} on ${on}` };
}

/**
 * The statement part that deletes the row, or with `many` all of the condition, of a base the base row and through its
 * foreign key the own one; and `from` clauses: of its key, and of the row as it was.
 */
export function deleteSql(
  model: Model,
  which: Which,
  { many = false }: { readonly many?: boolean } = {},
): { with: string; from: string; before: string } {
  const { base, table, key } = model.resource;
  const isShared = base !== undefined && base.table !== table;
  const target = isShared
    ? { table: base.table, key: base.key, before: baseAlias(BEFORE) }
    : { table, key, before: BEFORE };
  const on = (alias: string): string => `${columnOf(alias, target.key)} = ${columnOf(target.before, target.key)}`;
  // Through the locked row itself: once deleted it could not be locked, and there would be nothing to tell of.
  const gone = `delete from ${identifier(target.table)} u using ${target.before} where ${on('u')} returning u.*`;
  const own = isShared ? ` join ${BEFORE} on ${columnOf(BEFORE, key)} = ${columnOf(target.before, target.key)}` : '';
  return {
    with: `with ${beforeSql(model, which, { lock: 'for update', many })}, ${ALIAS} as (${gone})`,
    from: `from ${ALIAS}`,
    before: `from ${ALIAS} join ${target.before} on ${on(ALIAS)}${own}`,
  };
}

/** The statements that replace a list of links: text and whether it takes the keys too. */
export function linksSql(links: Links, types: { own: string; other: string }): { clear: string; add: string } {
  const table = identifier(links.table);
  const position = links.position === undefined ? '' : `, ${identifier(links.position)}`;
  const columns = `${identifier(links.own)}, ${identifier(links.other)}${position}`;
  const keys = `unnest($2::${types.other}[]) with ordinality as k(key, n)`;
  return {
    clear: `delete from ${table} where ${identifier(links.own)} = $1::${types.own}`,
    add: `insert into ${table} (${columns}) select $1::${types.own}, k.key${position === '' ? '' : ', k.n'} from ${keys}`,
  };
}
