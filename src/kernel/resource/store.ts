import type { Parameter, Queryable } from '../db/types.ts';
import type { Registry } from '../feature.ts';
import { keyKind } from './kinds/reference.ts';
import { ALIAS, keyValue, modelOf, rawColumns } from './model.ts';
import type { Model } from './model.ts';
import { createParameters } from './parameters.ts';
import type { Resource, Row } from './resource.ts';
import { columnRef } from './show-sql.ts';
import type { Excluded } from './show-sql.ts';
import { columnOf } from './sql-text.ts';
import { deleteSql, insertSql, linksSql, updateSql, whichSql, withDefaults, writeOf } from './write-sql.ts';
import type { Assignment, Write } from './write-sql.ts';

/** Checked values by field key. */
export type Attributes = Readonly<Record<string, unknown>>;

type Shown = { readonly value: unknown };

async function first<R extends object>(
  db: Queryable,
  model: Model,
  text: string,
  values: readonly Parameter[],
): Promise<R | undefined> {
  const [row] = await db.query<R>(text, values, { prepare: model.mayPrepare(text) });
  return row;
}

/** The presented row of a detail URL's value, computed fields not yet in; undefined when there is none to see. */
export async function findShown(db: Queryable, model: Model, value: Parameter, excluded?: Excluded): Promise<unknown> {
  const parameters = createParameters();
  const which = whichSql(model, value, parameters);
  const text = model.show(`from ${model.rows} where ${which(ALIAS)}`, excluded);
  return (await first<Shown>(db, model, text, parameters.values))?.value;
}

/** The presented row of a primary key, whether it is visible or not: for the answer to a write. */
export async function findShownByKey(db: Queryable, model: Model, key: string | number): Promise<unknown> {
  const where = `${model.key} = $1::${keyKind(model.resource).sqlType}`;
  return (await first<Shown>(db, model, model.show(`from ${model.rows} where ${where}`), [key]))?.value;
}

/** The columns of the row of a detail URL's value, of the base table too; `lock` keeps others from changing it. */
export async function findRow(db: Queryable, model: Model, value: Parameter, lock = false): Promise<Row | undefined> {
  const parameters = createParameters();
  const which = whichSql(model, value, parameters);
  const text = `select ${rawColumns(model)} from ${model.rows} where ${which(ALIAS)}${lock ? ` for update of ${ALIAS}` : ''}`;
  return first<Row>(db, model, text, parameters.values);
}

/** Inserts a row and gives its presented form in the same statement. */
export async function insertShown(db: Queryable, model: Model, write: Write): Promise<unknown> {
  const parameters = createParameters();
  const sql = insertSql(model, write, parameters);
  return (await first<Shown>(db, model, `${sql.with} ${model.show(sql.from)}`, parameters.values))?.value;
}

/** Inserts a row, gives its columns. */
export async function insertRow(db: Queryable, model: Model, write: Write): Promise<Row> {
  const parameters = createParameters();
  const sql = insertSql(model, write, parameters);
  const row = await first<Row>(db, model, `${sql.with} select ${rawColumns(model)} ${sql.from}`, parameters.values);
  if (!row) throw new Error(`${model.resource.name} was not inserted.`);
  await replaceLinks(db, model, keyValue(model, row), write);
  return row;
}

/** Changes the row of a detail URL's value and gives its presented form in the same statement. */
export async function updateShown(db: Queryable, model: Model, value: Parameter, write: Write): Promise<unknown> {
  if (write.own.length === 0 && write.base.length === 0) return findShown(db, model, value);
  const parameters = createParameters();
  const sql = updateSql(model, write, whichSql(model, value, parameters), parameters);
  return (await first<Shown>(db, model, `${sql.with} ${model.show(sql.from)}`, parameters.values))?.value;
}

/** Changes the row, gives its columns; undefined when there is none. */
export async function updateRow(db: Queryable, model: Model, value: Parameter, write: Write): Promise<Row | undefined> {
  const parameters = createParameters();
  const sql = updateSql(model, write, whichSql(model, value, parameters), parameters);
  const row = await first<Row>(db, model, `${sql.with} select ${rawColumns(model)} ${sql.from}`, parameters.values);
  if (row) await replaceLinks(db, model, keyValue(model, row), write);
  return row;
}

/** Deletes the row of a detail URL's value; false when there is none. */
export async function deleteRow(db: Queryable, model: Model, value: Parameter): Promise<boolean> {
  const parameters = createParameters();
  const text = deleteSql(model, whichSql(model, value, parameters));
  return (await first(db, model, text, parameters.values)) !== undefined;
}

async function replaceLinks(db: Queryable, model: Model, key: string | number, write: Write): Promise<void> {
  for (const { links, field, keys } of write.links) {
    if (field.source.from !== 'links') continue;
    const types = { own: keyKind(model.resource).sqlType, other: keyKind(field.source.target()).sqlType };
    const sql = linksSql(links, types);
    await db.query(sql.clear, [key]);
    if (keys.length > 0) await db.query(sql.add, [key, keys.map(String)]);
  }
}

/**
 * Creates a row without HTTP: for seeds and imports. In: values by field key as they stand after checking (UUIDs as
 * text, timestamps in wire form), and columns that no field writes. Absent keys get their defaults. Hooks do not run.
 * Out: the primary key.
 */
export async function insert(
  tx: Queryable,
  target: { readonly resource: Resource; readonly registry: Registry },
  attributes: Attributes,
  columns: Readonly<Record<string, Parameter>> = {},
): Promise<string | number> {
  const model = modelOf(target.resource, target.registry);
  const write = writeOf(model, withDefaults(model, attributes));
  const row = await insertRow(tx, model, { ...write, own: [...write.own, ...untyped(columns)] });
  return keyValue(model, row);
}

/** Changes a row found by its detail URL's value, without HTTP and hooks; false when there is none. */
export async function update(
  tx: Queryable,
  target: { readonly resource: Resource; readonly registry: Registry },
  value: Parameter,
  attributes: Attributes,
): Promise<boolean> {
  const model = modelOf(target.resource, target.registry);
  return (await updateRow(tx, model, value, writeOf(model, attributes))) !== undefined;
}

/** The first row whose fields have these values, as columns; for seeds and imports. */
export async function find(
  db: Queryable,
  target: { readonly resource: Resource; readonly registry: Registry },
  attributes: Attributes,
): Promise<Row | undefined> {
  const model = modelOf(target.resource, target.registry);
  const parameters = createParameters();
  const conditions = Object.entries(attributes).map(([key, value]) => {
    const { kind } = model.fields[key] ?? {};
    if (!kind) throw new Error(`${target.resource.name} has no field ${key}.`);
    const place = parameters.add(value === null ? null : kind.encode(value), kind.sqlType);
    return `${columnRef(target.resource, model.fields, key, ALIAS)} is not distinct from ${place}`;
  });
  const where = conditions.join(' and ');
  const text = `select ${rawColumns(model)} from ${model.rows} where ${where} order by ${columnOf(ALIAS, target.resource.key)} limit 1`;
  return first<Row>(db, model, text, parameters.values);
}

/** Columns set beside the fields; PostgreSQL infers their types. */
export function untyped(columns: Readonly<Record<string, Parameter>>): Assignment[] {
  return Object.entries(columns).map(([column, value]) => ({ column, sqlType: '', value }));
}
