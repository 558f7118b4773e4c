import type { RequestContext } from '../context.ts';
import type { Json } from '../schema/types.ts';
import { keyKind } from './kinds/reference.ts';
import { visibleSql } from './model.ts';
import type { Model } from './model.ts';
import { resource as resourcePoint } from './resource.ts';
import type { Presentable, Resource } from './resource.ts';
import { grantedSql, viewPermission } from './scope.ts';
import { aliasOf, columnRef, fieldsOf, rowsOf } from './show-sql.ts';
import { columnOf, identifier } from './sql-text.ts';

type Referrer = {
  readonly permission: string;
  /** For who may view everything, and for who may view what their roles grant ($2, $3). */
  readonly text: string;
  readonly limited: string;
};

function refersTo(target: Presentable, of: Resource): boolean {
  return target.table === of.table || (of.base !== undefined && target.table === of.base.table);
}

/** For each field anywhere that points at rows of the resource, the statement that finds the referring rows. */
function referrersOf(model: Model): Referrer[] {
  const { resource, registry } = model;
  const found: Referrer[] = [];
  const seen = new Set<string>();
  for (const other of registry.all(resourcePoint)) {
    const fields = fieldsOf(other, registry);
    for (const key of Object.keys(fields)) {
      const condition = conditionOf(other, key, model);
      if (!condition) continue;
      // Faces of one table (all stages and their base) declare the same reference; it is listed once.
      const id = `${condition.table}.${condition.column}`;
      if (seen.has(id)) continue;
      seen.add(id);
      const granted = grantedSql(other, registry, { roles: '$2::uuid[]', permission: '$3::text' });
      found.push({
        permission: viewPermission(other),
        text: statement(other, condition, resource),
        limited: statement(other, { ...condition, sql: `${condition.sql} and ${granted}` }, resource),
      });
    }
  }
  return found;
}

type Condition = { readonly sql: string; readonly action: string; readonly table: string; readonly column: string };

function conditionOf(other: Resource, key: string, { resource, registry }: Model): Condition | undefined {
  const fields = fieldsOf(other, registry);
  const source = fields[key]?.source;
  if (!source || !('target' in source) || !refersTo(source.target(), resource)) return undefined;
  const place = `$1::${keyKind(resource).sqlType}`;
  if (source.from === 'links') {
    const { table, own, other: far } = source.links;
    const rows = `select ${columnOf('l', own)} from ${identifier(table)} l where ${columnOf('l', far)} = ${place}`;
    return { sql: `${columnOf('t', other.key)} in (${rows})`, action: 'cascade_many', table, column: own };
  }
  if (source.from === 'reference') {
    const column = columnRef({ target: other, fields, alias: 't' }, key);
    return { sql: `${column} = ${place}`, action: source.onDelete, table: other.table, column: source.column ?? key };
  }
  if (source.from !== 'nested' || source.via !== undefined) return undefined;
  const column = source.column ?? key;
  const sql = `${columnOf(aliasOf(other, key, 't'), column)} = ${place}`;
  return { sql, action: source.onDelete, table: other.table, column };
}

function statement(other: Resource, { sql, action }: Condition, resource: Resource): string {
  const [app, name] = other.model.split('.');
  const shown = [
    `'${app}'::text as app`,
    `'${name}'::text as model_name`,
    `${columnOf('t', other.key)}::text as pk`,
    `${other.text('t')} as name`,
    `'${action === 'restrict' ? 'left_dangling' : action}'::text as action`,
  ];
  const where = `${sql} and ${visibleSql(other, 't')}`;
  const self =
    other.table === resource.table ? ` and ${columnOf('t', other.key)} <> $1::${keyKind(resource).sqlType}` : '';
  return `select ${shown.join(', ')} from ${rowsOf(other, 't')} where ${where}${self} order by ${columnOf('t', other.key)}`;
}

/** Lists what refers to a row, as far as the caller may view it (contract 2.7). In: the row's primary key. */
export function createUsedBy(model: Model): (ctx: RequestContext, key: string | number) => Promise<Json> {
  let referrers: Referrer[] | undefined;
  return async (ctx, key) => {
    referrers ??= referrersOf(model);
    const users: Json[] = [];
    for (const referrer of referrers) {
      users.push(...(await findUsers(ctx, referrer, key)));
    }
    return users;
  };
}

type User = { readonly [key: string]: Json };

async function findUsers({ actor, db }: RequestContext, referrer: Referrer, key: string | number): Promise<User[]> {
  const { permission, text, limited } = referrer;
  if (actor?.can(permission)) return db.query<User>(text, [key]);
  if (!actor || actor.roles.length === 0) return [];
  return db.query<User>(limited, [key, [...actor.roles], permission]);
}
