import { ApiError } from '../../kernel/errors/api-error.ts';
import type { Context, RequestContext } from '../../kernel/context.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import { requestContext } from '../../kernel/http/request-context.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import {
  CSRF_COOKIE,
  csrfToken,
  deviceCookie,
  isForeign,
  isSecure,
  openSession,
  sessionCookies,
  sessionOfRequest,
} from '../sessions/index.ts';
import type { Session } from '../sessions/index.ts';
import { linkOf } from './begin.ts';
import { redirectChallenge } from './challenges.ts';
import { findEnd } from './ended.ts';
import { runFlow } from './executor.ts';
import type { FlowAnswer } from './run.ts';
import type { StepAhead } from './step-ahead.ts';
import type { FlowRow } from './store.ts';

/** A request as the flow's shells (the API and the page) make it. */
export type Visit = {
  readonly ctx: RequestContext & { readonly userAgent?: string };
  readonly request: HttpRequest;
  readonly flow: FlowRow;
  readonly query: string;
  readonly outerNext?: string | undefined;
  readonly reply?: JsonObject | undefined;
  readonly ahead?: StepAhead | undefined;
};

/** Who asks, before anything is known of them. */
export type Caller = { readonly ctx: Context; readonly request: HttpRequest };

/** The context of a request that arrived outside the API's pipeline. */
export function visitorContext(ctx: Context, request: HttpRequest): RequestContext & { readonly userAgent?: string } {
  const agent = request.headers['user-agent'];
  const base = requestContext(ctx, request, undefined);
  return agent === undefined ? base : { ...base, userAgent: agent };
}

/**
 * Refuses what another site sends (contract D12).
 * @throws ApiError 403
 */
export function checkSameSite({ ctx, request }: Caller): void {
  if (isForeign(ctx, request)) throw new ApiError(403, { detail: 'Cross-site requests are not allowed.' });
}

/**
 * Whether a request would end the login of somebody who did not ask for it: another site's link or picture led here, or
 * a browser only looks ahead.
 */
export function isUnaskedSignOut({ ctx, request, flow }: Visit, session: Session): boolean {
  if (flow.designation !== 'invalidation' || !session.user) return false;
  const purpose = request.headers['sec-purpose'] ?? request.headers['purpose'];
  return isForeign(ctx, request) || String(purpose ?? '').includes('prefetch');
}

/**
 * Refuses an answer in the name of somebody logged in that does not know the session's CSRF token.
 * @param sent the header's or the form field's value
 * @throws ApiError 403
 */
export function checkCsrf(ctx: Context, session: Session, sent: string | undefined): void {
  if (!session.user) return;
  if (!sent) throw new ApiError(403, { detail: 'CSRF Failed: CSRF token missing.' });
  const right = ctx.vault.sameText(sent, csrfToken(ctx, session.key));
  if (!right) throw new ApiError(403, { detail: 'CSRF Failed: CSRF token incorrect.' });
}

/** The cookies an answer must bring: for a session that is new or has a new key, or a browser that lost the token. */
export function cookiesOf(visit: Caller, session: Session): string[] {
  const { ctx, request } = visit;
  if (!session.uuid) return [];
  if (!session.fresh && request.cookies.get(CSRF_COOKIE) === csrfToken(ctx, session.key)) return [];
  const secure = isSecure(visit);
  const cookies = sessionCookies(ctx, { key: session.key, uid: session.user?.uid, maxAge: session.maxAge }, secure);
  if (!session.fresh || !session.user) return cookies;
  return [...cookies, deviceCookie(ctx, { cookie: session.device, userId: session.user.id, secure })];
}

/** The session of the request's cookie. */
export function sessionOf({ ctx, request }: Caller): Promise<Session> {
  return sessionOfRequest(ctx, request);
}

// Time for the answer that brings the new cookie to arrive before the browser asks again.
const CROSSING_MILLISECONDS = 150;

/**
 * What a request gets whose cookie was replaced while it was under way (T17): the end of the flow, if it was brought there,
 * or: come again, as who you are now.
 */
async function askAgain({ ctx, flow, query }: Visit, session: Session): Promise<FlowAnswer> {
  const link = linkOf(ctx.registry, new URLSearchParams(query));
  // Who signed in and asks for the sign-in again is led on by it (contract part 2, section 7).
  const isSignIn = flow.designation === 'authentication';
  const to = isSignIn ? undefined : findEnd(session, { flow: flow.flow_uuid, link });
  if (to !== undefined) return { kind: 'challenge', body: redirectChallenge(to), session };
  await new Promise((resolve) => setTimeout(resolve, CROSSING_MILLISECONDS));
  return { kind: 'next', session };
}

/** One step of the executor for a session. */
export async function stepFlow(visit: Visit, session: Session): Promise<FlowAnswer> {
  const { ctx, flow, query, outerNext, reply, ahead } = visit;
  if (session.superseded) return askAgain(visit, session);
  const answer = await runFlow({ ctx, flow, session, query, outerNext, reply, ahead });
  if (answer.kind !== 'next' || answer.crossed !== true) return answer;
  const now = await openSession(ctx, visit.request.headers.cookie);
  return now.superseded ? askAgain(visit, now) : answer;
}

// A flow has no more stages than this in a row that ask nothing; more is a flow that restarts for ever.
const MAXIMUM_SILENT_STEPS = 60;

/** Steps until there is something to show, or the browser must ask again; what clients do by following redirects. */
export async function walkFlow(visit: Visit, session: Session): Promise<FlowAnswer> {
  let answer = await stepFlow(visit, session);
  if (session.superseded) return answer;
  for (let steps = 0; answer.kind === 'next'; steps += 1) {
    if (steps > MAXIMUM_SILENT_STEPS) throw new ApiError(508, { detail: 'The flow never comes to an end.' });
    answer = await stepFlow({ ...visit, reply: undefined }, answer.session);
  }
  return answer;
}
