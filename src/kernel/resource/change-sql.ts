import type { Parameter } from '../db/types.ts';
import { changeLog } from '../events/change-log.ts';
import type { ChangeLog, ChangeParts } from '../events/change-log.ts';
import { eventBrandOf } from '../events/event-brand.ts';
import type { RequestContext } from '../context.ts';
import { eventUser } from '../events/event-user.ts';
import type { Field } from './field.ts';
import { keyKind } from './kinds/reference.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import type { Parameters } from './parameters.ts';
import { aliasOf, baseAlias, columnNameOf, showLinks } from './show-sql.ts';
import { columnOf, literal } from './sql-text.ts';

/** Alias of the row as it was. */
export const BEFORE = 'o';

/** The values of an event that the request knows: who, the facts of the request, from where, by which host. */
export type Origin = readonly [user: string, facts: string, clientIp: string, brand: Parameter];

/** Who changes something, for the event in the change's statement. */
export function originOf({ actor, requestFacts, clientIp, requestHost, registry }: RequestContext): Origin {
  const user = actor ? eventUser(actor) : {};
  const brand = requestHost === undefined ? null : eventBrandOf(registry).value(requestHost);
  return [JSON.stringify(user), JSON.stringify({ http_request: requestFacts() }), clientIp, brand];
}

/** What writes events of changes, if anything does. */
export function changeLogOf({ registry }: Model): ChangeLog | undefined {
  return registry.find(changeLog, 'change-log');
}

/** A change to tell of. */
export type Told = {
  readonly action: ChangeParts['action'];
  /** Columns that the change set; all that a client may set, if absent. */
  readonly columns?: ReadonlySet<string>;
  /** Gives the rows: t and, of a base, t_b as they became; o and o_b as they were. */
  readonly from: string;
  /** SQL of keys: those of the columns that have one of them become empty, and `from` gives the rows only as they were. */
  readonly emptied?: string | undefined;
};

/** The statement part `, t_event as (insert …)` and, at the end of `parameters`, the origin's values in their order; or nothing. */
export function eventSql(model: Model, told: Told, { origin, parameters }: EventValues): string {
  const log = changeLogOf(model);
  if (!log || !origin) return '';
  const [user, facts, clientIp, brand] = origin;
  const { sql, sqlType } = eventBrandOf(model.registry);
  const parts = {
    action: told.action,
    user: parameters.add(user, 'jsonb'),
    context: `${parameters.add(facts, 'jsonb')} || ${contextSql(model, log, told)}`,
    clientIp: parameters.add(clientIp, 'text'),
    brand: sql(parameters.add(brand, sqlType)),
    from: told.from,
  };
  return `, ${ALIAS}_event as (${log.insert(parts)})`;
}

/** What a deletion does to rows of another model. */
export type Along = Told & { readonly model: Model; readonly action: 'model_updated' | 'model_deleted' };

/**
 * The statement parts that write the events of what a deletion does to other rows, in the name of who deleted it, and
 * the SQL of how many of an action they are.
 */
export function alongSql(
  along: Iterable<Along>,
  { origin, parameters }: EventValues,
): { parts: string; count: (action: Along['action']) => string } {
  const told = [...along];
  const [first] = told;
  const log = first && changeLogOf(first.model);
  // A value that no part takes would have no type.
  if (!origin || !first || !log) return { parts: '', count: () => '0' };
  const [user, facts, clientIp, brand] = origin;
  const { sql, sqlType } = eventBrandOf(first.model.registry);
  const request = parameters.add(facts, 'jsonb');
  const who = {
    user: parameters.add(user, 'jsonb'),
    clientIp: parameters.add(clientIp, 'text'),
    brand: sql(parameters.add(brand, sqlType)),
  };
  const parts = told.map((one, at) => {
    const context = `${request} || ${contextSql(one.model, log, one)}`;
    const insert = log.insert({ action: one.action, from: one.from, ...who, context });
    return `, ${ALIAS}_along_${at} as (${insert} returning 1)`;
  });
  const counts = told.map(({ action }, at) => ({ action, sql: `(select count(*) from ${ALIAS}_along_${at})` }));
  const count = (of: Along['action']) =>
    ['0', ...counts.filter(({ action }) => action === of).map(({ sql: one }) => one)].join(' + ');
  return { parts: parts.join(''), count };
}

