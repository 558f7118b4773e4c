import type { Registry } from '../feature.ts';
import type { Json } from '../schema/types.ts';
import type { Constants, Field, Fields } from './field.ts';
import { resourceFields } from './resource.ts';
import type { Presentable } from './resource.ts';
import { columnOf, identifier } from './sql-text.ts';

/** The alias of the base table's row beside `alias`. */
export const baseAlias = (alias: string): string => `${alias}_b`;

/** A declaration's fields with those that later modules added. */
export function fieldsOf(target: Presentable, registry: Registry): Fields {
  const extensions = registry.all(resourceFields).filter((extension) => extension.of === target);
  if (extensions.length === 0) return target.fields;
  const entries: [string, Field][] = [];
  for (const [key, field] of Object.entries(target.fields)) {
    entries.push([key, field]);
    for (const extension of extensions) {
      if (extension.after === key) entries.push(...Object.entries(extension.fields));
    }
  }
  return Object.fromEntries(entries);
}

/** `from`-clause of a target's rows: its own table, joined with the base it shares. */
export function rowsOf(target: Presentable, alias: string): string {
  const own = `${identifier(target.table)} ${alias}`;
  const { base, key } = target;
  if (!base || base.table === target.table) return own;
  const b = baseAlias(alias);
  return `${own} join ${identifier(base.table)} ${b} on ${columnOf(b, base.key)} = ${columnOf(alias, key)}`;
}

/** The alias under which a field's column is found. */
export function aliasOf(target: Presentable, key: string, alias: string): string {
  return target.base && Object.hasOwn(target.base.fields, key) ? baseAlias(alias) : alias;
}

/** The column that a field reads and writes, or undefined for those without one. */
export function columnNameOf(key: string, field: Field): string | undefined {
  const { source } = field;
  if (source.from === 'column' || source.from === 'reference') return source.column ?? key;
  return undefined;
}

/** Where a field is looked up: a declaration, its fields with what others added, and the alias of its row. */
export type FieldScope = { readonly target: Presentable; readonly fields: Fields; readonly alias: string };

/** SQL of a field's stored value. */
export function columnRef({ target, fields, alias }: FieldScope, key: string): string {
  const field = fields[key];
  const column = field && columnNameOf(key, field);
  if (column === undefined) throw new Error(`${target.name}.${key} has no column.`);
  return columnOf(aliasOf(target, key, alias), column);
}

/** Which nested lists are switched off by a request (`include_users=false`), by parameter. */
export type Excluded = ReadonlySet<string>;

const NOTHING: Excluded = new Set();

type Scope = {
  readonly registry: Registry;
  readonly target: Presentable;
  readonly alias: string;
  readonly depth: number;
};

/** SQL that makes the JSON object of one row, computed fields being null in their place. */
export function rowJson(scope: Omit<Scope, 'depth'> & { depth?: number }, excluded: Excluded = NOTHING): string {
  return `(select row_to_json(r) from (select ${showColumns({ depth: 0, ...scope }, excluded)}) r)`;
}

/** `expression as "key", …` of every field that leaves, in declared order. */
export function showColumns(scope: Scope, excluded: Excluded = NOTHING): string {
  const fields = fieldsOf(scope.target, scope.registry);
  const columns: string[] = [];
  for (const [key, field] of Object.entries(fields)) {
    if (field.access === 'write' || field.source.from === 'input') continue;
    columns.push(`${showField({ ...scope, fields }, key, excluded)} as ${identifier(key)}`);
  }
  return columns.join(', ');
}

function showField(scope: Scope & FieldScope, key: string, excluded: Excluded): string {
  const { target, registry, fields } = scope;
  const field = fields[key];
  if (!field) throw new Error(`${target.name} has no field ${key}.`);
  const alias = aliasOf(target, key, scope.alias);
  const { source } = field;
  switch (source.from) {
    case 'column':
    case 'reference':
      return field.kind.show(columnOf(alias, source.column ?? key));
    case 'sql':
      return field.kind.show(`(${source.sql(alias, registry)})`);
    case 'links':
      return showLinks(columnOf(scope.alias, target.key), source.links);
    case 'nested':
      return showNested(scope, source.target(), nestedColumn(scope, key));
    case 'nestedList':
      if (source.include && excluded.has(source.include.parameter)) return 'null::json';
      return showNestedList({ ...scope, alias }, source.target(), source.select);
    case 'computed':
    case 'input':
      return 'null::json';
    default:
      return source satisfies never;
  }
}

function nestedColumn({ target, alias, fields }: FieldScope, key: string): string {
  const source = fields[key]?.source;
  if (source?.from !== 'nested') throw new Error(`${target.name}.${key} is not nested.`);
  if (source.via !== undefined) return columnRef({ target, fields, alias }, source.via);
  return columnOf(aliasOf(target, key, alias), source.column ?? key);
}

/** SQL of the keys in a table of links. */
export function showLinks(
  key: string,
  links: { table: string; own: string; other: string; position?: string },
): string {
  const order = columnOf('l', links.position ?? links.other);
  const rows = `from ${identifier(links.table)} l where ${columnOf('l', links.own)} = ${key}`;
  return `(select coalesce(json_agg(${columnOf('l', links.other)} order by ${order}), '[]'::json) ${rows})`;
}

function inner(scope: Scope, target: Presentable): Scope {
  const depth = scope.depth + 1;
  return { registry: scope.registry, target, alias: `x${depth}`, depth };
}

function showNested(scope: Scope, target: Presentable, reference: string): string {
  const item = inner(scope, target);
  const where = `${columnOf(item.alias, target.key)} = ${reference}`;
  return `(select row_to_json(r) from (select ${showColumns(item)} from ${rowsOf(target, item.alias)} where ${where}) r)`;
}

function showNestedList(
  scope: Scope,
  target: Presentable,
  select: { from(alias: string, item: string, rows: string): string; orderBy(item: string): string },
): string {
  const item = inner(scope, target);
  const rows = select.from(scope.alias, item.alias, rowsOf(target, item.alias));
  return `(select coalesce(json_agg(${rowJson(item)} order by ${select.orderBy(item.alias)}), '[]'::json) ${rows})`;
}

type Mutable = { [key: string]: Json };

/** Puts computed values into presented objects, nested ones first; undefined where there are none. */
export type Finish = (shown: Mutable, constants: Constants) => void;

/** Makes the {@link Finish} of a target, or undefined when SQL gives everything. */
export function finisherOf(target: Presentable, registry: Registry): Finish | undefined {
  const steps: Finish[] = [];
  for (const [key, { source }] of Object.entries(fieldsOf(target, registry))) {
    if (source.from === 'nested' || source.from === 'nestedList') {
      const finish = finisherOf(source.target(), registry);
      if (finish) steps.push((shown, constants) => finishNested(shown[key], finish, constants));
    }
    if (source.from !== 'computed') continue;
    const { compute } = source;
    steps.push((shown, constants) => {
      shown[key] = compute(shown, constants);
    });
  }
  if (steps.length === 0) return undefined;
  return (shown, constants) => {
    for (const step of steps) step(shown, constants);
  };
}

function finishNested(value: Json | undefined, finish: Finish, constants: Constants): void {
  if (Array.isArray(value)) for (const one of value) finishNested(one, finish, constants);
  else if (typeof value === 'object' && value !== null) finish(value, constants);
}
