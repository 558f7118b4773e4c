import { schemaComparer, within } from './compare-schemas.ts';
import type { Compare, Place, SchemaComparer } from './compare-schemas.ts';
import { methods, resolveParameter, resolveResponse } from './openapi.ts';
import type { Content, OpenApiDocument, Operation, Parameter } from './openapi.ts';

/**
 * One way in which our document says something else. `operation` is an operationId, or `components` for a component that
 * operations share; `path` leads to the place in it, `/`-separated; `ours` and `theirs` are what stands there.
 */
export interface Difference {
  readonly operation: string;
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** A reviewed difference. */
export interface AllowedDifference extends Pick<Difference, 'operation' | 'path'> {
  readonly reason: string;
}

/**
 * Compares what our document says about each operation that it serves with what the published one says: parameters, request
 * body, answers, and every component that these reach, once, with its name. Descriptions, titles, examples, `x-…`, security
 * and the order of keys do not count. Operations that only the published document has are none of its business.
 */
export function compareDocuments(ours: OpenApiDocument, theirs: OpenApiDocument): Difference[] {
  const found: Difference[] = [];
  const compare: Compare = (place, our, their) => {
    if (canonical(our) === canonical(their)) return;
    found.push({ ...place, ours: our, theirs: their });
  };
  const schemas = schemaComparer(ours.components.schemas, theirs.components.schemas, compare);
  for (const [path, item] of Object.entries(ours.paths)) {
    for (const method of methods) {
      const our = item[method];
      const their = theirs.paths[path]?.[method];
      if (!our) continue;
      if (!their) compare({ operation: our.operationId, path: '' }, `${method} ${path}`, undefined);
      else
        compareOperations(
          { document: ours, operation: our },
          { document: theirs, operation: their },
          { compare, schemas },
        );
    }
  }
  return found;
}

/**
 * What is wrong with a comparison, in sentences: differences that nobody has reviewed, and reviewed ones that are gone.
 * Empty when the two lists agree.
 */
export function reviewDifferences(found: readonly Difference[], allowed: readonly AllowedDifference[]): string[] {
  const key = ({ operation, path }: Pick<Difference, 'operation' | 'path'>): string => `${operation} ${path}`;
  const allowedKeys = new Set(allowed.map(key));
  const foundKeys = new Set(found.map(key));
  const fresh = found.filter((difference) => !allowedKeys.has(key(difference)));
  const stale = allowed.filter((difference) => !foundKeys.has(key(difference)));
  const reasonless = allowed.filter(({ reason }) => reason.trim() === '');
  return [
    ...fresh.map((one) => `not allowed: ${key(one)}: ours ${text(one.ours)}, published ${text(one.theirs)}`),
    ...stale.map((one) => `allowed, but no longer there: ${key(one)}`),
    ...reasonless.map((one) => `allowed without a reason: ${key(one)}`),
  ];
}

interface Side {
  readonly document: OpenApiDocument;
  readonly operation: Operation;
}

interface Tools {
  readonly compare: Compare;
  readonly schemas: SchemaComparer;
}

function compareOperations(ours: Side, theirs: Side, tools: Tools): void {
  const place = placeOf(theirs);
  tools.compare(within(place, 'operationId'), ours.operation.operationId, theirs.operation.operationId);
  tools.compare(within(place, 'tags'), ours.operation.tags ?? [], theirs.operation.tags ?? []);
  tools.compare(within(place, 'deprecated'), ours.operation.deprecated ?? false, theirs.operation.deprecated ?? false);
  compareParameters(ours, theirs, tools);
  const ourBody = ours.operation.requestBody;
  const theirBody = theirs.operation.requestBody;
  if (!ourBody || !theirBody) tools.compare(within(place, 'requestBody'), kind(ourBody), kind(theirBody));
  else {
    tools.compare(within(place, 'requestBody/required'), ourBody.required ?? false, theirBody.required ?? false);
    compareContents(ourBody.content, theirBody.content, { ...tools, place: within(place, 'requestBody') });
  }
  compareResponses(ours, theirs, tools);
}

function compareParameters(ours: Side, theirs: Side, { compare, schemas }: Tools): void {
  const place = placeOf(theirs);
  const our = parametersOf(ours);
  const their = parametersOf(theirs);
  for (const key of union(our, their)) {
    const here = within(place, `parameters/${key}`);
    const [mine, other] = [our.get(key), their.get(key)];
    if (!mine || !other) {
      compare(here, kind(mine), kind(other));
      continue;
    }
    for (const fact of ['required', 'deprecated'] as const) {
      compare(within(here, fact), mine[fact] ?? false, other[fact] ?? false);
    }
    compare(within(here, 'style'), styleOf(mine), styleOf(other));
    schemas(within(here, 'schema'), mine.schema ?? {}, other.schema ?? {});
  }
}

function compareResponses(ours: Side, theirs: Side, tools: Tools): void {
  const place = placeOf(theirs);
  const our = new Map(Object.entries(ours.operation.responses));
  const their = new Map(Object.entries(theirs.operation.responses));
  for (const status of union(our, their)) {
    const here = within(place, `responses/${status}`);
    const [mine, other] = [our.get(status), their.get(status)];
    if (!mine || !other) {
      tools.compare(here, kind(mine), kind(other));
      continue;
    }
    const ourContent = resolveResponse(ours.document, mine).content ?? {};
    const theirContent = resolveResponse(theirs.document, other).content ?? {};
    compareContents(ourContent, theirContent, { ...tools, place: here });
  }
}

function compareContents(ours: Content, theirs: Content, at: Tools & { place: Place }): void {
  for (const type of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const here = within(at.place, type);
    const [our, their] = [ours[type], theirs[type]];
    if (!our || !their) at.compare(here, kind(our), kind(their));
    else at.schemas(here, our.schema ?? {}, their.schema ?? {});
  }
}

function placeOf({ operation }: Side): Place {
  return { operation: operation.operationId, path: '' };
}

function parametersOf({ document, operation }: Side): Map<string, Parameter> {
  const parameters = (operation.parameters ?? []).map((parameter) => resolveParameter(document, parameter));
  return new Map(parameters.map((parameter) => [`${parameter.in}:${parameter.name}`, parameter]));
}

// OpenAPI 3.0.3, "Parameter Object": the defaults of style depend on the place, those of explode on the style.
function styleOf({ in: place, style, explode }: Parameter): string {
  const used = style ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple');
  return `${used}, explode ${explode ?? used === 'form'}`;
}

function union(ours: ReadonlyMap<string, unknown>, theirs: ReadonlyMap<string, unknown>): Set<string> {
  return new Set([...ours.keys(), ...theirs.keys()]);
}

const kind = (value: unknown): string => (value === undefined ? 'absent' : 'present');
const text = (value: unknown): string => JSON.stringify(value) ?? 'absent';

function canonical(value: unknown): string {
  return text(Array.isArray(value) ? value.map(text).toSorted() : value);
}
