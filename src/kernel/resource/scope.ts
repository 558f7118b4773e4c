import { objectGrants } from '../authz/object-grants.ts';
import type { RequestContext } from '../context.ts';
import { noMatch, permissionDenied } from '../errors/catalogue.ts';
import type { Registry } from '../feature.ts';
import type { HttpRequest } from '../http/message.ts';
import type { ObjectLevel } from '../http/operation.ts';
import { keyKind } from './kinds/reference.ts';
import { lookupValue } from './lookup.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { createParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import type { Presentable } from './resource.ts';
import { columnOf } from './sql-text.ts';
import { whichSql } from './write-sql.ts';

/** The name of the permission to see rows of a model. */
export function viewPermission({ model }: Pick<Presentable, 'model'>): string {
  const [app, name] = model.split('.');
  return `${app}.view_${name}`;
}

/**
 * SQL: whether the row under an alias, t unless told, is one of those on which some roles grant a permission.
 * @param places SQL of the roles, a `uuid[]`, and of the permission, a text
 */
export function grantedSql(
  target: Presentable,
  registry: Registry,
  places: { readonly roles: string; readonly permission: string; readonly alias?: string },
): string {
  const grants = registry.find(objectGrants, 'object-grants');
  if (!grants) return 'false';
  const objects = grants.objects(places.roles, places.permission);
  return `${columnOf(places.alias ?? ALIAS, target.key)} in (select o.pk::${keyKind(target).sqlType} from (${objects}) as o(pk))`;
}

/** The conditions that keep a list to what the caller may view; none for those who may view everything. */
export function scopeConditions(
  { actor }: Pick<RequestContext, 'actor'>,
  model: Model,
  parameters: Parameters,
): string[] {
  const permission = viewPermission(model.resource);
  if (actor?.can(permission)) return [];
  if (!actor) return ['false'];
  return [granted(model, { permission, roles: parameters.add([...actor.roles], 'uuid[]') }, parameters)];
}

type Granted = { readonly permission: string; readonly roles: string; readonly alias?: string };

function granted({ resource, registry }: Model, of: Granted, parameters: Parameters): string {
  return grantedSql(resource, registry, { ...of, permission: parameters.add(of.permission, 'text') });
}

/** The conditions over an alias that keep a change of many rows to those on which the caller has all of the permissions. */
export function permittedConditions(
  ctx: RequestContext,
  model: Model,
  of: { readonly permissions: readonly string[]; readonly alias: string; readonly parameters: Parameters },
): string[] {
  const { permissions, alias, parameters } = of;
  const lacking = missing(ctx, permissions);
  if (lacking.length === 0) return [];
  const roles = parameters.add([...(ctx.actor?.roles ?? [])], 'uuid[]');
  return lacking.map((permission) => granted(model, { permission, roles, alias }, parameters));
}

/** What a caller lacks on everything; a superuser lacks nothing. */
function missing({ actor }: RequestContext, permissions: readonly string[]): string[] {
  return permissions.filter((permission) => actor?.can(permission) !== true);
}

/**
 * Judges callers by single objects (contract part 1, 1.3). In: the permissions that the operation needs, all of them.
 * Without `detail` the operation looks at no particular object, or at any (`used_by`).
 */
export function objectLevel(
  model: Model,
  permissions: readonly string[],
  { detail }: { readonly detail: boolean },
): ObjectLevel {
  return {
    mayEnter: (ctx) => mayEnter(ctx, model, permissions),
    ...(detail ? { check: (ctx, request) => check(ctx, model, { permissions, request }) } : {}),
  };
}

/** Whether each permission is held on everything, or on an object that is there. */
async function mayEnter(ctx: RequestContext, model: Model, permissions: readonly string[]): Promise<boolean> {
  const { actor } = ctx;
  if (!actor) return false;
  const view = viewPermission(model.resource);
  // The accounts that the server made for itself get an empty list instead.
  const lenient = actor.type === 'internal_service_account';
  const needed = missing(ctx, permissions).filter((permission) => !lenient || permission !== view);
  if (needed.length === 0) return true;
  if (actor.roles.length === 0) return false;
  const parameters = createParameters();
  const roles = parameters.add([...actor.roles], 'uuid[]');
  const exist = needed.map((permission) => {
    const where = `${model.visible} and ${granted(model, { permission, roles }, parameters)}`;
    return `exists (select 1 from ${model.rows} where ${where})`;
  });
  const [row] = await ctx.db.query<{ yes: boolean }>(`select ${exist.join(' and ')} as yes`, parameters.values);
  return row?.yes === true;
}

type Asked = { readonly permissions: readonly string[]; readonly request: HttpRequest };

/** Throws 404 for an object that is not there or not to be seen, 403 for one that is seen and no more. */
async function check(ctx: RequestContext, model: Model, { permissions, request }: Asked): Promise<void> {
  const parameters = createParameters();
  const which = whichSql(model, lookupValue(model, request), parameters);
  const roles = parameters.add([...(ctx.actor?.roles ?? [])], 'uuid[]');
  const view = viewPermission(model.resource);
  const lacking = missing(ctx, permissions);
  const seen = lacking.includes(view) ? granted(model, { permission: view, roles }, parameters) : 'true';
  const rest = lacking.filter((permission) => permission !== view);
  const may = rest.map((permission) => granted(model, { permission, roles }, parameters));
  const text = `select (${seen}) as seen, (${['true', ...may].join(' and ')}) as may from ${model.rows} where ${which(ALIAS)}`;
  const [row] = await ctx.db.query<{ seen: boolean; may: boolean }>(text, parameters.values);
  if (row?.seen !== true) throw noMatch(model.resource.name);
  if (!row.may) throw permissionDenied();
}
