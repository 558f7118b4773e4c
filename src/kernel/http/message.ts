import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Json } from '../schema/types.ts';

/** A request as our code sees it; nothing of the framework. */
export type HttpRequest = {
  readonly id: string;
  readonly method: string;
  /** The path as routed, without the query. */
  readonly path: string;
  /** The pattern that matched, such as `/if/flow/{slug}/`; `(none)` when none did. */
  readonly route: string;
  /** Values of the `{name}` segments. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: ReadonlyMap<string, string>;
  /** Forwarded headers count only from configured proxies (A09). */
  readonly clientIp: string;
  readonly protocol: string;
  readonly host: string;
  /** The body, read once and kept. Throws 413 above the limit, 415 for an encoded body. */
  body(limit?: number): Promise<Buffer>;
};

/** What goes back. A text body is sent as it is. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer | undefined;
  /** Instead of a body: what is too much to hold at once. Its length stands in the headers, so that a cut is noticed. */
  readonly stream?: Readable;
};

/** A finished answer from an endpoint, instead of a value to present. */
export class DirectReply {
  readonly reply: Reply;

  constructor(reply: Reply) {
    this.reply = reply;
  }
}

export type ReplyOptions = {
  status?: number;
  /** Sent as compact JSON. */
  json?: Json;
  /** Sent as it is; set the content type in `headers`. */
  body?: string | Buffer;
  headers?: Readonly<Record<string, string>>;
  /** `Set-Cookie` values. */
  cookies?: readonly string[];
  /** The `Location`; the status is 302 unless given. */
  redirect?: string;
};

/** Answers by hand: another status, headers, cookies, a redirect. */
export function reply(options: ReplyOptions): DirectReply {
  const headers: Record<string, string | readonly string[]> = { ...options.headers };
  if (options.cookies !== undefined && options.cookies.length > 0) headers['set-cookie'] = options.cookies;
  if (options.redirect !== undefined) headers['location'] = options.redirect;
  if (options.json !== undefined) headers['content-type'] ??= 'application/json';
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const status = options.status ?? (options.redirect === undefined ? (body === undefined ? 204 : 200) : 302);
  return new DirectReply({ status, headers, body });
}
