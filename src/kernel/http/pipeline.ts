import type { Actor } from '../authz/actor.ts';
import type { Context, RequestContext } from '../context.ts';
import { ApiError } from '../errors/api-error.ts';
import { methodNotAllowed, notAcceptable, notAuthenticated, permissionDenied, throttled } from '../errors/catalogue.ts';
import type { ParsedJson } from '../schema/json.ts';
import { jsonText } from '../schema/types.ts';
import { acceptsJson } from './accept.ts';
import { EMPTY_BODY, readJsonBody } from './body.ts';
import { DirectReply } from './message.ts';
import type { HttpRequest, Reply } from './message.ts';
import type { Answer, Operation } from './operation.ts';
import { describePath } from './options.ts';
import { requestContext } from './request-context.ts';

/** What authentication found out. */
export type Authentication = {
  readonly actor: Actor | undefined;
  /** `Set-Cookie` values for the answer, whatever it is. */
  readonly cookies?: readonly string[];
};

export type Authenticate = (request: HttpRequest) => Promise<Authentication>;

/** One path and what may be done there. */
export type ApiPath = {
  readonly path: string;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly allow: string;
};

export type PipelineOptions = {
  readonly context: Context;
  readonly authenticate: Authenticate;
  /** Whether one more request of an anonymous client is allowed. */
  readonly mayPass: (clientIp: string) => boolean;
};

type Exchange = {
  readonly options: PipelineOptions;
  readonly path: ApiPath;
  readonly request: HttpRequest;
  readonly operation: Operation | undefined;
  authentication: Authentication;
  ctx: RequestContext | undefined;
  /** Whether the caller has the permissions on single objects only. */
  limited: boolean;
  object: unknown;
  body: ParsedJson;
  reply: Reply | undefined;
};

type Step = (exchange: Exchange) => void | Promise<void>;

function checkAccept({ request, operation }: Exchange): void {
  if (operation?.anyType !== true && !acceptsJson(request.headers.accept)) throw notAcceptable();
}

async function authenticate(exchange: Exchange): Promise<void> {
  const { options, request } = exchange;
  exchange.authentication = await options.authenticate(request);
  const { actor } = exchange.authentication;
  exchange.ctx = requestContext(options.context, request, actor);
}

function checkPermission(exchange: Exchange): void | Promise<void> {
  const { authentication, operation, path, request } = exchange;
  const { actor } = authentication;
  // A method that the path does not have asks for what its first operation asks for; OPTIONS for being somebody.
  const judged = operation ?? path.operations.values().next().value;
  const needed = judged?.permissions ?? [];
  if (needed === 'public') return;
  if (!actor) throw notAuthenticated();
  if (request.method === 'OPTIONS') return;
  if (needed.every((permission) => actor.can(permission))) return;
  return enterLimited(exchange, judged);
}

async function enterLimited(exchange: Exchange, judged: Operation | undefined): Promise<void> {
  const { ctx } = exchange;
  if (!ctx || (await judged?.objectLevel?.mayEnter(ctx)) !== true) throw permissionDenied();
  exchange.limited = true;
}

function checkThrottle({ authentication: { actor }, options, request }: Exchange): void {
  if (!actor && !options.mayPass(request.clientIp)) throw throttled(1);
}

function checkMethod(exchange: Exchange): void {
  const { operation, path, request } = exchange;
  if (operation) return;
  if (request.method !== 'OPTIONS') throw methodNotAllowed(request.method, path.allow);
  const headers = { allow: path.allow, 'content-type': 'application/json' };
  exchange.reply = { status: 200, headers, body: JSON.stringify(describePath(path)) };
}

async function findObject(exchange: Exchange): Promise<void> {
  const { operation, ctx, request, limited } = exchange;
  if (limited && ctx) await operation?.objectLevel?.check?.(ctx, request);
  if (!operation?.find || operation.findsLate === true || !ctx) return;
  exchange.object = await operation.find(ctx, request);
}

async function readBody(exchange: Exchange): Promise<void> {
  if (exchange.operation?.readsBody === true) exchange.body = await readJsonBody(exchange.request);
}

/** What is wrong with the request is left for the steps that follow to say, in their order. */
async function actAtOnce(exchange: Exchange): Promise<void> {
  const { operation, ctx, request, limited } = exchange;
  if (!operation?.atOnce || !ctx || limited) return;
  try {
    const answer = await operation.atOnce({ ctx, request, body: await readJsonBody(request) });
    if (answer) exchange.reply = replyOf(answer);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function act(exchange: Exchange): Promise<void> {
  const { operation, ctx, request, object, body } = exchange;
  if (!operation || !ctx) return;
  const answer = await operation.run({ ctx, request, object, body });
  exchange.reply = answer instanceof DirectReply ? answer.reply : replyOf(answer);
}

function replyOf({ status, value }: Answer): Reply {
  if (value === undefined) return { status };
  return { status, headers: { 'content-type': 'application/json' }, body: jsonText(value) };
}

/** The order of checks (contract 1.2); routing comes before, the checks of the fields are the operation's first act. */
export const steps: readonly Step[] = [
  checkAccept,
  authenticate,
  checkPermission, // before the object is looked for, so that a stranger learns nothing about ids
  checkThrottle,
  checkMethod,
  actAtOnce,
  findObject, // before the body is read, so that an unknown id with a broken body is a 404
  readBody,
  act,
];

/** Runs a request to an API path. Out: the answer. Throws what the steps throw; see errorReply. */
export async function runPipeline(path: ApiPath, request: HttpRequest, options: PipelineOptions): Promise<Reply> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const exchange: Exchange = {
    options,
    path,
    request,
    operation: path.operations.get(method),
    authentication: { actor: undefined },
    ctx: undefined,
    limited: false,
    object: undefined,
    body: EMPTY_BODY,
    reply: undefined,
  };
  try {
    for (const step of steps) {
      if (exchange.reply) break;
      const pending = step(exchange);
      if (pending) await pending;
    }
  } catch (error) {
    await findLate(exchange, error);
    throw error;
  }
  return withCookies(exchange);
}

/** An operation that looks for its object late answers 404 before any fault of the body. */
async function findLate({ operation, ctx, request }: Exchange, error: unknown): Promise<void> {
  if (!operation?.find || operation.findsLate !== true || !ctx) return;
  // Only what reading and checking the body throws; a denial or a 404 stands.
  if (!(error instanceof ApiError) || ![400, 413, 415].includes(error.status)) return;
  await operation.find(ctx, request);
}

function withCookies({ reply, authentication: { cookies = [] } }: Exchange): Reply {
  if (!reply) throw new Error('No step answered.');
  if (cookies.length === 0) return reply;
  const own = reply.headers?.['set-cookie'] ?? [];
  return {
    ...reply,
    headers: { ...reply.headers, 'set-cookie': [...cookies, ...(typeof own === 'string' ? [own] : own)] },
  };
}
