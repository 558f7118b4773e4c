import type { Json } from '../schema/types.ts';
import type { Operation } from './operation.ts';

/** What OPTIONS tells of a path (contract 1.4). */
export function describePath({ operations }: { readonly operations: ReadonlyMap<string, Operation> }): Json {
  const [first] = operations.values();
  const actions: { [method: string]: Json } = {};
  for (const [method, { operationId, readsBody }] of operations) {
    if (readsBody) actions[method] = { operation: operationId };
  }
  return {
    name: first?.title ?? '',
    description: first?.description ?? '',
    renders: ['application/json'],
    parses: ['application/json'],
    actions,
  };
}
