import type { Registry } from '../feature.ts';
import type { HttpRequest, Reply } from '../http/message.ts';
import { allProblems, buildOwnDocument } from './document.ts';
import { etagOf, isFresh } from './etag.ts';
import { ownOperation } from './operation.ts';
import type { OwnOperation } from './operation.ts';
import type { OwnPath } from './pipeline.ts';
import { OWN_API, Problem, problems } from './problem.ts';

function allowOf(methods: readonly string[]): string {
  const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => methods.includes(method));
  return [...order, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/** The operations of the own API by path. Throws for a wrong declaration: the boot stops. */
export function ownPaths(registry: Registry): OwnPath[] {
  const paths = new Map<string, Map<string, OwnOperation>>();
  for (const operation of registry.all(ownOperation)) {
    const { path, method, operationId, merges, subject } = operation;
    if (!path.startsWith('/') || path.endsWith('/')) throw new Error(`${operationId} has the path ${path}.`);
    if (merges && !subject) throw new Error(`${operationId} merges into nothing.`);
    const methods = paths.get(path) ?? new Map<string, OwnOperation>();
    if (methods.has(method)) throw new Error(`A second operation is ${method} ${path}.`);
    paths.set(path, methods.set(method, operation));
  }
  allProblems(registry);
  return [...paths].map(([path, operations]) => ({ path, operations, allow: allowOf([...operations.keys()]) }));
}

/** Something of the own API that anybody may read without an account. */
export type OpenRoute = { readonly path: string; serve(request: HttpRequest): Reply };

/** The document, and a page for the `type` of each problem. */
export function openRoutes(registry: Registry): OpenRoute[] {
  let made: { readonly text: string; readonly etag: string } | undefined;
  const known = allProblems(registry);
  return [
    {
      path: `${OWN_API}/openapi.json`,
      serve(request) {
        checkMethod(request);
        const document = made ? undefined : buildOwnDocument(registry);
        if (document) made = { text: JSON.stringify(document), etag: etagOf(document) };
        const etag = made?.etag ?? '';
        const headers = { etag, 'cache-control': 'no-cache' };
        if (isFresh(request.headers, etag)) return { status: 304, headers };
        return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: made?.text };
      },
    },
    {
      path: `${OWN_API}/problems/{code}`,
      serve(request) {
        checkMethod(request);
        const kind = known.get(request.params['code'] ?? '');
        if (!kind) throw new Problem(problems.notFound);
        const text = `${kind.title}\n\nCode ${kind.code}, status ${kind.status}.\n${kind.about}\n`;
        return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
      },
    },
  ];
}

function checkMethod({ method }: HttpRequest): void {
  if (method !== 'GET' && method !== 'HEAD')
    throw new Problem(problems.methodNotAllowed, { headers: { allow: 'GET, HEAD' } });
}
