import type { IncomingMessage } from 'node:http';
import type { ApiError } from '../errors/api-error.ts';
import { ApiError as Failure } from '../errors/api-error.ts';
import { badRequest } from '../errors/catalogue.ts';

const MAX_HEADER_PAIRS = 200;

const HOST = 'Host';
/** Fields of which a request has one at the most, by the length of their names: the rest is not looked at. */
const SINGLE: ReadonlyMap<number, string> = new Map(
  [HOST, 'Content-Type', 'Authorization'].map((name) => [name.length, name]),
);

/**
 * What a request must fulfil before anything looks at it, or undefined. Node silently drops headers beyond a count and
 * of two Host, Authorization or Content-Type headers takes the first, so proxies and we might read different requests.
 */
export function refusalOf(message: IncomingMessage, target: string): ApiError | undefined {
  const { rawHeaders } = message;
  if (rawHeaders.length > MAX_HEADER_PAIRS * 2) {
    return new Failure(431, { detail: 'Too many header fields.' }, { headers: { connection: 'close' } });
  }
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const single = SINGLE.get(name.length);
    if (single === undefined || name.toLowerCase() !== single.toLowerCase()) continue;
    if (seen.has(single)) return badRequest(`More than one ${single} header.`);
    seen.add(single);
  }
  // RFC 9112 §3.2. What comes without a socket (`inject`) always has one.
  if (!seen.has(HOST) && message.httpVersion === '1.1') return badRequest('The Host header is missing.');
  // RFC 9112 §3.2: we are no proxy, so only the origin form is for us.
  if (!target.startsWith('/')) return badRequest('The request target must be a path.');
  return undefined;
}

/** Merges duplicate slashes of the path (contract D14); what comes after the path is left alone. */
export function mergeSlashes(url: string): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  if (!path.includes('//')) return url;
  return `${path.replace(/\/{2,}/g, '/')}${end < 0 ? '' : url.slice(end)}`;
}
