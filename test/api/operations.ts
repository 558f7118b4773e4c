import type { TestApp } from '../app.ts';
import { methods, resolveParameter } from '../contract/openapi.ts';
import type { OpenApiDocument, Operation, Parameter } from '../contract/openapi.ts';

/** One operation of our own document. */
export type ServedOperation = {
  readonly operationId: string;
  /** In capitals. */
  readonly method: string;
  /** With `{name}` segments, below `/api/v3`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operation: Operation;
};

/** Our own OpenAPI document, as served. */
export async function servedDocument(app: TestApp): Promise<OpenApiDocument> {
  return (await app.api('GET', '/api/v3/schema/?format=json', undefined, { token: null })).body;
}

/** Every operation of a document. */
export function operationsOf(document: OpenApiDocument): ServedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = (operation.parameters ?? []).map((one) => resolveParameter(document, one));
      return [{ operationId: operation.operationId, method: method.toUpperCase(), path, parameters, operation }];
    }),
  );
}

/** A URL of an operation, with values for the segments of its path. */
export function urlOf({ path }: ServedOperation, values: (name: string) => string): string {
  return `/api/v3${path.replace(/\{(\w+)\}/g, (_all, name: string) => values(name))}`;
}
