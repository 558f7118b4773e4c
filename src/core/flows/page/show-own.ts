import type { Context } from '../../../kernel/context.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';
import { csrfToken, isSecure } from '../../sessions/index.ts';
import type { Session } from '../../sessions/index.ts';
import { findBrand } from '../brand.ts';
import { cookiesOf, visitorContext } from '../visit.ts';
import type { OwnPage } from '../welcome.ts';
import { pageReply } from './headers.ts';
import { prepare, visibleUrl } from './show.ts';

export type ShownOwnPage = {
  readonly ctx: Context;
  readonly request: HttpRequest;
  readonly session: Session;
  readonly page: OwnPage;
  /** Fields that the page's forms send along without showing them. */
  readonly form?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
};

/** A page of a feature's own. Its script only tidies up: the address, and times in the reader's zone. */
export async function showOwnPage(shown: ShownOwnPage): Promise<Reply> {
  const { ctx, request, session, page, form = {}, cookies = [] } = shown;
  const { renderer, frame } = await prepare(ctx, request, await findBrand(ctx, request));
  const { user } = session;
  const csrf: Record<string, string> = user ? { csrf: csrfToken(ctx, session.key) } : {};
  const { html } = renderer.renderOwn({
    ...frame,
    page: page.page,
    data: page.data,
    formAction: visibleUrl(ctx.registry, request),
    hidden: { ...form, ...csrf },
    locale: page.locale ?? frame.locale,
    ...(user ? { user } : {}),
  });
  const visit = { ctx: visitorContext(ctx, request), request };
  // Who is nobody yet gets no session from looking.
  const own = user ? cookiesOf(visit, session) : [];
  const reply = { html, nonce: frame.nonce, secure: isSecure(visit), cookies: [...own, ...cookies] };
  return pageReply({ ...reply, status: page.status ?? 200 });
}
