import type { Parameter, Queryable } from '../db/types.ts';
import type { Registry } from '../feature.ts';
import { goingAlong } from './cascade.ts';
import { alongSql, changeLogOf, eventSql, joinBefore, rowsBefore } from './change-sql.ts';
import type { Origin } from './change-sql.ts';
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

type Shown = { readonly value: string };

type Statement = {
  readonly text: string;
  readonly values: readonly Parameter[];
  readonly brief?: boolean;
  readonly changes?: boolean;
  readonly deadlineMs?: number | undefined;
};

async function first<R extends object>(
  db: Queryable,
  model: Model,
  { text, values, brief = false, changes = false, deadlineMs }: Statement,
): Promise<R | undefined> {
  const patience = deadlineMs === undefined ? {} : { deadlineMs };
  const [row] = await db.query<R>(text, values, { prepare: model.mayPrepare(text), brief, changes, ...patience });
  return row;
}

/** The presented row of a detail URL's value, computed fields not yet in; undefined when there is none to see. */
export function findShown(db: Queryable, model: Model, value: Parameter): Promise<string | undefined> {
  return findShownWithout(db, model, { value, excluded: new Set() });
}

/** As {@link findShown}, without the nested lists that are switched off. */
export async function findShownWithout(
  db: Queryable,
  model: Model,
  { value, excluded }: { value: Parameter; excluded: Excluded },
): Promise<string | undefined> {
  const text = model.text(`find ${[...excluded].join()}`, () => {
    const which = whichSql(model, value, createParameters());
    return model.show(`from ${model.rows} where ${which(ALIAS)}`, excluded);
  });
  return (await first<Shown>(db, model, { text, values: [value], brief: true }))?.value;
}

/** The presented row of a primary key, whether it is visible or not: for the answer to a write. */
export async function findShownByKey(db: Queryable, model: Model, key: string | number): Promise<string> {
  const where = `${model.key} = $1::${keyKind(model.resource).sqlType}`;
  const text = model.text('find by key', () => model.show(`from ${model.rows} where ${where}`));
  return written(model, await first<Shown>(db, model, { text, values: [key] }));
}

function written({ resource }: Model, row: Shown | undefined): string {
  if (!row) throw new Error(`${resource.name} is gone right after its write.`);
  return row.value;
}

/** The columns of the row of a detail URL's value, of the base table too. */
export function findRow(
  db: Queryable,
  model: Model,
  { value }: { readonly value: Parameter },
): Promise<Row | undefined> {
  const { text, values } = rowStatement(model, value);
  return first<Row>(db, model, { text, values, brief: true });
}

/**
 * As {@link findRow}, and nobody else changes the row before the transaction ends.
 * @param to what follows; before a change others may still refer to the row, before a deletion they may not
 */
export function lockRow(
  tx: Queryable,
  model: Model,
  { value, to }: { readonly value: Parameter; readonly to: 'change' | 'delete' },
): Promise<Row | undefined> {
  const { text, values } = rowStatement(model, value);
  const strength = to === 'change' ? 'no key update' : 'update';
  return first<Row>(tx, model, { text: `${text} for ${strength} of ${ALIAS}`, values });
}

function rowStatement(model: Model, value: Parameter): Statement {
  const parameters = createParameters();
  const which = whichSql(model, value, parameters);
  const text = `select ${rawColumns(model)} from ${model.rows} where ${which(ALIAS)}`;
  return { text, values: parameters.values };
}

/** Inserts a row, writes the event of it, and gives its presented form, all in one statement. */
export async function insertShown(
  db: Queryable,
  model: Model,
  { write, origin }: { readonly write: Write; readonly origin: Origin },
): Promise<string> {
  const parameters = createParameters();
  const sql = insertSql(model, write, parameters);
  const told = { action: 'model_created', columns: columnNames(write), from: sql.from } as const;
  const event = eventSql(model, told, { origin, parameters });
  const text = `${sql.with}${event} ${model.show(sql.from)}`;
  return written(model, await first<Shown>(db, model, { text, values: parameters.values }));
}

function columnNames({ own, base }: Write): ReadonlySet<string> {
  return new Set([...own, ...base].map(({ column }) => column));
}

/** Inserts a row, gives its columns. */
export async function insertRow(db: Queryable, model: Model, write: Write): Promise<Row> {
  const parameters = createParameters();
  const sql = insertSql(model, write, parameters);
  const row = await first<Row>(db, model, {
    text: `${sql.with} select ${rawColumns(model)} ${sql.from}`,
    values: parameters.values,
  });
  if (!row) throw new Error(`${model.resource.name} was not inserted.`);
  await replaceLinks(db, model, { key: keyValue(model, row), write });
  return row;
}

/** Which row is changed, by its detail URL's value, and to what. */
export type Update = { readonly value: Parameter; readonly write: Write };

/**
 * Changes a row, writes the event of it, and gives its presented form, all in one statement; undefined when there is
 * none.
 */
export async function updateShown(
  db: Queryable,
  model: Model,
  { value, write, origin }: Update & { readonly origin: Origin },
): Promise<string | undefined> {
  const { own, base } = write;
  // The text depends only on which columns are set. It is long, so it is kept: the parameters' order is the write's.
  const text = model.text(`update ${columnsOf(own)} / ${columnsOf(base)}`, () =>
    updateStatement(model, { value, write, origin }),
  );
  const values = [value, ...own, ...base].map(valueOf);
  if (changeLogOf(model)) values.push(...origin);
  return (await first<Shown>(db, model, { text, values, brief: true, changes: true }))?.value;
}

