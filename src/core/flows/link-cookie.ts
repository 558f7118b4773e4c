import type { Context } from '../../kernel/context.ts';
import { databaseNow } from '../../kernel/db/now.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import { isSecure } from '../sessions/index.ts';

// Keeps a link for the browser that brought it, sealed, while it leaves the address bar (T08): for a reload, the way
// over a sign-in and back, and a code that was typed by hand. Nothing is stored here until a button is pressed.
const NAME = 'vestibule_link';
const PURPOSE = 'link-cookie';
const SECONDS = 86_400;
const MAX_LENGTH = 2048;

type Place = { readonly ctx: Context; readonly request: HttpRequest };

const pathOf = (slug: string): string => `/if/flow/${slug}/`;

function attributes(place: Place, slug: string): string {
  const secure = isSecure(place);
  return `; Path=${pathOf(slug)}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** The `Set-Cookie` value that keeps a link to a flow until the browser closes, at most a day. */
export async function linkCookie(place: Place, slug: string, link: URLSearchParams): Promise<string> {
  const { ctx } = place;
  const until = (await databaseNow(ctx.db)) + SECONDS * 1000;
  const text = JSON.stringify({ slug, link: link.toString(), until });
  // What no stage would take for a link is not worth keeping, and a browser would refuse the cookie.
  if (text.length > MAX_LENGTH) return forgetLink(place, slug);
  return `${NAME}=${ctx.vault.seal(text, PURPOSE).toString('base64url')}${attributes(place, slug)}`;
}

/** The `Set-Cookie` value that drops it. */
export function forgetLink(place: Place, slug: string): string {
  return `${NAME}=; Max-Age=0${attributes(place, slug)}`;
}

/** The link to that flow which the browser keeps; undefined without one, or for a cookie that is not ours (A43). */
export async function keptLink({ ctx, request }: Place, slug: string): Promise<URLSearchParams | undefined> {
  const value = request.cookies.get(NAME);
  const plain = value === undefined ? undefined : ctx.vault.open(Buffer.from(value, 'base64url'), PURPOSE);
  if (!plain) return undefined;
  const kept: unknown = JSON.parse(plain.toString('utf8'));
  if (typeof kept !== 'object' || kept === null || !('slug' in kept && 'link' in kept && 'until' in kept))
    return undefined;
  const { slug: of, link, until } = kept;
  if (of !== slug || typeof link !== 'string' || typeof until !== 'number') return undefined;
  return until > (await databaseNow(ctx.db)) ? new URLSearchParams(link) : undefined;
}
