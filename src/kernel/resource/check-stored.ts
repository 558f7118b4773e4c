import type { ConstraintViolation } from '../db/errors.ts';
import type { Parameter, Queryable } from '../db/types.ts';
import type { Faults, FieldFaults } from '../errors/api-error.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import { NON_FIELD } from './check.ts';
import type { Field } from './field.ts';
import { keyKind } from './kinds/reference.ts';
import { asSent, messages } from './messages.ts';
import type { Model } from './model.ts';
import { createParameters } from './parameters.ts';
import type { Presentable, Row } from './resource.ts';
import { columnNameOf, columnRef, rowsOf } from './show-sql.ts';
import { columnOf, identifier } from './sql-text.ts';

/** A write to look into: what was sent, what of it was good, and the row that is being changed. */
export type Attempt = {
  readonly raw: Json;
  readonly input: Readonly<Record<string, unknown>>;
  readonly existing: Row | undefined;
};

/**
 * The checks that need the database: unknown references, values that another row has. Runs only where something is
 * wrong already, so that all bad fields are reported together (contract 2.3) and a good write stays one statement.
 */
export async function checkStored(db: Queryable, model: Model, attempt: Attempt): Promise<FieldFaults> {
  const faults: Record<string, Faults> = {};
  for (const [key, field] of Object.entries(model.fields)) {
    const value = attempt.input[key];
    if (value === undefined || value === null) continue;
    const found =
      (await referenceFaults(db, field, { value, raw: rawOf(attempt.raw, key) })) ??
      (await uniqueFaults({ db, model }, key, attempt));
    if (found) faults[key] = found;
  }
  if (Object.keys(faults).length > 0) return faults;
  return (await setFaults(db, model, attempt)) ?? {};
}

function rawOf(raw: Json, key: string): Json {
  return isJsonObject(raw) && Object.hasOwn(raw, key) ? (raw[key] ?? null) : null;
}

type Sent = { readonly value: unknown; readonly raw: Json };

async function referenceFaults(db: Queryable, field: Field, { value, raw }: Sent): Promise<Faults | undefined> {
  const { source } = field;
  if (source.from === 'reference') {
    const missing = await findMissing(db, source.target(), [value]);
    return missing === undefined ? undefined : unknownPk(raw);
  }
  if (source.from !== 'links' || !Array.isArray(value)) return undefined;
  const missing = await findMissing(db, source.target(), value);
  if (missing === undefined) return undefined;
  const sent = Array.isArray(raw) ? raw.find((one) => sameKey(field, one, missing)) : undefined;
  return unknownPk(sent ?? missing);
}

const unknownPk = (sent: Json): Faults => [{ code: 'does_not_exist', message: messages.pkUnknown(asSent(sent)) }];

function sameKey(field: Field, sent: Json, key: string): boolean {
  const checked = field.kind.check([sent]);
  return 'value' in checked && Array.isArray(checked.value) && String(checked.value[0]) === key;
}

async function findMissing(db: Queryable, target: Presentable, keys: readonly unknown[]): Promise<string | undefined> {
  const type = keyKind(target).sqlType;
  const exists = `select 1 from ${identifier(target.table)} x where ${columnOf('x', target.key)} = k.key`;
  const text = `select k.key::text as key from unnest($1::${type}[]) with ordinality as k(key, n)
    where not exists (${exists}) order by k.n limit 1`;
  const [row] = await db.query<{ key: string }>(text, [keys.map(String)]);
  return row?.key;
}

function others({ resource }: Model, existing: Row | undefined): { text: string; values: Parameter[] } {
  const own = existing?.[resource.key];
  if (typeof own !== 'string' && typeof own !== 'number') return { text: 'true', values: [] };
  return {
    text: `x.${identifier(uniqueKeyColumn(resource))} is distinct from $2::${keyKind(resource).sqlType}`,
    values: [own],
  };
}

/** Names are unique over all rows of a base, so the base table is searched. */
function uniqueKeyColumn({ base, key }: Presentable): string {
  return base?.key ?? key;
}

type Place = { readonly db: Queryable; readonly model: Model };

async function uniqueFaults(
  { db, model }: Place,
  key: string,
  { input, existing }: Attempt,
): Promise<Faults | undefined> {
  const field = model.fields[key];
  const column = field && columnNameOf(key, field);
  if (field?.unique === undefined || column === undefined) return undefined;
  const { base, table } = model.resource;
  const inBase = base !== undefined && Object.hasOwn(base.fields, key);
  const rest = others(model, existing);
  const text = `select 1 from ${identifier(inBase ? base.table : table)} x
    where x.${identifier(column)} = $1::${field.kind.sqlType} and ${rest.text} limit 1`;
  const rows = await db.query(text, [field.kind.encode(input[key]), ...rest.values]);
  return rows.length > 0 ? [{ code: 'unique', message: field.unique }] : undefined;
}

async function setFaults(db: Queryable, model: Model, attempt: Attempt): Promise<FieldFaults | undefined> {
  for (const keys of model.resource.uniqueTogether) {
    if (await isTaken({ db, model }, keys, attempt)) {
      return { [NON_FIELD]: [{ code: 'unique', message: messages.uniqueTogether(keys) }] };
    }
  }
  return undefined;
}

/** Whether another row has the values that this one would have; null is equal to nothing. */
async function isTaken({ db, model }: Place, keys: readonly string[], { input, existing }: Attempt): Promise<boolean> {
  const { resource, fields } = model;
  const parameters = createParameters();
  const conditions: string[] = [];
  for (const key of keys) {
    const field = fields[key];
    const column = field && columnNameOf(key, field);
    if (!field || column === undefined) throw new Error(`${resource.name}.${key} has no column.`);
    const value = input[key] === undefined ? existing?.[column] : input[key];
    if (value === undefined || value === null) return false;
    const place = parameters.add(field.kind.encode(value), field.kind.sqlType);
    conditions.push(`${columnRef({ target: resource, fields, alias: 'x' }, key)} = ${place}`);
  }
  const own = existing?.[resource.key];
  if (typeof own === 'string' || typeof own === 'number') {
    conditions.push(`${columnOf('x', resource.key)} <> ${parameters.add(own, keyKind(resource).sqlType)}`);
  }
  const text = `select 1 from ${rowsOf(resource, 'x')} where ${conditions.join(' and ')} limit 1`;
  return (await db.query(text, parameters.values)).length > 0;
}

/** The field whose value another row has, read from the database's own words: for indexes over expressions. */
export function uniqueViolation(model: Model, violation: ConstraintViolation): FieldFaults | undefined {
  if (violation.kind !== 'unique') return undefined;
  const over = /^Key \((.*)\)=\(/s.exec(violation.detail ?? '')?.[1] ?? '';
  const words = new Set(over.match(/\w+/g) ?? []);
  for (const [key, field] of Object.entries(model.fields)) {
    const column = columnNameOf(key, field);
    if (field.unique === undefined || column === undefined || !words.has(column)) continue;
    return { [key]: [{ code: 'unique', message: field.unique }] };
  }
  return undefined;
}

/** The fault of a check that the resource knows of; undefined for any other violation. */
export function checkViolation(
  { resource }: Model,
  { kind, constraint }: ConstraintViolation,
): FieldFaults | undefined {
  if (kind !== 'check' || !Object.hasOwn(resource.checks, constraint)) return undefined;
  const check = resource.checks[constraint];
  return check && { [check.field]: [{ code: 'invalid', message: check.message }] };
}
