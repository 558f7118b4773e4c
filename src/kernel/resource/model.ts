import type { Registry } from '../feature.ts';
import { compactJson } from '../schema/compact.ts';
import { isJsonObject, JsonText } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import type { Constants, Fields, Kind } from './field.ts';
import { keyKind } from './kinds/reference.ts';
import type { Resource, Row } from './resource.ts';
import { columnRef, fieldsOf, finisherOf, rowsOf, showColumns } from './show-sql.ts';
import type { Excluded } from './show-sql.ts';
import { columnOf, createTextBudget, createTextCache, identifier, literal } from './sql-text.ts';

/** A resource made ready for use with a registry: its fields with what others added, and its SQL. */
export type Model = {
  readonly resource: Resource;
  readonly registry: Registry;
  readonly fields: Fields;
  /** The kind of the value in detail URLs, its column and the name of the path parameter. */
  readonly lookup: { readonly kind: Kind; readonly parameter: string; sql(alias: string): string };
  /** `from` clause of the visible rows under alias t, and the condition that makes them visible. */
  readonly rows: string;
  readonly visible: string;
  readonly key: string;
  /** `select … as value`, texts of JSON, of presented rows from a clause that brings alias t. */
  show(from: string, excluded?: Excluded): string;
  /**
   * Whether nested parts read the tables that a write changes. They would show the state before the statement, so such a
   * row is read again after its write.
   */
  readonly readsItself: boolean;
  /** A value of {@link Model.show} with what is computed in Node put in; without such fields nobody reads the text. */
  present(value: string, constants: Constants): Json | JsonText;
  mayPrepare(text: string): boolean;
  /** Keeps a generated text under a name. */
  text(name: string, make: () => string): string;
};

export const ALIAS = 't';

const models = new WeakMap<Registry, Map<Resource, Model>>();

/** The model of a resource; made once for each registry. */
export function modelOf(resource: Resource, registry: Registry): Model {
  const made = models.get(registry) ?? new Map<Resource, Model>();
  models.set(registry, made);
  const model = made.get(resource) ?? createModel(resource, registry);
  made.set(resource, model);
  return model;
}

function lookupOf(resource: Resource, fields: Fields): Model['lookup'] {
  const { key, lookup } = resource;
  if (lookup === undefined) return { kind: keyKind(resource), parameter: key, sql: (alias) => columnOf(alias, key) };
  const field = fields[lookup];
  if (!field) throw new Error(`${resource.name} has no field ${lookup}.`);
  return {
    kind: field.kind,
    parameter: lookup,
    sql: (alias) => columnRef({ target: resource, fields, alias }, lookup),
  };
}

/** The condition for a row to exist for the API, over an alias; of a base also the type it was declared with. */
export function visibleSql(resource: Resource, alias: string): string {
  const conditions: string[] = [];
  if (resource.visible) conditions.push(`(${resource.visible(alias)})`);
  // A resource that stands for the base table itself shows every type; see the tables' foreign keys for the others.
  const { base } = resource;
  if (base?.type && base.table === resource.table) {
    conditions.push(`${columnOf(alias, base.type.column)} = ${literal(base.type.value)}`);
  }
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

function mentions(sql: string, { table, base }: Resource): boolean {
  return [table, base?.table].some(
    (name) => name !== undefined && new RegExp(`\\b(from|join) "?${name}"?\\b`).test(sql),
  );
}

function createModel(resource: Resource, registry: Registry): Model {
  const fields = fieldsOf(resource, registry);
  const finish = finisherOf(resource, registry);
  const texts = new Map<string, string>();
  const budget = createTextBudget();
  return {
    resource,
    registry,
    fields,
    lookup: lookupOf(resource, fields),
    rows: rowsOf(resource, ALIAS),
    visible: visibleSql(resource, ALIAS),
    key: columnOf(ALIAS, resource.key),
    show(from, excluded) {
      const id = excluded ? [...excluded].toSorted().join() : '';
      const columns = texts.get(id) ?? showColumns({ registry, target: resource, alias: ALIAS, depth: 0 }, excluded);
      texts.set(id, columns);
      return `select row_to_json(r)::text as value from (select ${columns} ${from}) r`;
    },
    readsItself: mentions(showColumns({ registry, target: resource, alias: ALIAS, depth: 0 }), resource),
    present(value, { config, actor }) {
      if (!finish) return new JsonText(compactJson(value));
      const shown: Json = JSON.parse(value);
      if (isJsonObject(shown)) finish(shown as { [key: string]: Json }, { config, actor });
      return shown;
    },
    mayPrepare: budget.mayPrepare,
    text: createTextCache(),
  };
}

/** The columns of a row of both tables, for hooks. */
export function rawColumns({ resource }: Model): string {
  const { base } = resource;
  return base && base.table !== resource.table ? `${ALIAS}_b.*, ${ALIAS}.*` : `${ALIAS}.*`;
}

/** The value of a row's primary key. */
export function keyValue({ resource }: Model, row: Row): string | number {
  const value = row[resource.key];
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new Error(`A row of ${identifier(resource.table)} has no key ${resource.key}.`);
}
