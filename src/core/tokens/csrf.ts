import type { Context } from '../../kernel/context.ts';
import { csrfFailed } from '../../kernel/errors/index.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import { csrfToken, isForeign } from '../sessions/index.ts';
import type { Session } from '../sessions/index.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Named by the contract (part 2, section 3); Node gives header names in lower case. */
const HEADER = 'x-authentik-csrf';

/**
 * Refuses an unsafe request made in the name of a session by somebody who does not know its CSRF token, or from another
 * site (T16). The token is bound to the session, so a cookie planted beside it is worth nothing.
 * Throws ApiError 403 `CSRF Failed: …` (contract part 1, 1.1).
 */
export function checkCsrf(ctx: Context, request: HttpRequest, session: Session): void {
  if (SAFE_METHODS.has(request.method)) return;
  if (isForeign(ctx, request)) throw csrfFailed('Origin checking failed.');
  const sent = request.headers[HEADER];
  if (typeof sent !== 'string' || sent === '') throw csrfFailed('CSRF token missing.');
  if (!ctx.vault.sameText(sent, csrfToken(ctx, session.key))) throw csrfFailed('CSRF token incorrect.');
}
