import type { HttpRequest } from '../../../kernel/http/message.ts';
import type { Reply } from '../../../kernel/http/message.ts';

const POLICY = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

/** Headers of every page (threats S18, S19): nothing foreign loads, nothing is kept, no address leaks. */
export function pageHeaders(nonce: string, secure: boolean): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY(nonce),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

export type PageReply = { status: number; html: string; nonce: string; secure: boolean; cookies: readonly string[] };

/** A page with its headers and cookies. */
export function pageReply({ status, html, nonce, secure, cookies }: PageReply): Reply {
  const headers: Record<string, string | readonly string[]> = pageHeaders(nonce, secure);
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  return { status, headers, body: html };
}

/** A redirect that keeps the address it came from to itself. `status` 303 after a form, else 302. */
export function redirectReply(to: string, status: 302 | 303, cookies: readonly string[] = []): Reply {
  const headers: Record<string, string | readonly string[]> = {
    location: to,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  return { status, headers };
}

const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];

/** The language a browser prefers among ours (RFC 9110 §12.5.4); the fallback's, else English, when it names none. */
export function localeOf(request: HttpRequest, fallback = ''): Locale {
  const header = request.headers['accept-language'] ?? '';
  const wishes = header.split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
    return { language: tag.split('-')[0], weight: q === undefined ? 1 : Number(q) };
  });
  const best = wishes
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ language }) => LOCALES.find((locale) => locale === language))
    .find((locale) => locale !== undefined);
  const own = fallback.toLowerCase().split(/[-_]/)[0];
  return best ?? LOCALES.find((locale) => locale === own) ?? 'en';
}
