import type { RequestContext } from '../context.ts';
import { noMatch } from '../errors/catalogue.ts';
import type { Registry } from '../feature.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Json, JsonText } from '../schema/types.ts';
import type { Answer, Operation, OperationInput } from '../http/operation.ts';
import { createList } from './list.ts';
import { lookupValue } from './lookup.ts';
import { keyValue, modelOf } from './model.ts';
import type { Model } from './model.ts';
import type { OperationName, Resource, Row } from './resource.ts';
import { objectLevel, viewPermission } from './scope.ts';
import type { Excluded } from './show-sql.ts';
import * as store from './store.ts';
import { createUsedBy } from './used-by.ts';
import { create, destroy, update } from './write.ts';

/** The path of a resource's object. */
export function detailPath({ path, lookup, key }: Resource): string {
  return `${path}{${lookup ?? key}}/`;
}

/** The beginning of a resource's operation ids: `/stages/invitation/stages/` → `stages_invitation_stages`. */
export function operationPrefix({ path }: Resource): string {
  return path
    .split('/')
    .filter((part) => part !== '')
    .join('_');
}

/** The permissions that an operation needs, all of them (contract 2.5). */
function permissionsOf(resource: Resource, name: OperationName): string[] {
  const [app, codename] = resource.model.split('.');
  const view = viewPermission(resource);
  switch (name) {
    case 'create':
      return [`${app}.add_${codename}`];
    case 'update':
    case 'partial_update':
      return [view, `${app}.change_${codename}`];
    case 'destroy':
      return [view, `${app}.delete_${codename}`];
    case 'list':
    case 'retrieve':
    case 'used_by':
      return [view];
    default:
      return name satisfies never;
  }
}

/** The row of a detail URL, as columns. Throws 404. */
export async function findObject(
  ctx: RequestContext,
  model: Model,
  { request }: { readonly request: HttpRequest },
): Promise<Row> {
  const row = await store.findRow(ctx.db, model, { value: lookupValue(model, request) });
  if (!row) throw noMatch(model.resource.name);
  return row;
}

/** Which nested lists the query switches off. */
function excludedBy({ fields }: Model, query: URLSearchParams, detail: boolean): Excluded {
  const excluded = new Set<string>();
  for (const { source } of Object.values(fields)) {
    if (source.from !== 'nestedList' || !source.include) continue;
    const { parameter, default: usual, detail: ofDetail } = source.include;
    const asked = detail && ofDetail === false ? undefined : query.getAll(parameter).at(-1)?.toLowerCase();
    const included = asked === 'true' || asked === 'false' ? asked === 'true' : usual;
    if (!included) excluded.add(parameter);
  }
  return excluded;
}

type Maker = (model: Model) => (input: OperationInput) => Promise<Answer>;

const shown = (model: Model, ctx: RequestContext, value: string): Json | JsonText => model.present(value, ctx);

const makers: Readonly<Record<OperationName, Maker>> = {
  list(model) {
    const list = createList(model);
    return async ({ ctx, request }) => ({
      status: 200,
      value: await list.run(ctx, request.query, excludedBy(model, request.query, false)),
    });
  },
  create:
    (model) =>
    async ({ ctx, body }) => ({ status: 201, value: shown(model, ctx, await create(ctx, model, { body })) }),
  retrieve:
    (model) =>
    async ({ ctx, request }) => {
      const value = await store.findShownWithout(ctx.db, model, {
        value: lookupValue(model, request),
        excluded: excludedBy(model, request.query, true),
      });
      if (value === undefined) throw noMatch(model.resource.name);
      return { status: 200, value: shown(model, ctx, value) };
    },
  update:
    (model) =>
    async ({ ctx, request, body }) => ({
      status: 200,
      value: shown(model, ctx, await update(ctx, model, { body, value: lookupValue(model, request) })),
    }),
  partial_update:
    (model) =>
    async ({ ctx, request, body }) => ({
      status: 200,
      value: shown(model, ctx, await update(ctx, model, { body, value: lookupValue(model, request), partial: true })),
    }),
  destroy:
    (model) =>
    async ({ ctx, request }) => {
      await destroy(ctx, model, lookupValue(model, request));
      return { status: 204, value: undefined };
    },
  used_by(model) {
    const usedBy = createUsedBy(model);
    return async ({ ctx, request }) => {
      const row = await findObject(ctx, model, { request });
      return { status: 200, value: await usedBy(ctx, keyValue(model, row)) };
    };
  },
};

/** Method, path and suffix of the id of each of the seven operations. */
export const standard: Readonly<
  Record<OperationName, { method: Operation['method']; at: 'list' | 'detail' | 'used_by'; id: string }>
> = {
  list: { method: 'GET', at: 'list', id: 'list' },
  create: { method: 'POST', at: 'list', id: 'create' },
  retrieve: { method: 'GET', at: 'detail', id: 'retrieve' },
  update: { method: 'PUT', at: 'detail', id: 'update' },
  partial_update: { method: 'PATCH', at: 'detail', id: 'partial_update' },
  destroy: { method: 'DELETE', at: 'detail', id: 'destroy' },
  used_by: { method: 'GET', at: 'used_by', id: 'used_by_list' },
};

/** The names of the operations that a resource has. */
export function operationNames(resource: Resource): OperationName[] {
  const names: OperationName[] = ['list', 'create', 'retrieve', 'update', 'partial_update', 'destroy', 'used_by'];
  return names.filter((name) => !resource.except.includes(name));
}

/** The path of one of the seven operations. */
export function operationPath(resource: Resource, name: OperationName): string {
  const { at } = standard[name];
  if (at === 'list') return resource.path;
  return `${detailPath(resource)}${at === 'used_by' ? 'used_by/' : ''}`;
}

/** Makes the operations of a resource. Throws for a declaration that names what does not exist. */
export function resourceOperations(resource: Resource, registry: Registry): Operation[] {
  const model = modelOf(resource, registry);
  return operationNames(resource).map((name) => {
    const { method, id } = standard[name];
    const writes = name === 'create' || name === 'update' || name === 'partial_update';
    const late = name === 'update' || name === 'partial_update';
    const permissions = permissionsOf(resource, name);
    const detail = standard[name].at === 'detail';
    return {
      operationId: `${operationPrefix(resource)}_${id}`,
      method,
      path: operationPath(resource, name),
      permissions,
      // What is not there yet is granted to nobody.
      ...(name === 'create' ? {} : { objectLevel: objectLevel(model, permissions, { detail }) }),
      readsBody: writes,
      title: resource.label,
      description: resource.description,
      ...(late
        ? { findsLate: true, find: (ctx: RequestContext, request: HttpRequest) => findObject(ctx, model, { request }) }
        : {}),
      run: makers[name](model),
    };
  });
}
