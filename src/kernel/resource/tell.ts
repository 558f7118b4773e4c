import type { RequestContext } from '../context.ts';
import type { Queryable, Transaction } from '../db/types.ts';
import { CHANGE_APP } from '../events/change-log.ts';
import type { ChangeParts } from '../events/change-log.ts';
import type { EventPart } from '../events/types.ts';
import type { Json, JsonObject } from '../schema/types.ts';
import { eventUser } from '../events/event-user.ts';
import { changeLogOf, modelSql, writableColumns } from './change-sql.ts';
import { keyKind } from './kinds/reference.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import type { Parameters } from './parameters.ts';
import { showLinks } from './show-sql.ts';
import { identifier } from './sql-text.ts';

/** A row as an event tells of it: its name, and what clients may set. */
export type Described = { readonly model: JsonObject; readonly values: JsonObject };

function describeSql(model: Model): string {
  const columns = [...writableColumns(model)].map(
    ({ key, field, sql }) => `${field.kind.show(sql(ALIAS))} as ${identifier(key)}`,
  );
  for (const [key, { source, access }] of Object.entries(model.fields)) {
    if (source.from !== 'links' || access === 'read') continue;
    columns.push(`${showLinks(model.key, source.links)} as ${identifier(key)}`);
  }
  const values = columns.length === 0 ? `'{}'::json` : `(select row_to_json(r) from (select ${columns.join(', ')}) r)`;
  const where = `${model.key} = $1::${keyKind(model.resource).sqlType}`;
  return `select ${modelSql(model, ALIAS)} as model, ${values} as values from ${model.rows} where ${where}`;
}

/** Reads a row for {@link tellChange}; undefined where nothing writes events. */
export async function describe(db: Queryable, model: Model, key: string | number): Promise<Described | undefined> {
  if (!changeLogOf(model)) return undefined;
  const [row] = await db.query<Described>(
    model.text('describe', () => describeSql(model)),
    [key],
  );
  return row;
}

/** The value of a field that may be a secret. */
function shownValue(model: Model, key: string, value: Json): Json {
  const secret = model.fields[key]?.secret === true && value !== null;
  return secret ? (changeLogOf(model)?.mask ?? null) : value;
}

function diffOf(model: Model, before: JsonObject, after: JsonObject): JsonObject {
  const changed: { [key: string]: Json } = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[key] ?? null;
    const now = after[key] ?? null;
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    changed[key] = { previous_value: shownValue(model, key, old), new_value: shownValue(model, key, now) };
  }
  return changed;
}

/** Writes the event of a change that took more than one statement. */
export async function tellChange(
  tx: Transaction,
  { ctx, model }: { readonly ctx: RequestContext; readonly model: Model },
  change: { action: ChangeParts['action']; before?: Described | undefined; after?: Described | undefined },
): Promise<void> {
  const { action, before, after } = change;
  const named = after ?? before;
  if (!named) return;
  const { actor } = ctx;
  await ctx.events.record(tx, {
    app: CHANGE_APP,
    action,
    user: actor && eventUser(actor),
    clientIp: ctx.clientIp,
    context: { model: named.model, diff: diffOf(model, before?.values ?? {}, after?.values ?? {}) },
  });
}

/** The event of an object that the caller's statement makes, as a part of it. In: what clients may set, as it is. */
export function createdPart(
  { ctx, model }: { readonly ctx: RequestContext; readonly model: Model },
  parameters: Parameters,
  made: { readonly values: JsonObject; /** Of the statement: gives the object under alias t. */ readonly from: string },
): EventPart {
  const { actor, clientIp } = ctx;
  return ctx.events.part(
    parameters,
    {
      app: CHANGE_APP,
      action: 'model_created',
      user: actor && eventUser(actor),
      clientIp,
      context: { diff: diffOf(model, {}, made.values) },
    },
    { from: made.from, context: `jsonb_build_object('model', ${modelSql(model, ALIAS)})` },
  );
}

/** What was tied to an object or taken from it: names of links to the keys or names at their other ends. */
export type Links = { readonly [name: string]: readonly (string | number)[] };

const valuesOf = (links: Links, side: 'previous_value' | 'new_value'): JsonObject => {
  const other = side === 'new_value' ? 'previous_value' : 'new_value';
  return Object.fromEntries(
    Object.entries(links).map(([name, ends]) => [name, { [other]: null, [side]: [...ends] }] as const),
  );
};

/**
 * Writes the event of links that were tied or cut one by one (members, holders, grants): only those, since an object
 * may have very many. `more` is told beside the object. Nothing is written where no link changed.
 */
export async function tellLinks(
  tx: Transaction,
  { ctx, model, key }: { readonly ctx: RequestContext; readonly model: Model; readonly key: string | number },
  change: { readonly verb: 'add' | 'remove'; readonly links: Links; readonly more?: JsonObject },
): Promise<void> {
  const { verb, links, more = {} } = change;
  if (!changeLogOf(model) || Object.values(links).every((ends) => ends.length === 0)) return;
  const where = `${model.key} = $1::${keyKind(model.resource).sqlType}`;
  const text = model.text('name', () => `select ${modelSql(model, ALIAS)} as model from ${model.rows} where ${where}`);
  const [row] = await tx.query<{ model: JsonObject }>(text, [key]);
  if (!row) return;
  const { actor, clientIp } = ctx;
  await ctx.events.record(tx, {
    app: CHANGE_APP,
    action: 'model_updated',
    user: actor && eventUser(actor),
    clientIp,
    context: { model: row.model, ...more, diff: valuesOf(links, verb === 'add' ? 'new_value' : 'previous_value') },
  });
}

/** Writes the event of an object that came to be beside its resource's own operations. */
export async function tellCreated(
  tx: Transaction,
  place: { readonly ctx: RequestContext; readonly model: Model },
  key: string | number,
): Promise<void> {
  await tellChange(tx, place, { action: 'model_created', after: await describe(tx, place.model, key) });
}
