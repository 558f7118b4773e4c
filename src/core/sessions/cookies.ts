import type { Context } from '../../kernel/context.ts';

export const SESSION_COOKIE = 'authentik_session';
export const CSRF_COOKIE = 'authentik_csrf';
const PURPOSE = 'session-cookie';

/** The value of one cookie of a `Cookie` header; a broken header is no cookie (A43). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, ...rest] = part.trim().split('=');
    if (key === name) return rest.join('=');
  }
  return undefined;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/**
 * The session cookie's value: an HS256 JWT (contract part 2, section 3). HMAC-SHA256 in base64url over
 * `header.payload` is what RFC 7515 calls HS256, so the vault's keyed MAC is the signature.
 */
export function signSessionCookie(ctx: Context, session: { key: string; uid: string | undefined }): string {
  const payload = encode({
    sid: session.key,
    iss: 'authentik',
    sub: session.uid ?? 'anonymous',
    authenticated: session.uid !== undefined,
    acr: 'goauthentik.io/core/default',
  });
  return `${HEADER}.${payload}.${ctx.vault.mac(`${HEADER}.${payload}`, PURPOSE)}`;
}

/** The session key in a cookie value, or undefined when it was not signed by us. The JWT's own header is not read. */
export function verifySessionCookie(ctx: Context, value: string | undefined): string | undefined {
  const [header, payload, signature, ...rest] = value?.split('.') ?? [];
  if (header !== HEADER || !payload || !signature || rest.length > 0) return undefined;
  if (!ctx.vault.sameText(signature, ctx.vault.mac(`${header}.${payload}`, PURPOSE))) return undefined;
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  if (typeof claims !== 'object' || claims === null || !('sid' in claims)) return undefined;
  return typeof claims.sid === 'string' ? claims.sid : undefined;
}

/** The CSRF token of a session: bound to it, so that a planted cookie of another session is worth nothing. */
export function csrfToken(ctx: Context, sessionKey: string): string {
  return ctx.vault.mac(sessionKey, 'csrf');
}

function attributes(ctx: Context, secure: boolean): string {
  const none = ctx.config.sessionCookieSameSite === 'none';
  return `; Path=/; SameSite=${none ? 'None' : 'Lax'}${secure || none ? '; Secure' : ''}`;
}

/**
 * The `Set-Cookie` values of a session.
 * @param secure whether the browser speaks TLS with us
 */
export function sessionCookies(
  ctx: Context,
  session: { key: string; uid: string | undefined; maxAge: number | undefined },
  secure: boolean,
): string[] {
  const age = session.maxAge === undefined ? '' : `; Max-Age=${session.maxAge}`;
  const shared = `${age}${attributes(ctx, secure)}`;
  return [
    `${SESSION_COOKIE}=${signSessionCookie(ctx, session)}; HttpOnly${shared}`,
    `${CSRF_COOKIE}=${csrfToken(ctx, session.key)}${shared}`,
  ];
}
