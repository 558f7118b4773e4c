import type { Context, RequestContext } from '../context.ts';
import { ApiError } from '../errors/api-error.ts';
import type { HttpRequest, Reply } from '../http/message.ts';
import type { Authenticate, Authentication } from '../http/pipeline.ts';
import { requestContext } from '../http/request-context.ts';
import type { Json } from '../schema/types.ts';
import { accepts } from './accept.ts';
import { readBody, readBytesOf } from './body.ts';
import { checkIfMatch, checkIfMatchGiven, etagOf, isFresh } from './etag.ts';
import { keyOf, once } from './idempotency.ts';
import { quotaHeaders, takeFromQuota } from './limit.ts';
import type { OwnOperation, Params, Result } from './operation.ts';
import { Problem, problemReply, problems } from './problem.ts';
import { readParams, readQuery } from './query.ts';
import type { Queryable, Transaction } from '../db/types.ts';

/** One path and what may be done there. */
export type OwnPath = {
  readonly path: string;
  readonly operations: ReadonlyMap<string, OwnOperation>;
  readonly allow: string;
};

export type OwnOptions = { readonly context: Context; readonly authenticate: Authenticate };

type Exchange = {
  readonly ctx: RequestContext;
  readonly request: HttpRequest;
  readonly operation: OwnOperation;
  readonly params: Params;
};

/** What an answer carries whatever it is. */
type Extra = { headers: Record<string, string | readonly string[]> };

/**
 * Answers a request to the own API. In this order: Accept (406), who asks (401, 403), how often (429), method (405),
 * permission (403, 404), object (404), preconditions (428, 412), body (415, 413, 400, 422), and then the change with its
 * idempotent answer in one transaction.
 */
export async function answerOwn(
  path: OwnPath,
  request: HttpRequest,
  { context, authenticate }: OwnOptions,
): Promise<{ reply: Reply; failure?: unknown }> {
  const extra: Extra = { headers: {} };
  const complete = (reply: Reply): Reply => ({ ...reply, headers: { ...reply.headers, ...extra.headers } });
  try {
    const exchange = await enter({ path, request, extra }, { context, authenticate });
    return { reply: complete('status' in exchange ? exchange : await act(exchange)) };
  } catch (error) {
    const { reply, unexpected } = problemReply(error, request.id);
    return { reply: complete(reply), ...(unexpected ? { failure: error } : {}) };
  }
}

async function enter(
  { path, request, extra }: { path: OwnPath; request: HttpRequest; extra: Extra },
  { context, authenticate }: OwnOptions,
): Promise<Exchange | Reply> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operation = path.operations.get(method);
  if (operation && !accepts(request.headers.accept, mediaOf(operation))) throw new Problem(problems.notAcceptable);
  const { actor, cookies = [], refused } = await identify(authenticate, request);
  if (cookies.length > 0) extra.headers['set-cookie'] = cookies;
  const ctx = requestContext(context, request, actor);
  const quota = await takeFromQuota(ctx);
  Object.assign(extra.headers, quotaHeaders(quota));
  if (!quota.allowed) {
    throw new Problem(problems.tooManyRequests, { headers: { 'retry-after': String(quota.reset) } });
  }
  if (refused !== undefined) throw refused;
  if (request.method === 'OPTIONS') return { status: 204, headers: { allow: path.allow } };
  if (!operation) throw new Problem(problems.methodNotAllowed, { headers: { allow: path.allow } });
  if (!operation.access.open && !actor) throw new Problem(problems.notAuthenticated);
  const params = readParams(operation.params ?? {}, request.params);
  await operation.access.check(ctx, request);
  return { ctx, request, operation, params };
}

/** A refused credential counts as a request too, so that nobody guesses without end. */
async function identify(
  authenticate: Authenticate,
  request: HttpRequest,
): Promise<Authentication & { readonly refused?: unknown }> {
  try {
    return await authenticate(request);
  } catch (refused) {
    return { actor: undefined, refused };
  }
}

function mediaOf({ responses }: OwnOperation): string[] {
  const types = Object.values(responses).flatMap((body) => {
    if (body === null) return [];
    return ['media' in body ? body.media : 'application/json'];
  });
  return types.length === 0 ? ['application/json'] : types;
}