function columnsOf(assignments: readonly Assignment[]): string {
  return assignments.map(({ column }) => column).join();
}

function valueOf(one: Parameter | Assignment): Parameter {
  return typeof one === 'object' && one !== null && 'column' in one ? one.value : one;
}

function updateStatement(model: Model, { value, write, origin }: Update & { readonly origin: Origin }): string {
  const parameters = createParameters();
  const sql = updateSql(model, { write, which: whichSql(model, value, parameters) }, parameters);
  const from = `${sql.from} ${joinBefore(model)}`;
  const event = eventSql(model, { action: 'model_updated', columns: columnNames(write), from }, { origin, parameters });
  return `${sql.with}${event} ${model.show(sql.from)}`;
}

/** Changes a row, gives its columns; undefined when there is none. */
export async function updateRow(db: Queryable, model: Model, { value, write }: Update): Promise<Row | undefined> {
  const parameters = createParameters();
  const sql = updateSql(model, { write, which: whichSql(model, value, parameters) }, parameters);
  const text = `${sql.with} select ${rawColumns(model)} ${sql.from}`;
  const row = await first<Row>(db, model, { text, values: parameters.values });
  if (row) await replaceLinks(db, model, { key: keyValue(model, row), write });
  return row;
}

/** How many events of each action a deletion wrote. */
export type Deletion = { readonly model_deleted: number; readonly model_updated: number };

/**
 * Deletes the row of a detail URL's value, and with an origin writes the events of it, of what the API shows that goes
 * with it, and of what loses a reference to any of them. Out: how many; undefined when there is no row.
 */
export async function deleteRow(
  db: Queryable,
  model: Model,
  { value, origin, deadlineMs }: { readonly value: Parameter; readonly origin?: Origin; readonly deadlineMs?: number },
): Promise<Deletion | undefined> {
  const parameters = createParameters();
  const sql = deleteSql(model, whichSql(model, value, parameters));
  const event = eventSql(model, { action: 'model_deleted', from: sql.before }, { origin, parameters });
  const along = alongSql(goingAlong(model, rowsBefore(model)), { origin, parameters });
  const counts = `(1 + ${along.count('model_deleted')})::integer as model_deleted,
    (${along.count('model_updated')})::integer as model_updated`;
  const text = `${sql.with}${event}${along.parts} select ${counts} ${sql.from}`;
  return first<Deletion>(db, model, { text, values: parameters.values, deadlineMs });
}

async function replaceLinks(
  db: Queryable,
  model: Model,
  { key, write }: { key: string | number; write: Write },
): Promise<void> {
  for (const { links, field, keys } of write.links) {
    if (field.source.from !== 'links') continue;
    const types = { own: keyKind(model.resource).sqlType, other: keyKind(field.source.target()).sqlType };
    const sql = linksSql(links, types);
    await db.query(sql.clear, [key]);
    if (keys.length > 0) await db.query(sql.add, [key, keys.map(String)]);
  }
}

/** A resource, with what is registered, and columns to set that no field writes. */
export type Target = {
  readonly resource: Resource;
  readonly registry: Registry;
  readonly columns?: Readonly<Record<string, Parameter>> | undefined;
};

/**
 * Creates a row without HTTP: for seeds and imports. In: values by field key as they stand after checking (UUIDs as
 * text, timestamps in wire form). Absent keys get their defaults. Hooks do not run. Out: the primary key.
 */
export async function insert(tx: Queryable, target: Target, attributes: Attributes): Promise<string | number> {
  const model = modelOf(target.resource, target.registry);
  const write = writeOf(model, withDefaults(model, attributes));
  const row = await insertRow(tx, model, { ...write, own: [...write.own, ...untyped(target.columns ?? {})] });
  return keyValue(model, row);
}

/** Changes the row of a detail URL's value, without HTTP and hooks; false when there is none. */
export async function update(
  tx: Queryable,
  target: Target,
  { value, attributes }: { value: Parameter; attributes: Attributes },
): Promise<boolean> {
  const model = modelOf(target.resource, target.registry);
  return (await updateRow(tx, model, { value, write: writeOf(model, attributes) })) !== undefined;
}

/** The first row whose fields have these values, as columns; for seeds and imports. */
export async function find(db: Queryable, target: Target, attributes: Attributes): Promise<Row | undefined> {
  const model = modelOf(target.resource, target.registry);
  const parameters = createParameters();
  const conditions = Object.entries(attributes).map(([key, value]) => {
    const { kind } = model.fields[key] ?? {};
    if (!kind) throw new Error(`${target.resource.name} has no field ${key}.`);
    const place = parameters.add(value === null ? null : kind.encode(value), kind.sqlType);
    return `${columnRef({ target: target.resource, fields: model.fields, alias: ALIAS }, key)} is not distinct from ${place}`;
  });
  const where = conditions.join(' and ');
  const text = `select ${rawColumns(model)} from ${model.rows} where ${where} order by ${columnOf(ALIAS, target.resource.key)} limit 1`;
  return first<Row>(db, model, { text, values: parameters.values });
}

/** Columns set beside the fields; PostgreSQL infers their types. */
export function untyped(columns: Readonly<Record<string, Parameter>>): Assignment[] {
  return Object.entries(columns).map(([column, value]) => ({ column, sqlType: '', value }));
}
