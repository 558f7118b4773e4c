import type { Readable } from 'node:stream';
import { CookieJar } from 'tough-cookie';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly text: string;
  /** The parsed body of a JSON answer. Tests know its shape, the conformance check has judged it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read bodies of every shape
  readonly body: any;
};

export type Send = (request: {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: Payload;
}) => Promise<Answer>;

/** A stream is a body that takes its time. */
export type Payload = string | Buffer | Readable;

export type AskOptions = { headers?: Record<string, string>; json?: unknown; payload?: Payload; type?: string };

const ORIGIN = 'http://localhost';

/** One browser: keeps cookies, follows redirects, brings the CSRF header. */
export class Jar {
  readonly #send: Send;
  readonly #cookies = new CookieJar();

  constructor(send: Send) {
    this.#send = send;
  }

  /** The value of a cookie it holds. */
  cookie(name: string): string | undefined {
    return this.#cookies.getCookiesSync(ORIGIN).find((cookie) => cookie.key === name)?.value;
  }

  /** Puts a cookie in, as an attacker would. */
  plant(name: string, value: string): void {
    this.#cookies.setCookieSync(`${name}=${value}; Path=/`, ORIGIN);
  }

  /** One request; redirects are not followed. */
  async ask(method: string, url: string, options: AskOptions = {}): Promise<Answer> {
    const at = new URL(url, ORIGIN).href;
    const headers: Record<string, string> = { ...options.headers };
    const cookies = this.#cookies.getCookieStringSync(at);
    if (cookies) headers['cookie'] = cookies;
    const csrf = this.cookie('authentik_csrf');
    if (csrf && method !== 'GET') headers['x-authentik-csrf'] ??= csrf;
    const payload = options.json === undefined ? options.payload : JSON.stringify(options.json);
    if (payload !== undefined) headers['content-type'] ??= options.type ?? 'application/json';
    const answer = await this.#send({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) this.#cookies.setCookieSync(String(line), at);
    return answer;
  }

  /** One request and, as a browser does, a GET for each redirect after it. */
  async follow(method: string, url: string, options: AskOptions = {}): Promise<Answer> {
    let answer = await this.ask(method, url, options);
    for (let hops = 0; answer.status >= 300 && answer.status < 400; hops += 1) {
      if (hops === 20) throw new Error(`Too many redirects from ${url}.`);
      answer = await this.ask('GET', String(answer.headers['location']));
    }
    return answer;
  }

  get(url: string, options: AskOptions = {}): Promise<Answer> {
    return this.follow('GET', url, options);
  }

  post(url: string, json: unknown, options: AskOptions = {}): Promise<Answer> {
    return this.follow('POST', url, { ...options, json });
  }

  /** Sends a page's form, as a browser without JavaScript does. */
  form(url: string, fields: Record<string, string>, options: AskOptions = {}): Promise<Answer> {
    const payload = new URLSearchParams(fields).toString();
    return this.follow('POST', url, { ...options, payload, type: 'application/x-www-form-urlencoded' });
  }

  /** Opens a flow by the executor, redirects followed. */
  open(slug: string, query = ''): Promise<Answer> {
    return this.get(executorUrl(slug, query));
  }

  /** Answers the flow's stage, redirects followed. */
  answer(slug: string, reply: Record<string, unknown>, query = ''): Promise<Answer> {
    return this.post(executorUrl(slug, query), reply);
  }
}

/** The executor's URL with a page's query string. */
export function executorUrl(slug: string, query = ''): string {
  const base = `/api/v3/flows/executor/${slug}/`;
  return query ? `${base}?query=${encodeURIComponent(query)}` : base;
}
