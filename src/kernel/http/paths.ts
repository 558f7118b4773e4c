import { endpoint } from './endpoint.ts';
import { endpointOperation } from './endpoint-operation.ts';
import type { Registry } from '../feature.ts';
import { resource } from '../resource/resource.ts';
import { resourceOperations } from '../resource/operations.ts';
import type { Operation } from './operation.ts';
import type { ApiPath } from './pipeline.ts';

/** Every operation of the registered resources and endpoints. Throws for a wrong declaration: the boot stops. */
export function allOperations(registry: Registry): Operation[] {
  return [
    ...registry.all(resource).flatMap((one) => resourceOperations(one, registry)),
    ...registry.all(endpoint).map((one) => endpointOperation(one, registry)),
  ];
}

function allowOf(methods: readonly string[]): string {
  const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => methods.includes(method));
  return [...order, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/** Operations by path. Throws when two have the same method and path, or the same id. */
export function groupByPath(operations: readonly Operation[]): ApiPath[] {
  const paths = new Map<string, Map<string, Operation>>();
  const ids = new Set<string>();
  for (const operation of operations) {
    const { path, method, operationId } = operation;
    const methods = paths.get(path) ?? new Map<string, Operation>();
    if (methods.has(method)) throw new Error(`A second operation is ${method} ${path}.`);
    if (ids.has(operationId)) throw new Error(`A second operation is named ${operationId}.`);
    ids.add(operationId);
    paths.set(path, methods.set(method, operation));
  }
  return [...paths].map(([path, methods]) => ({ path, operations: methods, allow: allowOf([...methods.keys()]) }));
}
