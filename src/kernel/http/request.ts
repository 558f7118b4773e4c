import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { badRequest, tooLarge, unsupportedMediaType } from '../errors/catalogue.ts';
import { MAX_BODY_BYTES } from '../schema/limits.ts';
import type { HttpRequest } from './message.ts';

/** The cookies of a header; of equal names the first counts, as browsers send the most specific first (RFC 6265 §5.4). */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 1) continue;
    const name = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    if (!cookies.has(name)) cookies.set(name, value.replace(/^"(.*)"$/, '$1'));
  }
  return cookies;
}

/** Reads a body up to a limit. Bodies are never inflated (P3): an encoded one is a 415, a larger one a 413. */
export async function readBytes(message: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = message.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') throw unsupportedMediaType(encoding);
  if (Number(message.headers['content-length'] ?? 0) > limit) throw tooLarge();
  return collect(message, limit);
}

// By events: an async iterator costs several times as much, on every write.
function collect(message: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    message.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // What comes after the limit is read and thrown away, so that the answer reaches a client that still sends.
      if (length > limit) reject(tooLarge());
      else chunks.push(chunk);
    });
    message.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    // Reading fails where the client goes away or its chunks are broken; neither is a failure of ours.
    const cut = (): void => reject(badRequest('The request ended before its body.'));
    message.once('error', cut);
    // Made only then: an error costs a stack trace, and every request closes.
    message.once('close', () => {
      if (!message.readableEnded) cut();
    });
  });
}

/** What the request alone does not tell; `params` where the router has not read them. */
type Known = { readonly id: string; readonly route: string; readonly params?: HttpRequest['params'] | undefined };

/** The framework's request as ours. Query and cookies are parsed when first asked for. */
export function toHttpRequest(request: FastifyRequest, { id, route, params: read }: Known): HttpRequest {
  const { raw } = request;
  const [path, query] = splitOnce(raw.url ?? '/', '?');
  let parsedQuery: URLSearchParams | undefined;
  let cookies: ReadonlyMap<string, string> | undefined;
  let body: Promise<Buffer> | undefined;
  // Typed by the router: names and values of the path's parameters.
  const params = read ?? (request.params as Readonly<Record<string, string>>);
  return {
    id,
    method: request.method,
    path,
    route,
    params,
    headers: request.headers,
    clientIp: request.ip,
    protocol: request.protocol,
    host: request.host,
    get query() {
      parsedQuery ??= new URLSearchParams(query);
      return parsedQuery;
    },
    get cookies() {
      cookies ??= parseCookies(request.headers.cookie);
      return cookies;
    },
    body(limit = MAX_BODY_BYTES) {
      body ??= readBytes(raw, limit);
      return body;
    },
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
