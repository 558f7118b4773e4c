import type { IncomingMessage } from 'node:http';
import type { ApiError } from '../errors/api-error.ts';
import { ApiError as Failure } from '../errors/api-error.ts';
import { badRequest } from '../errors/catalogue.ts';

const MAX_HEADER_PAIRS = 200;

/**
 * What a request must fulfil before anything looks at it, or undefined. Node silently drops headers beyond a count and
 * of two Host headers takes the first, so proxies and we might read different requests.
 */
export function refusalOf(message: IncomingMessage, target: string): ApiError | undefined {
  const { rawHeaders } = message;
  if (rawHeaders.length > MAX_HEADER_PAIRS * 2) {
    return new Failure(431, { detail: 'Too many header fields.' }, { headers: { connection: 'close' } });
  }
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return badRequest('More than one Host header.');
  // RFC 9112 §3.2. What comes without a socket (`inject`) always has one.
  if (hosts === 0 && message.httpVersion === '1.1') return badRequest('The Host header is missing.');
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
