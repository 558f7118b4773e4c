import type { Actor } from '../authz/actor.ts';
import type { Context } from '../context.ts';
import type { HttpRequest } from '../http/message.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import type { OwnOperation } from './operation.ts';
import { answerOwn } from './pipeline.ts';
import { OWN_API } from './problem.ts';

/** On whose behalf an operation is called within the process, and the origin that its links begin with. */
export type Caller = { readonly ctx: Context; readonly actor: Actor; readonly origin: URL };

export type CallInput = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: URLSearchParams;
  readonly json?: Json;
};

/** What an operation refused: its detail, and what is wrong with which value. */
export class CallRefused extends Error {
  readonly errors: readonly { readonly place: string; readonly detail: string }[];

  constructor(detail: string, errors: CallRefused['errors']) {
    super(detail);
    this.errors = errors;
  }
}

function requestOf({ ctx, origin }: Caller, operation: OwnOperation, input: CallInput): HttpRequest {
  const { params = {}, query = new URLSearchParams(), json } = input;
  const route = OWN_API + operation.path;
  const bytes = Buffer.from(json === undefined ? '' : JSON.stringify(json));
  return {
    id: ctx.random.uuid(),
    method: operation.method,
    path: route.replaceAll(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? ''),
    route,
    params,
    query,
    // Whoever is at the terminal looks at what is there now.
    headers: { 'if-match': '*', ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    cookies: new Map(),
    clientIp: '127.0.0.1',
    protocol: origin.protocol.replace(':', ''),
    host: origin.host,
    body: () => Promise.resolve(bytes),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function refusalOf(text: string): CallRefused {
  const problem: Json = JSON.parse(text);
  const { detail, errors } = isJsonObject(problem) ? problem : {};
  const listed = Array.isArray(errors) ? errors.filter(isJsonObject) : [];
  return new CallRefused(
    typeof detail === 'string' ? detail : 'It was refused.',
    listed.map((one) => ({ place: textOf(one['pointer'] ?? one['parameter']), detail: textOf(one['detail']) })),
  );
}

/**
 * Calls an operation from within the process, for commands: with the rights, checks, events and transaction of a request.
 * Out: the JSON of the answer, null for none; or its text, where it is no JSON.
 * @throws CallRefused
 */
export async function callOwn(caller: Caller, operation: OwnOperation, input: CallInput = {}): Promise<Json> {
  const { method } = operation;
  const path = { path: operation.path, operations: new Map([[method, operation]]), allow: method };
  const authenticate = () => Promise.resolve({ actor: caller.actor });
  const { reply, failure } = await answerOwn(path, requestOf(caller, operation, input), {
    context: caller.ctx,
    authenticate,
  });
  if (failure !== undefined) throw failure;
  const text = String(reply.body ?? '');
  if (reply.status >= 400) throw refusalOf(text);
  if (text === '') return null;
  return reply.headers?.['content-type'] === 'application/json' ? JSON.parse(text) : text;
}
