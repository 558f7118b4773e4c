import type { Context } from '../../../kernel/context.ts';
import { ApiError } from '../../../kernel/errors/api-error.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import type { Session } from '../../sessions/index.ts';
import { findBrand } from '../brand.ts';
import { FLOW_TOKEN, linkOf, linkParams } from '../begin.ts';
import { forgetLink, keptLink, linkCookie } from '../link-cookie.ts';
import { localeOf, redirectReply } from '../page/headers.ts';
import { showOwnPage } from '../page/show-own.ts';
import { planOf, sameLink } from '../session-state.ts';
import type { FlowRow } from '../store.ts';
import { visitorContext } from '../visit.ts';
import { welcome } from '../welcome.ts';
import type { Arrival, OwnPage } from '../welcome.ts';

type Place = { readonly ctx: Context; readonly request: HttpRequest; readonly flow: FlowRow };

const isEmpty = (params: URLSearchParams): boolean => params.size === 0;

/** The link of somebody who has no plan of it yet: of the address, else the one that the browser keeps. */
async function linkOfArrival({ ctx, request, flow }: Place, session: Session): Promise<URLSearchParams | undefined> {
  const stored = planOf(session.state);
  const plan = stored?.flow === flow.flow_uuid ? stored : undefined;
  const link = linkParams(ctx.registry, request.query);
  if (!isEmpty(link)) return plan && sameLink(plan, linkOf(ctx.registry, link)) ? undefined : link;
  return plan ? undefined : keptLink({ ctx, request }, flow.slug);
}

type Seen = { readonly session: Session; readonly link: URLSearchParams; readonly kept?: JsonObject };

async function arrivalOf({ ctx, request, flow }: Place, { session, link, kept = {} }: Seen): Promise<Arrival> {
  const { locale } = await findBrand(ctx, request);
  return { ctx: visitorContext(ctx, request), flow, session, link, kept, locale: localeOf(request, locale) };
}

const KEPT = 'first-page';

const sealed = ({ vault }: Context, keeps: JsonObject): string =>
  vault.seal(JSON.stringify(keeps), KEPT).toString('base64url');

/** What a first page kept. @throws ApiError 400 for what none of ours has sealed */
function keptOf({ vault }: Context, { kept }: JsonObject): JsonObject {
  if (kept === undefined) return {};
  const plain = typeof kept === 'string' ? vault.open(Buffer.from(kept, 'base64url'), KEPT) : undefined;
  if (!plain) throw new ApiError(400, { detail: 'Unknown form.' });
  return JSON.parse(plain.toString('utf8'));
}

type Shown = { readonly session: Session; readonly link: URLSearchParams; readonly page: OwnPage; readonly by: string };

async function show({ ctx, request, flow }: Place, { session, link, page, by }: Shown): Promise<Reply> {
  const kept: Record<string, string> = page.keeps ? { kept: sealed(ctx, page.keeps) } : {};
  const form = { welcome: by, link: link.toString(), ...kept };
  const cookies = [await linkCookie({ ctx, request }, flow.slug, link)];
  return showOwnPage({ ctx, request, session, page, form, cookies });
}

/** The first page of a link, for who has not begun its flow; undefined: begin it. */
export async function greet(place: Place, session: Session): Promise<Reply | undefined> {
  // A mailed link goes on with a plan that was begun, and may carry along the link it was begun with.
  const goesOn = session.superseded || place.request.query.has(FLOW_TOKEN);
  const link = goesOn ? undefined : await linkOfArrival(place, session);
  if (!link || isEmpty(link)) return undefined;
  for (const { name: by, greet: ask } of place.ctx.registry.all(welcome)) {
    const page = await ask(await arrivalOf(place, { session, link }));
    if (page) return show(place, { session, link, page, by });
  }
  return undefined;
}

/** Whether a form came from a first page and not from a stage, which always names its component. */
export const isWelcomeForm = (reply: JsonObject): boolean =>
  typeof reply['welcome'] === 'string' && reply['component'] === undefined;

/** The link that a first page's form sends along, and nothing else of it. */
function linkOfForm(ctx: Context, reply: JsonObject): URLSearchParams {
  const { link } = reply;
  return linkParams(ctx.registry, new URLSearchParams(typeof link === 'string' ? link : ''));
}

/** What `begin` makes of the link: the flow's own answer. */
type Begin = (link: URLSearchParams) => Promise<Reply>;

/**
 * A button of a first page was pressed.
 * @throws ApiError 400 for a form of no page of ours
 */
export async function answerWelcome(
  place: Place,
  { session, reply }: { readonly session: Session; readonly reply: JsonObject },
  begin: Begin,
): Promise<Reply> {
  const { ctx, request, flow } = place;
  const { welcome: by, action } = reply;
  const found = typeof by === 'string' ? ctx.registry.find(welcome, by) : undefined;
  const link = linkOfForm(ctx, reply);
  if (!found || typeof action !== 'string' || isEmpty(link)) throw new ApiError(400, { detail: 'Unknown form.' });
  const arrival = await arrivalOf(place, { session, link, kept: keptOf(ctx, reply) });
  const outcome = await found.answer(arrival, action);
  if (outcome.kind === 'begin') return begin(link);
  if (outcome.kind === 'page') return show(place, { session, link, page: outcome.page, by: found.name });
  return redirectReply(outcome.to, 303, [forgetLink({ ctx, request }, flow.slug)]);
}
