import type { Context } from '../../../kernel/context.ts';
import type { Registry } from '../../../kernel/feature.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';
import { csrfToken, isSecure } from '../../sessions/index.ts';
import type { Session } from '../../sessions/index.ts';
import { linkKeys, linkMark } from '../begin.ts';
import type { ChallengeBody } from '../challenges.ts';
import { PLAIN_BRAND, findBrand } from '../brand.ts';
import type { FlowBrand } from '../brand.ts';
import { listOffers } from '../offer.ts';
import { planOf } from '../session-state.ts';
import { stage } from '../stage.ts';
import type { FlowRow } from '../store.ts';
import { cookiesOf, visitorContext } from '../visit.ts';
import { localeOf, pageReply } from './headers.ts';
import { loadRenderer } from './renderer.ts';
import type { ErrorInput, FormField, PageFrame } from './schema.ts';

export type Shown = {
  readonly ctx: Context;
  readonly request: HttpRequest;
  readonly flow: FlowRow;
  /** What the page passes to the executor: its query string, with the link that the address does not show. */
  readonly query: string;
  readonly session: Session;
  readonly challenge: ChallengeBody;
  /** What was typed, to show it again beside an error; never passwords. */
  readonly values?: Readonly<Record<string, string>>;
};

/** What went wrong, as a page tells it. */
export type Failure = Pick<ErrorInput, 'status' | 'kind' | 'retrySeconds'>;

/** The page's address without what identifies its link, which must not stay in a visible address (T08). */
export function visibleUrl(registry: Registry, request: HttpRequest): string {
  const query = new URLSearchParams(request.query);
  for (const key of linkKeys(registry)) query.delete(key);
  const text = query.toString();
  return text ? `${request.path}?${text}` : request.path;
}

/** Forms for the challenges of stages that bring no component of their own, by component. */
function defaultForms(ctx: Context): Record<string, readonly FormField[]> {
  const stages = ctx.registry.all(stage).filter((found) => found.challengeComponent !== undefined);
  return Object.fromEntries(stages.map((found) => [found.challengeComponent ?? '', found.form]));
}

/** The renderer, and what every page of a brand needs. */
export async function prepare(ctx: Context, request: HttpRequest, brand: FlowBrand) {
  const { renderer, assets } = await loadRenderer();
  const frame: PageFrame = {
    nonce: ctx.random.bytes(16).toString('base64url'),
    locale: localeOf(request, brand.locale),
    brand: brand.page,
    assets: { script: assets.script, styles: [...assets.styles] },
  };
  return { renderer, frame };
}

// A page about a failure must not fail itself, and one about too many requests must cost little.
async function brandOfError(ctx: Context, request: HttpRequest, { kind }: Failure): Promise<FlowBrand> {
  if (kind === 'unavailable' || kind === 'throttled') return PLAIN_BRAND;
  try {
    return await findBrand(ctx, request);
  } catch {
    return PLAIN_BRAND;
  }
}

/** The page of a flow with its challenge in it. */
export async function showChallenge(shown: Shown): Promise<Reply> {
  const { ctx, request, flow, query, session, challenge, values } = shown;
  const { renderer, frame } = await prepare(ctx, request, await findBrand(ctx, request));
  const { html } = renderer.renderPage({
    ...frame,
    challenge,
    slug: flow.slug,
    flowTitle: flow.title,
    query,
    executorUrl: `/api/v3/flows/executor/${flow.slug}/?query=${encodeURIComponent(query)}`,
    formAction: visibleUrl(ctx.registry, request),
    ...(session.user ? { csrfToken: csrfToken(ctx, session.key) } : {}),
    linkMark: linkMark(ctx, planOf(session.state)),
    forms: defaultForms(ctx),
    ...(session.user ? { user: session.user } : {}),
    ...(values ? { values } : {}),
  });
  const visit = { ctx: visitorContext(ctx, request), request };
  return pageReply({
    status: 200,
    html,
    nonce: frame.nonce,
    secure: isSecure(visit),
    cookies: cookiesOf(visit, session),
  });
}

/** A page that tells what went wrong, in words. */
export async function showError(ctx: Context, request: HttpRequest, error: Failure): Promise<Reply> {
  const { renderer, frame } = await prepare(ctx, request, await brandOfError(ctx, request, error));
  const { html } = renderer.renderError({
    ...frame,
    ...error,
    requestId: request.id,
  });
  const secure = isSecure({ ctx, request });
  const page = pageReply({ status: error.status, html, nonce: frame.nonce, secure, cookies: [] });
  if (error.retrySeconds === undefined) return page;
  return { ...page, headers: { ...page.headers, 'retry-after': String(error.retrySeconds) } };
}

/** What somebody gets who asks for pages too often. */
export function showThrottled(ctx: Context, request: HttpRequest): Promise<Reply> {
  return showError(ctx, request, { status: 429, kind: 'throttled', retrySeconds: 1 });
}

/** The page of somebody who signed in without an application to go to: who they are, what they may do, and sign-out. */
export async function showSignedIn(ctx: Context, request: HttpRequest, session: Session): Promise<Reply> {
  const { user } = session;
  if (!user) return showError(ctx, request, { status: 403, kind: 'forbidden' });
  const visitor = visitorContext(ctx, request);
  const [brand, offers] = await Promise.all([findBrand(ctx, request), listOffers(visitor, session)]);
  const { renderer, frame } = await prepare(ctx, request, brand);
  const { html } = renderer.renderSignedIn({
    ...frame,
    user,
    offers,
    signOutUrl: '/flows/-/default/invalidation/',
  });
  const visit = { ctx: visitor, request };
  return pageReply({
    status: 200,
    html,
    nonce: frame.nonce,
    secure: isSecure(visit),
    cookies: cookiesOf(visit, session),
  });
}
