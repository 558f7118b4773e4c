import type { Registry } from '../feature.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import { VERSION } from '../version.ts';
import { bodyTypes } from './body.ts';
import { OWN_API, problems } from './problem.ts';
import type { ProblemKind } from './problem.ts';
import { ownOperation } from './operation.ts';
import type { Media, OwnOperation, RawBody } from './operation.ts';
import type { Schema, SchemaSink, Type } from './type.ts';
import { t } from './types.ts';

const valueProblem = t.object('ValueProblem', {
  pointer: t.optional(t.text({ maxLength: Infinity, description: 'The place in the body (RFC 6901).' })),
  parameter: t.optional(t.text({ maxLength: Infinity, description: 'The parameter of query or header.' })),
  code: t.text({ maxLength: Infinity, description: 'What is wrong, for programs.' }),
  detail: t.text({ maxLength: Infinity, description: 'What is wrong, for people.' }),
});

const problemType = t.object(
  'Problem',
  {
    type: t.text({ maxLength: Infinity, description: 'The address of what there is to say of the code.' }),
    code: t.text({ maxLength: Infinity, description: 'The kind of the problem; it never changes.' }),
    title: t.text({ maxLength: Infinity }),
    status: t.integer(),
    detail: t.text({ maxLength: Infinity }),
    request_id: t.text({ maxLength: Infinity, description: 'As in the log and in X-Request-Id.' }),
    errors: t.optional(t.list(valueProblem)),
  },
  { description: 'What went wrong (RFC 9457).' },
);

type Scope = { readonly request: SchemaSink; readonly response: SchemaSink };

