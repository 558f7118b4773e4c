import { ApiError, ValidationError } from '../errors/api-error.ts';
import type { Fault, Faults } from '../errors/api-error.ts';
import { errorReply } from '../errors/error-reply.ts';
import type { Reply } from '../http/message.ts';
import type { Json } from '../schema/types.ts';

/** Where the own API lives; every path of it begins so. */
export const OWN_API = '/api/vestibule/v1';

/** One kind of problem: its code never changes, and `type` is the address of what the docs say of it (RFC 9457). */
export type ProblemKind = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** What it means and what to do, for the page at `type`. */
  readonly about: string;
};

/** What is wrong with one value: by `pointer` in the body (RFC 6901), by `parameter` in the query, path or headers. */
export type ValueProblem = ({ readonly pointer: string } | { readonly parameter: string }) & {
  readonly code: string;
  readonly detail: string;
};

/** An answer that tells of a problem; thrown. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors: readonly ValueProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    more: { detail?: string; errors?: readonly ValueProblem[]; headers?: Record<string, string> } = {},
  ) {
    super(kind.code);
    this.name = 'Problem';
    this.kind = kind;
    this.detail = more.detail ?? kind.about;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

const kind = (code: string, status: number, words: readonly [title: string, about: string]): ProblemKind => ({
  code,
  status,
  title: words[0],
  about: words[1],
});

/** The problems that any operation may have. */
export const problems = {
  badRequest: kind('bad_request', 400, ['Bad request', 'The request is not one that this API understands.']),
  malformedJson: kind('malformed_json', 400, ['Malformed JSON', 'The body is not JSON in UTF-8.']),
  notAuthenticated: kind('not_authenticated', 401, [
    'Not authenticated',
    'Send an API token as "Authorization: Bearer <token>".',
  ]),
  invalidToken: kind('invalid_token', 401, [
    'Invalid token',
    'The token is unknown or expired, is not for the API, or its owner is not active.',
  ]),
  forbidden: kind('forbidden', 403, ['Forbidden', 'You do not have the permission that this operation needs.']),
  csrfFailed: kind('csrf_failed', 403, [
    'CSRF check failed',
    'A request that comes with a session instead of a token needs the CSRF header, and to come from our own pages.',
  ]),
  notFound: kind('not_found', 404, ['Not found', 'There is nothing here that you may see.']),
  methodNotAllowed: kind('method_not_allowed', 405, ['Method not allowed', 'The header Allow says what is possible.']),
  notAcceptable: kind('not_acceptable', 406, [
    'Not acceptable',
    'The header Accept excludes what this operation answers.',
  ]),
  conflict: kind('conflict', 409, [
    'Conflict',
    'Something changed meanwhile. Look at it again and repeat the request.',
  ]),
  keyInUse: kind('idempotency_key_in_use', 409, [
    'Idempotency key in use',
    'A request with this Idempotency-Key is still under way. Repeat the request a little later.',
  ]),
  preconditionFailed: kind('precondition_failed', 412, [
    'Precondition failed',
    'The object is not any more what If-Match names. Read it again and decide anew.',
  ]),
  tooLarge: kind('too_large', 413, ['Too large', 'The body is larger than this operation takes.']),
  unsupportedMediaType: kind('unsupported_media_type', 415, [
    'Unsupported media type',
    'The body has a type, charset or encoding that this operation does not take.',
  ]),
  invalidFields: kind('invalid_fields', 422, [
    'Invalid fields',
    'Some values are not allowed; "errors" names every one of them.',
  ]),
  keyReused: kind('idempotency_key_reused', 422, [
    'Idempotency key reused',
    'This Idempotency-Key came with another request before. Use a new key for a new request.',
  ]),
  preconditionRequired: kind('precondition_required', 428, [
    'Precondition required',
    'This change needs If-Match with the ETag of what you read, or "*" to change whatever is there.',
  ]),
  tooManyRequests: kind('too_many_requests', 429, [
    'Too many requests',
    'The header Retry-After says after how many seconds the next request is served.',
  ]),
  internal: kind('internal_error', 500, [
    'Internal error',
    'The request failed for a reason of ours. The log tells more under its request_id.',
  ]),
  noRoom: kind('insufficient_storage', 507, [
    'Insufficient storage',
    'The storage of the server is full: nothing can be changed at the moment, reading goes on.',
  ]),
  unavailable: kind('unavailable', 503, ['Unavailable', 'The service cannot answer now. Repeat the request later.']),
} as const satisfies Record<string, ProblemKind>;

