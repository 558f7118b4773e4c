import type { Context } from '../../../kernel/context.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { isSecure } from '../../sessions/index.ts';
import type { Session } from '../../sessions/index.ts';
import { linkMark, queryWithLink } from '../begin.ts';
import { forgetLink } from '../link-cookie.ts';
import type { ChallengeBody } from '../challenges.ts';
import { readForm } from '../page/form.ts';
import { pageHeaders, redirectReply } from '../page/headers.ts';
import { pageRoute } from '../page/page-route.ts';
import { showChallenge, showError, visibleUrl } from '../page/show.ts';
import { planOf } from '../session-state.ts';
import { findFlow } from '../store.ts';
import type { FlowRow } from '../store.ts';
import {
  checkCsrf,
  checkSameSite,
  cookiesOf,
  isUnaskedSignOut,
  sessionOf,
  stepFlow,
  visitorContext,
  walkFlow,
} from '../visit.ts';
import type { Visit } from '../visit.ts';
import { answerWelcome, greet, isWelcomeForm } from './welcome.ts';

type Place = { readonly ctx: Context; readonly request: HttpRequest; readonly flow: FlowRow };

function visitOf({ ctx, request, flow }: Place, session: Session): Visit {
  const plan = planOf(session.state);
  const own = plan?.flow === flow.flow_uuid ? plan : undefined;
  return {
    ctx: visitorContext(ctx, request),
    request,
    flow,
    query: queryWithLink(ctx.registry, request.query.toString(), own),
    outerNext: request.query.get('next') ?? undefined,
  };
}

function isRedirect(challenge: ChallengeBody): challenge is ChallengeBody & { to: string } {
  return challenge['component'] === 'xak-flow-redirect' && typeof challenge['to'] === 'string';
}

async function open(place: Place): Promise<Reply> {
  const session = await sessionOf(place);
  const visit = visitOf(place, session);
  if (isUnaskedSignOut(visit, session)) return showError(place.ctx, place.request, { status: 403, kind: 'forbidden' });
  const greeting = await greet(place, session);
  if (greeting) return greeting;
  const answer = await walkFlow(visit, session);
  if (answer.kind === 'next') return redirectReply(`${place.request.path}?${place.request.query}`, 303);
  if (isRedirect(answer.body)) return redirectReply(answer.body.to, 302, cookiesOf(visit, answer.session));
  return showChallenge({ ...place, query: visit.query, session: answer.session, challenge: answer.body });
}

/** Begins the flow for who pressed the button of its link's first page; the link stays in the plan, not in the address. */
async function begin(place: Place, session: Session, link: URLSearchParams): Promise<Reply> {
  const { ctx, request, flow } = place;
  const query = new URLSearchParams([...request.query, ...link]).toString();
  const visit = { ...visitOf(place, session), query };
  const answer = await walkFlow(visit, session);
  const cookies = [...cookiesOf(visit, answer.session), forgetLink({ ctx, request }, flow.slug)];
  if (answer.kind === 'challenge' && isRedirect(answer.body)) return redirectReply(answer.body.to, 303, cookies);
  const goesOn = answer.kind === 'next' || planOf(answer.session.state)?.flow === flow.flow_uuid;
  if (goesOn) return redirectReply(visibleUrl(ctx.registry, request), 303, cookies);
  return showChallenge({ ...place, query, session: answer.session, challenge: answer.body });
}

const SECRET = /pass|secret|token|code/i;

/** What was typed into the form's own fields, to be shown again; whatever may be a secret is left out. */
function typedValues(reply: JsonObject, { fields }: ChallengeBody): Record<string, string> {
  const shown = Array.isArray(fields) ? fields.filter(isJsonObject) : [];
  const open = shown.filter((field) => field['type'] !== 'password').map((field) => field['field_key']);
  const keys = ['uid_field', 'email', ...open]
    .filter((key) => typeof key === 'string')
    .filter((key) => !SECRET.test(key));
  const values = keys.map((key) => [key, Object.hasOwn(reply, key) ? reply[key] : undefined] as const);
  return Object.fromEntries(values.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
}

async function answerForm(place: Place): Promise<Reply> {
  checkSameSite(place);
  const session = await sessionOf(place);
  const visit = visitOf(place, session);
  const { reply, csrf, mark } = await readForm(place.request);
  checkCsrf(place.ctx, session, csrf);
  if (isWelcomeForm(reply)) return answerWelcome(place, { session, reply }, (link) => begin(place, session, link));
  // A page of a link that gave way to another one meanwhile answers nothing (T18): it is shown what is there now.
  const isOfOther = mark !== undefined && mark !== linkMark(place.ctx, planOf(session.state));
  if (isOfOther && !session.superseded) return redirectReply(visibleUrl(place.ctx.registry, place.request), 303);
  const answer = await stepFlow({ ...visit, reply }, session);
  const cookies = cookiesOf(visit, answer.session);
  // Post, redirect, get: going back or reloading never sends a form twice.
  if (answer.kind === 'next') return redirectReply(visibleUrl(place.ctx.registry, place.request), 303, cookies);
  if (isRedirect(answer.body)) return redirectReply(answer.body.to, 303, cookies);
  const values = typedValues(reply, answer.body);
  const { query } = visit;
  return showChallenge({ ...place, query, session: answer.session, challenge: answer.body, values });
}

function headOf({ ctx, request }: Place): Reply {
  const secure = isSecure({ ctx, request });
  return { status: 200, headers: pageHeaders(ctx.random.bytes(16).toString('base64url'), secure) };
}

async function serve(ctx: Context, request: HttpRequest): Promise<Reply> {
  const flow = await findFlow(ctx.db, request.params['slug'] ?? '');
  if (!flow) return showError(ctx, request, { status: 404, kind: 'not-found' });
  const place = { ctx, request, flow };
  // HEAD runs no stage (contract part 2, 1.3).
  if (request.method === 'HEAD') return headOf(place);
  return request.method === 'POST' ? answerForm(place) : open(place);
}

/** `/if/flow/{slug}/`: the page of a flow with its first challenge in it; its form posts back here. */
export const flowPage = pageRoute({ methods: ['GET', 'POST'], path: '/if/flow/{slug}/', handle: serve });