function createScope(): Scope & { schemas(): Schema } {
  const made = new Map<string, Schema>();
  const sink = (side: SchemaSink['side']): SchemaSink => ({
    side,
    named(name, make) {
      if (!made.has(name)) {
        // Put in first: an object may contain itself.
        made.set(name, {});
        made.set(name, make());
      }
      return { $ref: `#/components/schemas/${name}` };
    },
  });
  return {
    request: sink('request'),
    response: sink('response'),
    schemas: () => Object.fromEntries([...made].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The problems that an operation may answer with. */
export function problemsOf(operation: OwnOperation): ProblemKind[] {
  const { access, method, subject, needsIfMatch } = operation;
  const takesBody = bodyTypes(operation).length > 0;
  const found: (ProblemKind | false)[] = [
    problems.badRequest,
    problems.notAcceptable,
    problems.tooManyRequests,
    problems.internal,
    problems.unavailable,
    method !== 'GET' && problems.noRoom,
    problems.invalidToken,
    problems.csrfFailed,
    problems.forbidden,
    !access.open && problems.notAuthenticated,
    problems.notFound,
    subject !== undefined && method !== 'GET' && problems.preconditionFailed,
    needsIfMatch === true && problems.preconditionRequired,
    takesBody && problems.malformedJson,
    method !== 'GET' && problems.tooLarge,
    takesBody && problems.unsupportedMediaType,
    // Also for a parameter that there is not.
    problems.invalidFields,
    method !== 'GET' && problems.conflict,
    method === 'POST' && problems.keyInUse,
    method === 'POST' && problems.keyReused,
    ...(operation.problems ?? []),
  ];
  return [...new Set(found.filter((one) => one !== false))];
}

const describedHeaders = (headers: Schema): Schema => (Object.keys(headers).length === 0 ? {} : { headers });

function describeResponse(body: Type | Media | null, headers: Schema, scope: Scope): Schema {
  const base = { description: '', ...describedHeaders(headers) };
  if (body === null) return base;
  if ('media' in body) return { ...base, content: { [body.media]: { schema: { type: 'string' } } } };
  return { ...base, content: { 'application/json': { schema: body.schema(scope.response) } } };
}

/** A GET that shows the object itself has the ETag, and every change of it. */
function hasEtag({ method, subject, responses }: OwnOperation): boolean {
  return subject !== undefined && (method !== 'GET' || Object.values(responses).includes(subject.type));
}

const headersOf = (names: readonly string[]): Schema =>
  Object.fromEntries([...new Set(names)].map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const COUNTED = ['RateLimit', 'RateLimit-Policy'];

const LATER: readonly ProblemKind[] = [problems.tooManyRequests, problems.unavailable, problems.keyInUse];

/** Headers of an answer that is one of these problems. */
function problemHeaders(kinds: readonly ProblemKind[]): string[] {
  // Found before anybody counts.
  const counted = kinds.includes(problems.notAcceptable) ? [] : COUNTED;
  if (kinds.includes(problems.notAuthenticated)) return [...counted, 'WWW-Authenticate'];
  return kinds.some((kind) => LATER.includes(kind)) ? [...counted, 'Retry-After'] : counted;
}

function describeResponses(operation: OwnOperation, scope: Scope): Schema {
  const { method, responses, tells = [] } = operation;
  const etag = hasEtag(operation) ? ['ETag'] : [];
  const repeated = method === 'POST' ? ['Idempotency-Replayed'] : [];
  const described: Record<string, Schema> = {};
  for (const [status, body] of Object.entries(responses)) {
    // What answers without a body has deleted what the ETag would be of.
    const names = [...(body === null ? [] : etag), ...tells, ...repeated, ...COUNTED];
    described[status] = describeResponse(body, headersOf(names), scope);
  }
  if (method === 'GET' && hasEtag(operation)) {
    described['304'] = { description: 'As If-None-Match says', headers: headersOf(['ETag', ...COUNTED]) };
  }
  const kinds = problemsOf(operation);
  for (const status of new Set(kinds.map((kind) => kind.status).toSorted((a, b) => a - b))) {
    const possible = kinds.filter((kind) => kind.status === status);
    described[String(status)] = {
      description: possible.map(({ code }) => code).join(', '),
      ...describedHeaders(headersOf(problemHeaders(possible))),
      content: { 'application/problem+json': { schema: problemType.schema(scope.response) } },
    };
  }
  return described;
}

function describeParameters(operation: OwnOperation, scope: Scope): Schema[] {
  const { path, params = {}, query = {}, method, needsIfMatch } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: params[name]?.schema(scope.request) ?? { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, type]) => {
    const { description, ...schema } = type.schema(scope.request);
    const fallback = type.absent?.fallback;
    return {
      name,
      in: 'query',
      ...(description === undefined ? {} : { description }),
      ...(type.absent ? {} : { required: true }),
      schema: fallback === undefined ? schema : { ...schema, default: type.present(fallback) },
    };
  });
  const headers: string[] = [];
  if (method === 'POST') headers.push('IdempotencyKey');
  if (hasEtag(operation))
    headers.push(method === 'GET' ? 'IfNoneMatch' : needsIfMatch === true ? 'IfMatchRequired' : 'IfMatch');
  return [...inPath, ...inQuery, ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` }))];
}

const rawSchema = ({ json }: RawBody, type: string, { request }: Scope): Schema =>
  json && type === 'application/json' ? json.schema(request) : { type: 'string' };

function describeBody(operation: OwnOperation, scope: Scope): Schema | undefined {
  const { body, rawBody, merges } = operation;
  if (rawBody) {
    return {
      required: true,
      content: Object.fromEntries(rawBody.types.map((type) => [type, { schema: rawSchema(rawBody, type, scope) }])),
    };
  }
  if (!body) return undefined;
  const schema = merges ? describePatch(body, scope) : body.schema(scope.request);
  return { required: true, content: Object.fromEntries(bodyTypes(operation).map((type) => [type, { schema }])) };
}

/** A merge patch of a type: any of its keys, and null to take one away. */
function describePatch(body: Type, { request }: Scope): Schema {
  let whole: Schema = {};
  const keep: SchemaSink = {
    ...request,
    named(name, make) {
      if (Object.keys(whole).length > 0) return request.named(name, make);
      // Only the outermost object is loosened; those within are replaced as they are.
      whole = { name };
      whole = make();
      return whole;
    },
  };
  body.schema(keep);
  return {
    type: 'object',
    description: 'A merge patch (RFC 7396): only what changes; null takes a value away.',
    properties: Object.fromEntries(entriesOf(whole['properties']).map(([key, schema]) => [key, orNull(schema)])),
    additionalProperties: false,
  };
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

function orNull(schema: Json): Schema {
  if (!isJsonObject(schema)) return {};
  const { default: _default, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }] };
}

function describeOperation(operation: OwnOperation, scope: Scope): Schema {
  const { operationId, tag, summary, description, access } = operation;
  const requestBody = describeBody(operation, scope);
  const parameters = describeParameters(operation, scope);
  const needs = access.permissions.length === 0 ? [] : [`Needs ${access.permissions.join(' and ')}.`];
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description ?? `${summary}.`, ...needs].join(' '),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody ? { requestBody } : {}),
    responses: describeResponses(operation, scope),
    security: access.open ? [{}, { token: [] }] : [{ token: [] }, { session: [] }],
  };
}

const header = (name: string, schema: Schema, more: { description: string; required?: boolean }): Schema => ({
  name,
  in: 'header',
  schema,
  ...more,
});

const parameters: Schema = {
  IdempotencyKey: header(
    'Idempotency-Key',
    { type: 'string', maxLength: 255 },
    {
      description:
        'A new random text for each new request. The same request with the same key is done once in 24 hours.',
    },
  ),
  IfNoneMatch: header(
    'If-None-Match',
    { type: 'string' },
    { description: 'ETags; 304 when one of them is still true.' },
  ),
  IfMatch: header('If-Match', { type: 'string' }, { description: 'ETags; 412 when none of them is true any more.' }),
  IfMatchRequired: header(
    'If-Match',
    { type: 'string' },
    {
      required: true,
      description: 'The ETag of what was read, or *; 412 when it is not true any more, 428 without.',
    },
  ),
};

const text = (description: string): Schema => ({ description, schema: { type: 'string' } });

const headers: Schema = {
  ETag: text('The strong validator of the object.'),
  Location: text('The path of what was made.'),
  'Idempotency-Replayed': text('`true` where this is the answer that the key got before.'),
  RateLimit: text('What is left of the quota, and in how many seconds it is whole again.'),
  'RateLimit-Policy': text('The quota: how many requests in how many seconds.'),
  'Retry-After': text('Seconds after which it may be tried again.'),
  'WWW-Authenticate': text('That a token is wanted, and what is wrong with the one that came.'),
};

/** The OpenAPI 3.1 document of the own API, made from what is registered. */
export function buildOwnDocument(registry: Registry): Schema {
  const scope = createScope();
  const paths: Record<string, Record<string, Schema>> = {};
  for (const operation of registry.all(ownOperation)) {
    const item = (paths[`${OWN_API}${operation.path}`] ??= {});
    item[operation.method.toLowerCase()] = describeOperation(operation, scope);
  }
  problemType.schema(scope.response);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vestibule',
      version: VERSION,
      description: 'The own API of Vestibule. Answers may get new keys; ignore those that you do not know.',
    },
    jsonSchemaDialect: 'https://spec.openapis.org/oas/3.1/dialect/base',
    paths,
    components: {
      schemas: scope.schemas(),
      parameters,
      headers,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        session: { type: 'apiKey', in: 'cookie', name: 'authentik_session', description: 'With the CSRF header.' },
      },
    },
  };
}

/** Every kind of problem there is, by its code. Throws when two share a code. */
export function allProblems(registry: Registry): Map<string, ProblemKind> {
  const kinds = new Map<string, ProblemKind>();
  for (const kind of [...Object.values(problems), ...registry.all(ownOperation).flatMap((one) => one.problems ?? [])]) {
    const known = kinds.get(kind.code);
    if (known !== undefined && known !== kind) throw new Error(`Two problems have the code ${kind.code}.`);
    kinds.set(kind.code, kind);
  }
  return kinds;
}