export type EventValues = { readonly origin: Origin | undefined; readonly parameters: Parameters };

function contextSql(model: Model, log: ChangeLog, told: Told): string {
  const alias = told.action === 'model_deleted' || told.emptied !== undefined ? BEFORE : ALIAS;
  return `jsonb_build_object('model', ${modelSql(model, alias)}, 'diff', ${diffSql(model, log, told)})`;
}

/** JSON that names the row under an alias: `{app, model_name, pk, name}`; UUIDs as 32 digits (contract part 2, 1.4). */
export function modelSql({ resource }: Pick<Model, 'resource'>, alias: string): string {
  const [app = '', name = ''] = resource.model.split('.');
  const key = columnOf(alias, resource.key);
  const pk = keyKind(resource).sqlType === 'uuid' ? `replace(${key}::text, '-', '')` : key;
  const named = `'app', ${literal(app)}, 'model_name', ${literal(name)}`;
  return `jsonb_build_object(${named}, 'pk', ${pk}, 'name', (${resource.text(alias)})::text)`;
}

/** The fields with a column that clients may set, with the column and, over an alias, SQL of it. */
export function* writableColumns({ fields, resource }: Model) {
  for (const [key, field] of Object.entries(fields)) {
    const column = columnNameOf(key, field);
    if (column === undefined || field.access === 'read') continue;
    const sql = (alias: string): string => columnOf(aliasOf(resource, key, alias), column);
    yield { key, field, column, sql };
  }
}

function valueSql(log: ChangeLog, field: Field, expression: string): string {
  if (field.secret === true) return `case when ${expression} is not null then to_jsonb(${literal(log.mask)}::text) end`;
  const value = `to_jsonb(${field.kind.show(expression)})`;
  return field.kind.sqlType === 'jsonb' ? log.cleanse(value) : value;
}

/** JSON of the changed fields: `{name: {previous_value, new_value}}`. */
function diffSql(model: Model, log: ChangeLog, { action, columns, emptied }: Told): string {
  const isGone = action === 'model_deleted' || emptied !== undefined;
  const parts: string[] = [];
  for (const { key, field, column, sql } of writableColumns(model)) {
    if (columns && !columns.has(column)) continue;
    const old = action === 'model_created' ? 'null::jsonb' : valueSql(log, field, sql(BEFORE));
    const now = isGone ? 'null::jsonb' : valueSql(log, field, sql(ALIAS));
    const pair = `jsonb_build_object(${literal(key)}, jsonb_build_object('previous_value', ${old}, 'new_value', ${now}))`;
    const changed =
      emptied === undefined ? `${sql(BEFORE)} is distinct from ${sql(ALIAS)}` : `${sql(BEFORE)} in (${emptied})`;
    parts.push(action === 'model_updated' ? `case when ${changed} then ${pair} else '{}'::jsonb end` : pair);
  }
  if (action === 'model_deleted') parts.push(...linksGone(model));
  return parts.length === 0 ? `'{}'::jsonb` : parts.join(' || ');
}

/** What a row that goes was tied to, as the statement found it; afterwards nothing else tells. */
function* linksGone({ fields, resource }: Model): Generator<string> {
  for (const [key, { source, access }] of Object.entries(fields)) {
    if (source.from !== 'links' || access === 'read') continue;
    const old = showLinks(columnOf(BEFORE, resource.key), source.links);
    yield `jsonb_build_object(${literal(key)}, jsonb_build_object('previous_value', ${old}, 'new_value', null))`;
  }
}

/** `join` conditions between the rows as they were and as they became. */
export function joinBefore({ resource }: Model): string {
  const { key } = resource;
  return `join ${BEFORE} on ${columnOf(BEFORE, key)} = ${columnOf(ALIAS, key)}${joinBase(resource, ALIAS)}`;
}

/** `from` clause of the rows as they were. */
export function rowsBefore({ resource }: Model): string {
  return `from ${BEFORE}${joinBase(resource, BEFORE)}`;
}

function joinBase({ base, table, key }: Model['resource'], alias: string): string {
  if (!base || base.table === table) return '';
  const b = baseAlias(BEFORE);
  return ` join ${b} on ${columnOf(b, base.key)} = ${columnOf(alias, key)}`;
}
