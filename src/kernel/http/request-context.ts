import type { Actor } from '../authz/actor.ts';
import type { Context, RequestContext } from '../context.ts';
import type { EventRecord, RequestFacts } from '../events/types.ts';
import { redactText } from '../log/redact.ts';
import type { HttpRequest } from './message.ts';

/** Characters of the user agent that events keep. */
const MAX_AGENT = 255;

/** What events tell of a request. */
export function requestFacts({ route, method, id, headers }: HttpRequest): RequestFacts {
  // What a client calls itself is its own text: it may carry a secret too (T08).
  const agent = redactText((headers['user-agent'] ?? '').slice(0, MAX_AGENT));
  return { path: route, method, request_id: id, user_agent: agent };
}

/** The context of one request. Every event that it causes says which request that was. */
export function requestContext(context: Context, request: HttpRequest, actor: Actor | undefined): RequestContext {
  const { clientIp, host, id } = request;
  let known: RequestFacts | undefined;
  const facts = (): RequestFacts => (known ??= requestFacts(request));
  const ours = (event: EventRecord): EventRecord => ({
    clientIp,
    host,
    ...event,
    context: { ...event.context, http_request: facts() },
  });
  return {
    ...context,
    requestId: id,
    clientIp,
    requestHost: host,
    actor,
    requestFacts: facts,
    events: {
      record: (tx, event) => context.events.record(tx, ours(event)),
      part: (parameters, event, made) => context.events.part(parameters, ours(event), made),
      told: (action) => context.events.told(action),
    },
  };
}
