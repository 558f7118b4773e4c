import type { Context } from '../../kernel/context.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';

/** Our own origins as the browser may name them: the configured one, and that of this request. */
function ownOrigins({ config }: Context, request: HttpRequest): readonly string[] {
  const asked = `${request.protocol}://${request.host}`;
  return config.publicUrl ? [new URL(config.publicUrl).origin, asked] : [asked];
}

/**
 * A form on a page with `Referrer-Policy: no-referrer` says `Origin: null`, as a sandboxed frame of anybody does. Under
 * TLS and on localhost browsers tell the two apart by `Sec-Fetch-Site`; without TLS only the cookie's SameSite does.
 */
function isOwnForm(request: HttpRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === 'same-origin' || (site === undefined && request.protocol !== 'https');
}

/**
 * Whether a browser says that another site made the request (contract D12). Only browsers say `Origin` or
 * `Sec-Fetch-Site`, and pages cannot make them say something else; other clients are not from another site.
 */
export function isForeign(ctx: Context, request: HttpRequest): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  return origin === 'null' ? !isOwnForm(request) : !ownOrigins(ctx, request).includes(origin);
}
