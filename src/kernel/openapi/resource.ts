import type { Registry } from '../feature.ts';
import type { SchemaObject } from '../resource/field.ts';
import type { ReadyFilter } from '../resource/filters.ts';
import { readyFilters } from '../resource/filters.ts';
import { modelOf } from '../resource/model.ts';
import type { Model } from '../resource/model.ts';
import { operationPrefix, standard } from '../resource/operations.ts';
import type { OperationName, Resource } from '../resource/resource.ts';
import type { Components } from './components.ts';
import { UsedBy } from './shared.ts';
import type { parameters } from './shared.ts';

export type DocumentScope = { readonly registry: Registry; readonly components: Components };

const json = (schema: SchemaObject): SchemaObject => ({ 'application/json': { schema } });

const parameterRef = (name: keyof typeof parameters): SchemaObject => ({ $ref: `#/components/parameters/${name}` });

/** The answers that every operation has. */
export const errorResponses: SchemaObject = {
  '400': { $ref: '#/components/responses/ValidationErrorResponse' },
  '403': { $ref: '#/components/responses/GenericErrorResponse' },
};

/** A request body of a component; required when something in it is. */
export function requestBody(schema: SchemaObject, components: Components): SchemaObject {
  const { $ref: ref } = schema;
  const name = typeof ref === 'string' ? ref.slice('#/components/schemas/'.length) : '';
  const required = components.all()[name]?.['required'] !== undefined;
  return { content: json(schema), ...(required ? { required: true } : {}) };
}

/** A response with a JSON body. */
export const jsonResponse = (schema: SchemaObject): SchemaObject => ({ content: json(schema), description: '' });

/** Describes one of the seven operations of a resource. */
export function describeOperation(resource: Resource, name: OperationName, scope: DocumentScope): SchemaObject {
  const model = modelOf(resource, scope.registry);
  const parametersOf = describeParameters(model, name, scope);
  const body = bodyOf(model, name, scope);
  return {
    operationId: `${operationPrefix(resource)}_${standard[name].id}`,
    description: name === 'used_by' ? 'Get a list of all objects that use this object' : `${resource.name} Viewset`,
    ...(parametersOf.length > 0 ? { parameters: parametersOf } : {}),
    tags: [tagOf(resource.path)],
    ...(body ? { requestBody: body } : {}),
    security: [{ authentik: [] }],
    responses: { ...responseOf(model, name, scope), ...errorResponses },
  };
}

/** The first segment of a path. */
export function tagOf(path: string): string {
  return path.split('/').find((part) => part !== '') ?? '';
}

/** The resource as a shape with the fields that others added. */
function shapeOf({ resource, fields }: Model): { name: string; description: string; fields: Model['fields'] } {
  return { name: resource.name, description: resource.description, fields };
}

function bodyOf(model: Model, name: OperationName, { components }: DocumentScope): SchemaObject | undefined {
  if (name === 'create' || name === 'update')
    return requestBody(components.shape(shapeOf(model), 'request'), components);
  if (name === 'partial_update') return requestBody(components.patched(shapeOf(model)), components);
  return undefined;
}

function responseOf(model: Model, name: OperationName, { components }: DocumentScope): SchemaObject {
  const shape = components.shape(shapeOf(model), 'response');
  switch (name) {
    case 'destroy':
      return { '204': { description: 'No response body' } };
    case 'create':
      return { '201': jsonResponse(shape) };
    case 'list':
      return { '200': jsonResponse(describePage(model.resource.name, shape, components)) };
    case 'used_by':
      return { '200': jsonResponse({ type: 'array', items: components.shape(UsedBy, 'response') }) };
    case 'retrieve':
    case 'update':
    case 'partial_update':
      return { '200': jsonResponse(shape) };
    default:
      return name satisfies never;
  }
}

