import { parseEmail } from '../schema/email.ts';
import type { Sender, SmtpServer } from './types.ts';

const OPTIONS = new Set(['require_tls', 'verify', 'name']);
const HOST_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const flag = (text: string | null): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined;

/**
 * `smtp://user:password@host:port?require_tls=true&verify=true&name=host` or `smtps://…`; undefined for anything else.
 * `require_tls` is true by default where a password would otherwise cross a network in clear.
 */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  if ((!secure && url.protocol !== 'smtp:') || url.hostname === '' || url.hash) return undefined;
  if (url.pathname !== '' && url.pathname !== '/') return undefined;
  const keys = [...url.searchParams.keys()];
  if (keys.some((key) => !OPTIONS.has(key)) || new Set(keys).size !== keys.length) return undefined;
  const auth = parseCredentials(url);
  if (auth === null) return undefined;
  const isLocal = LOOPBACK.test(url.hostname);
  const requireTls = url.searchParams.has('require_tls')
    ? flag(url.searchParams.get('require_tls'))
    : auth !== undefined && !secure && !isLocal;
  const verifies = url.searchParams.has('verify') ? flag(url.searchParams.get('verify')) : true;
  const name = url.searchParams.get('name') ?? undefined;
  if (requireTls === undefined || verifies === undefined || (name !== undefined && !HOST_NAME.test(name)))
    return undefined;
  return Object.freeze({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    auth,
    requireTls,
    verifies,
    name,
  });
}

/** The user and password of a URL; undefined without, null when they are malformed. */
function parseCredentials(url: URL): { user: string; pass: string } | undefined | null {
  if (url.username === '' && url.password === '') return undefined;
  if (url.username === '') return null;
  try {
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    return [user, pass].some((part) => /[\0\r\n]/.test(part)) ? null : { user, pass };
  } catch {
    return null;
  }
}

const MAX_NAME = 100;

/** `address` or `Name <address>`. */
export function parseSender(text: string): Sender | undefined {
  const [, name = '', bracketed] = /^([^<>]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const address = parseEmail(bracketed ?? text.trim());
  const plain = name.trim().replace(/^"(.*)"$/, '$1');
  if (address === undefined || plain.length > MAX_NAME || /[\p{Cc}"\\]/u.test(plain)) return undefined;
  return Object.freeze({ name: plain, address });
}
