import type { Endpoint, ResponseBody } from '../http/endpoint.ts';
import { endpointPath } from '../http/endpoint-operation.ts';
import type { Field, SchemaObject } from '../resource/field.ts';
import { modelOf } from '../resource/model.ts';
import { describeField } from './components.ts';
import {
  describeFilters,
  describePage,
  detailParameter,
  errorResponses,
  inOrder,
  jsonResponse,
  pageParameters,
  requestBody,
  tagOf,
} from './resource.ts';
import type { DocumentScope } from './resource.ts';

/** Describes a special operation. */
export function describeEndpoint(endpoint: Endpoint, scope: DocumentScope): SchemaObject {
  const path = endpointPath(endpoint);
  const parameters = [...pathParameters(endpoint, path, scope), ...queryParameters(endpoint, scope)];
  const body = bodyOf(endpoint, scope);
  return {
    operationId: endpoint.operationId,
    description: endpoint.description ?? endpoint.summary ?? '',
    ...(parameters.length > 0 ? { parameters } : {}),
    tags: [endpoint.tag ?? tagOf(path)],
    ...(body ? { requestBody: body } : {}),
    security: endpoint.permission === 'public' ? [{ authentik: [] }, {}] : [{ authentik: [] }],
    responses: { ...responsesOf(endpoint, scope), ...withoutOwn(endpoint) },
  };
}

function withoutOwn({ responses }: Endpoint): SchemaObject {
  return Object.fromEntries(Object.entries(errorResponses).filter(([status]) => !(status in responses)));
}

function bodyOf(
  { body, rawBody, bodyUnion, partial }: Endpoint,
  { components }: DocumentScope,
): SchemaObject | undefined {
  const union = rawBody ?? bodyUnion;
  if (union) return requestBody(components.union(union, 'request'), components);
  if (!body) return undefined;
  return requestBody(partial === true ? components.patched(body) : components.shape(body, 'request'), components);
}

function pathParameters({ on, detail, params }: Endpoint, path: string, scope: DocumentScope): SchemaObject[] {
  const own = on && detail !== false ? modelOf(on, scope.registry) : undefined;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.map((name) => {
    if (name === own?.lookup.parameter) return detailParameter(own);
    const field = params?.[name];
    const schema: SchemaObject = field ? plainSchema(field, scope) : { type: 'string' };
    return { in: 'path', name, schema, required: true };
  });
}

function isPaginated({ responses }: Endpoint): boolean {
  return Object.values(responses).some((body) => body !== null && 'paginated' in body);
}

function queryParameters(endpoint: Endpoint, scope: DocumentScope): SchemaObject[] {
  const { query = {}, on, filtered } = endpoint;
  const own = Object.entries(query).map(([name, field]): [string, SchemaObject] => {
    const { documentation, required } = field;
    const schema = plainSchema({ ...field, documentation: {} }, scope);
    return [name, { in: 'query', name, schema, ...documentation, ...(required ? { required: true } : {}) }];
  });
  if (isPaginated(endpoint)) return inOrder(new Map([...pageParameters, ...own]));
  if (!on || filtered !== true) return own.map(([, parameter]) => parameter);
  return inOrder(new Map([...describeFilters(modelOf(on, scope.registry), scope.components), ...own]));
}

/** Parameters are documented as values are, without the limits of a body. */
function plainSchema(field: Field, { components }: DocumentScope): SchemaObject {
  return describeField(field, 'response', components);
}

function responsesOf({ responses }: Endpoint, scope: DocumentScope): SchemaObject {
  return Object.fromEntries(Object.entries(responses).map(([status, body]) => [status, describeResponse(body, scope)]));
}

function describeResponse(body: ResponseBody, { components }: DocumentScope): SchemaObject {
  if (body === null) return { description: 'No response body' };
  if ('array' in body) return jsonResponse({ type: 'array', items: components.shape(body.array, 'response') });
  if ('variants' in body) return jsonResponse(components.union(body, 'response'));
  if ('paginated' in body) {
    const item = components.shape(body.paginated, 'response');
    return jsonResponse(describePage(body.paginated.name, item, components));
  }
  if ('fields' in body) return jsonResponse(components.shape(body, 'response'));
  return body.type === undefined
    ? jsonResponse(body.schema)
    : { content: { [body.type]: { schema: body.schema } }, description: '' };
}
