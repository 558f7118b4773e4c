import { methods } from './openapi.ts';
import type { Method, OpenApiDocument, Operation, PathItem } from './openapi.ts';

interface Node {
  readonly literals: Map<string, Node>;
  parameter?: Node;
  item?: PathItem;
}

/** Finds the path item of a path such as `/core/users/5/`, or nothing. */
export type Router = (path: string) => PathItem | undefined;

/** A router over a document's paths. Literal segments win over `{parameters}`, as 36 published paths shadow each other. */
export function createRouter(document: OpenApiDocument): Router {
  const root = newNode();
  for (const [path, item] of Object.entries(document.paths)) {
    const end = segmentsOf(path).reduce(child, root);
    end.item = item;
  }
  return (path) => search(root, segmentsOf(path), 0);
}

/** The operation of a path item for a request method in any letter case; HEAD is answered as GET. */
export function operationOf(item: PathItem, method: string): Operation | undefined {
  const name = method.toLowerCase() === 'head' ? 'get' : method.toLowerCase();
  const known: Method | undefined = methods.find((candidate) => candidate === name);
  return known && item[known];
}

/** The path below `/api/v3` without query and with duplicate slashes merged (D14); nothing when the URL is elsewhere. */
export function apiPath(url: string): string | undefined {
  const withoutOrigin = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  const path = withoutOrigin.replace(/[?#].*$/s, '').replace(/\/{2,}/g, '/');
  return path.startsWith('/api/v3/') ? path.slice('/api/v3'.length) : undefined;
}

function newNode(): Node {
  return { literals: new Map() };
}

// The last segment of `/a/b/` is empty: a missing slash at the end thus finds nothing.
function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function child(node: Node, segment: string): Node {
  if (segment.startsWith('{')) return (node.parameter ??= newNode());
  const known = node.literals.get(segment) ?? newNode();
  node.literals.set(segment, known);
  return known;
}

function search(node: Node, segments: readonly string[], index: number): PathItem | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.item;
  const literal = node.literals.get(segment);
  const found = literal && search(literal, segments, index + 1);
  if (found || !node.parameter || segment === '') return found;
  return search(node.parameter, segments, index + 1);
}