/** The envelope of a list (contract 1.6). */
export function describePage(name: string, item: SchemaObject, components: Components): SchemaObject {
  return components.refer(`Paginated${name}List`, () => ({
    type: 'object',
    properties: {
      pagination: { $ref: '#/components/schemas/Pagination' },
      results: { type: 'array', items: item },
      autocomplete: { $ref: '#/components/schemas/Autocomplete' },
    },
    required: ['autocomplete', 'pagination', 'results'],
  }));
}

/** The parameter of a resource's detail URLs. */
export function detailParameter({ lookup, resource }: Model): SchemaObject {
  const kind = lookup.kind.name;
  const schema: SchemaObject =
    kind === 'uuid' ? { type: 'string', format: 'uuid' } : { type: kind === 'integer' ? 'integer' : 'string' };
  const description: SchemaObject =
    kind === 'uuid'
      ? { description: `A UUID string identifying this ${resource.label}.` }
      : kind === 'integer'
        ? { description: `A unique integer value identifying this ${resource.label}.` }
        : {};
  return { in: 'path', name: lookup.parameter, schema, ...description, required: true };
}

function describeParameters(model: Model, name: OperationName, { components }: DocumentScope): SchemaObject[] {
  const detail = standard[name].at === 'list' ? [] : [detailParameter(model)];
  if (name !== 'list' && name !== 'retrieve') return detail;
  const named = new Map<string, SchemaObject>();
  for (const [parameter, usual] of includes(model, name === 'retrieve')) {
    named.set(parameter, { in: 'query', name: parameter, schema: { type: 'boolean', default: usual } });
  }
  if (name === 'retrieve') return [...detail, ...named.values()];
  for (const [filter, described] of describeFilters(model, components)) named.set(filter, described);
  named.set('page', parameterRef('QueryPaginationPage'));
  named.set('page_size', parameterRef('QueryPaginationPageSize'));
  return inOrder(named);
}

/** The parameters of every list that is answered by the page. */
export const pageParameters: ReadonlyMap<string, SchemaObject> = new Map([
  ['ordering', parameterRef('QueryPaginationOrdering')],
  ['page', parameterRef('QueryPaginationPage')],
  ['page_size', parameterRef('QueryPaginationPageSize')],
  ['search', parameterRef('QuerySearch')],
]);

/** Parameters by name, as upstream orders them. */
export function inOrder(named: ReadonlyMap<string, SchemaObject>): SchemaObject[] {
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, parameter]) => parameter);
}

/** What says which rows of a list are meant and in which order, by parameter. */
export function describeFilters(model: Model, components: Components): Map<string, SchemaObject> {
  const named = new Map(readyFilters(model).map((filter) => [filter.name, describeFilter(filter, components)]));
  named.set('ordering', parameterRef('QueryPaginationOrdering'));
  named.set('search', parameterRef('QuerySearch'));
  return named;
}

function includes({ fields }: Model, detail: boolean): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const { source } of Object.values(fields)) {
    if (source.from !== 'nestedList' || !source.include) continue;
    const { parameter, default: usual, detail: ofDetail } = source.include;
    if (!detail || ofDetail !== false) found.set(parameter, usual);
  }
  return found;
}

function describeFilter({ name, kind, multiple, description }: ReadyFilter, components: Components): SchemaObject {
  const schema = filterSchema(kind, components);
  if (name === 'name' && !multiple && schema['type'] === 'string') return parameterRef('QueryName');
  const text: SchemaObject = description === undefined ? {} : { description };
  if (!multiple) return { in: 'query', name, schema, ...text };
  return { in: 'query', name, schema: { type: 'array', items: schema }, ...text, explode: true, style: 'form' };
}

/** Filters are documented by type and format only. */
function filterSchema(kind: ReadyFilter['kind'], components: Components): SchemaObject {
  const schema = kind.document('request', components);
  if ('$ref' in schema) return schema;
  const { type = 'string', format } = schema;
  return { type, ...(format === undefined || format === 'email' ? {} : { format }) };
}