async function act(exchange: Exchange): Promise<Reply> {
  const { ctx, request, operation } = exchange;
  if (operation.method === 'GET') return read(exchange);
  // Of nobody a key is nobody's own, and another's answer might be given.
  const key = ctx.actor ? keyOf(request) : undefined;
  const single = operation.single === true && key === undefined && request.headers['if-match'] === undefined;
  const reply = single ? await actAtOnce(exchange) : undefined;
  if (reply) return reply;
  // An unknown object with a broken body is a 404.
  const object = await find(exchange, { db: ctx.db, lock: false });
  if (operation.needsIfMatch === true) checkIfMatchGiven(request.headers);
  // Received before the transaction, so that a slow client holds no connection.
  await readBytesOf(operation, request);
  if (single) return change(exchange, { db: ctx.db, object });
  return ctx.db.transaction((tx) => {
    const run = async (): Promise<Reply> =>
      change(exchange, { db: tx, tx, object: await find(exchange, { db: tx, lock: true }) });
    return key === undefined ? run() : once({ ctx, tx, request }, key, run);
  });
}

/** What is wrong with the request is left for the usual way to say. */
async function actAtOnce({ ctx, request, operation, params }: Exchange): Promise<Reply | undefined> {
  if (!operation.atOnce || operation.needsIfMatch === true) return undefined;
  try {
    await readBytesOf(operation, request);
    const query = readQuery(operation.query ?? {}, request.query);
    const body = await readBody(operation, request, () => ({}));
    const result = await operation.atOnce(ctx, { params, query, body, request, db: ctx.db });
    return result && present(operation, result);
  } catch (error) {
    if (error instanceof Problem || error instanceof ApiError) return undefined;
    throw error;
  }
}

type Where = { readonly db: Queryable; readonly lock: boolean };

/** What the operation is about, if it is about something. @throws Problem 404 */
async function find({ ctx, operation: { subject, makes }, params }: Exchange, { db, lock }: Where): Promise<unknown> {
  const object = await subject?.load(ctx, { db, params, lock });
  if (subject && object === undefined && makes !== true) throw new Problem(problems.notFound);
  return object;
}

async function read(exchange: Exchange): Promise<Reply> {
  const { ctx, request, operation, params } = exchange;
  const object = await find(exchange, { db: ctx.db, lock: false });
  const query = readQuery(operation.query ?? {}, request.query);
  const input = { params, query, body: undefined, object, request, db: ctx.db, tx: undefined };
  const reply = present(operation, await operation.handle(ctx, input));
  const etag = reply.headers?.['etag'];
  if (typeof etag !== 'string' || !isFresh(request.headers, etag)) return reply;
  return { status: 304, headers: { etag } };
}

type Changing = { readonly db: Queryable; readonly tx?: Transaction; readonly object: unknown };

async function change({ ctx, request, operation, params }: Exchange, { db, tx, object }: Changing): Promise<Reply> {
  const { subject } = operation;
  if (subject && tx) {
    const shown = object === undefined ? undefined : subject.type.present(subject.represent(ctx, object, request));
    checkIfMatch(request.headers, shown === undefined ? undefined : etagOf(shown));
  }
  const query = readQuery(operation.query ?? {}, request.query);
  const body = await readBody(operation, request, () => operation.merges?.(ctx, object) ?? {});
  return present(operation, await operation.handle(ctx, { params, query, body, object, request, db, tx }));
}

function present(operation: OwnOperation, result: Result): Reply {
  const { responses, subject, operationId } = operation;
  const status = result.status ?? Number(Object.keys(responses)[0]);
  const declared = responses[status];
  if (declared === undefined) throw new Error(`${operationId} answered ${status}, which is not declared.`);
  const headers: Record<string, string> = { ...result.headers };
  if (subject && result.represents !== undefined) headers['etag'] = etagOf(subject.type.present(result.represents));
  if (declared === null) return { status, headers };
  if ('media' in declared) {
    const { value } = result;
    if (typeof value !== 'string' && !Buffer.isBuffer(value)) throw new Error(`${operationId} made no text or bytes.`);
    return { status, headers: { 'content-type': declared.media, ...headers }, body: value };
  }
  const shown: Json = declared.present(result.value);
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(shown) };
}