/** Declares a problem of a feature's operations; they name it under `problems`. */
export function defineProblem(of: ProblemKind): ProblemKind {
  return of;
}

/** The problem of fields, all at once. */
export function invalidFields(errors: readonly ValueProblem[]): Problem {
  return new Problem(problems.invalidFields, { errors });
}

// By the names that the shared catalogue gives its errors (kernel/errors/catalogue.ts).
const BY_NAME: Readonly<Record<string, ProblemKind>> = {
  notAuthenticated: problems.notAuthenticated,
  tokenInvalid: problems.invalidToken,
  unsupportedAuthentication: problems.invalidToken,
  csrfFailed: problems.csrfFailed,
  parseError: problems.malformedJson,
};

const BY_STATUS: Readonly<Record<number, ProblemKind>> = {
  400: problems.badRequest,
  403: problems.forbidden,
  404: problems.notFound,
  405: problems.methodNotAllowed,
  406: problems.notAcceptable,
  413: problems.tooLarge,
  415: problems.unsupportedMediaType,
  429: problems.tooManyRequests,
  431: problems.badRequest,
  503: problems.unavailable,
  507: problems.noRoom,
};

/** RFC 6901: the key as a part of a pointer. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function flatten(faults: Faults, pointer: string): ValueProblem[] {
  if (Array.isArray(faults)) {
    return faults.map(({ code, message }: Fault) => ({ pointer, code, detail: message }));
  }
  return Object.entries(faults).flatMap(([key, inner]) =>
    flatten(inner, key === 'non_field_errors' ? pointer : pointerTo(pointer, key)),
  );
}

function ofApiError(error: ApiError): Problem {
  if (error instanceof ValidationError) return invalidFields(flatten(error.faults, ''));
  const of = BY_NAME[error.message] ?? BY_STATUS[error.status] ?? problems.badRequest;
  const { body } = error;
  const detail = typeof body === 'object' && body !== null && !Array.isArray(body) ? body['detail'] : undefined;
  // Field texts and words of v3 that say the same as ours stay out; those that tell more are passed on.
  const tells = of === problems.malformedJson || of === problems.badRequest || of === problems.csrfFailed;
  return new Problem(of, {
    ...(tells && typeof detail === 'string' ? { detail } : {}),
    headers: { ...error.headers },
  });
}

const CHALLENGES: ReadonlyMap<ProblemKind, string> = new Map([
  [problems.notAuthenticated, 'Bearer realm="vestibule"'],
  // RFC 6750 §3.1
  [problems.invalidToken, 'Bearer realm="vestibule", error="invalid_token"'],
]);

function problemOf(error: unknown): { problem: Problem; unexpected: boolean } {
  if (error instanceof Problem) return { problem: error, unexpected: false };
  if (error instanceof ApiError) return { problem: ofApiError(error), unexpected: false };
  const known = errorReply(error);
  if (known.unexpected) return { problem: new Problem(problems.internal), unexpected: true };
  const of = BY_STATUS[known.status] ?? problems.badRequest;
  return { problem: new Problem(of, { headers: { ...known.headers } }), unexpected: false };
}

/** What was thrown as an answer by RFC 9457; what is unknown becomes a 500 that tells nothing. */
export function problemReply(error: unknown, requestId: string): { reply: Reply; unexpected: boolean } {
  const { problem, unexpected } = problemOf(error);
  const { kind: of, detail, errors, headers } = problem;
  const challenge = CHALLENGES.get(of);
  const body: Json = {
    type: `${OWN_API}/problems/${of.code}`,
    code: of.code,
    title: of.title,
    status: of.status,
    detail,
    request_id: requestId,
    ...(errors.length === 0 ? {} : { errors: errors.map((one) => ({ ...one })) }),
  };
  return {
    unexpected,
    reply: {
      status: of.status,
      headers: {
        ...headers,
        ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
        'content-type': 'application/problem+json',
      },
      body: JSON.stringify(body),
    },
  };
}
