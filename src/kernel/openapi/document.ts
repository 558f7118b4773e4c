import type { Registry } from '../feature.ts';
import { endpoint } from '../http/endpoint.ts';
import type { SchemaObject } from '../resource/field.ts';
import { operationNames, operationPath, standard } from '../resource/operations.ts';
import { resource } from '../resource/resource.ts';
import type { Json } from '../schema/types.ts';
import { createComponents } from './components.ts';
import { describeEndpoint } from './endpoint.ts';
import { describeOperation } from './resource.ts';
import { autocomplete, genericError, pagination, parameters, responses, validationError } from './shared.ts';
import { endpointPath } from '../http/endpoint-operation.ts';

/**
 * Our own OpenAPI 3.0.3 document of everything registered, in upstream's shape (stack.md 4.2): components X, XRequest,
 * PatchedXRequest, PaginatedXList.
 */
export function buildDocument(registry: Registry): { readonly [key: string]: Json } {
  const components = createComponents(registry);
  components.refer('Pagination', () => pagination);
  components.refer('Autocomplete', () => autocomplete);
  components.refer('ValidationError', () => validationError);
  components.refer('GenericError', () => genericError);
  const paths = new Map<string, { [method: string]: SchemaObject }>();
  const add = (path: string, method: string, operation: SchemaObject): void => {
    const methods = paths.get(path) ?? {};
    methods[method.toLowerCase()] = operation;
    paths.set(path, methods);
  };
  for (const one of registry.all(resource)) {
    for (const name of operationNames(one)) {
      add(operationPath(one, name), standard[name].method, describeOperation(one, name, { registry, components }));
    }
  }
  for (const one of registry.all(endpoint)) {
    add(endpointPath(one), one.method, describeEndpoint(one, { registry, components }));
  }
  return {
    openapi: '3.0.3',
    info: { title: 'Vestibule', version: '2026.8.3', license: { name: 'MIT' } },
    paths: Object.fromEntries([...paths].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      parameters,
      responses,
      schemas: components.all(),
      securitySchemes: { authentik: { type: 'http', scheme: 'bearer' } },
    },
    servers: [{ url: '/api/v3' }],
  };
}
