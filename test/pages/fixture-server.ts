import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ErrorInput, FlowPages, PageFrame, PageLocale } from '../../src/web/flow/page-input.ts';
import { challenges, forms } from './fixtures.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
// One build per process: test files run at the same time.
const built = join(root, `.cache/pages-test-${process.pid}`);

export type Received = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
type Scripted = { readonly status: number; readonly body: unknown };

export type FixtureServer = {
  readonly origin: string;
  /** Every POST, in order. */
  readonly received: Received[];
  /** What the executor answers, one after the other; each is used once. */
  readonly answers: Scripted[];
  /** Milliseconds before an executor answers. */
  delay: number;
  close(): Promise<void>;
};

/** The policy that the pages are made for. Trusted types on top: nothing here writes markup from text. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'nonce-${nonce}' 'self'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

/** Builds the pages and serves the fixtures through them on a free port of the loopback. */
export async function startFixtureServer(): Promise<FixtureServer> {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build-web.mjs'), built]);
  const pages: FlowPages = await import(pathToFileURL(join(built, 'server/entry-server.js')).href);
  const assets = await readAssets();
  const state = { received: new Array<Received>(), answers: new Array<Scripted>(), delay: 0 };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return Object.assign(state, {
    origin: `http://127.0.0.1:${port}`,
    close,
  });

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(built, { recursive: true, force: true });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = await text(request);
    if (request.method === 'POST')
      state.received.push({ method: 'POST', url: request.url ?? '', headers: request.headers, body });
    if (url.pathname.startsWith('/assets/')) return sendAsset(url.pathname, response);
    if (url.pathname.startsWith('/api/')) return sendScripted(response);
    return sendPage(url, response);
  }

  async function sendScripted(response: ServerResponse): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, state.delay));
    const next = state.answers.shift() ?? { status: 500, body: { detail: 'no answer scripted' } };
    response.writeHead(next.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(next.body));
  }

  function sendPage(url: URL, response: ServerResponse): void {
    const nonce = randomBytes(16).toString('base64');
    const locale: PageLocale = url.searchParams.get('locale') === 'de' ? 'de' : 'en';
    const html = render(url, { nonce, locale, brand: { name: 'Vestibule' }, assets });
    const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy(nonce) };
    response.writeHead(html ? 200 : 404, headers).end(html ?? 'nothing here');
  }

  function render(url: URL, frame: PageFrame): string | undefined {
    const user = { username: 'mira.keller', name: 'Mira Keller', email: 'mira@example.com' };
    if (url.pathname === '/signed-in/')
      return pages.renderSignedIn({ ...frame, user, offers: ['invite', 'approvals'] }).html;
    const kind = errorKind(url.pathname);
    if (kind) return pages.renderError({ ...frame, kind, status: STATUS[kind], requestId: '4b2c8e0f' }).html;
    const slug = url.pathname.split('/')[3] ?? '';
    const challenge = Object.hasOwn(challenges, slug) ? challenges[slug] : undefined;
    if (!challenge) return undefined;
    const query = url.search.slice(1);
    return pages.renderPage({
      ...frame,
      challenge,
      slug,
      flowTitle: 'Welcome',
      query,
      executorUrl: `/api/v3/flows/executor/${slug}/?query=${encodeURIComponent(query)}`,
      formAction: `/if/flow/${slug}/`,
      csrfToken: 'token-of-the-page',
      forms,
      ...(slug === 'denied' ? { user } : {}),
      ...(slug === 'credentials-taken' ? { values: { username: 'mira' } } : {}),
    }).html;
  }
}

const STATUS: Readonly<Record<ErrorInput['kind'], number>> = {
  'not-found': 404,
  unreadable: 400,
  unavailable: 503,
  'server-error': 500,
  forbidden: 403,
  throttled: 429,
};

function errorKind(path: string): ErrorInput['kind'] | undefined {
  switch (path) {
    case '/error/not-found/':
      return 'not-found';
    case '/error/unreadable/':
      return 'unreadable';
    case '/error/unavailable/':
      return 'unavailable';
    case '/error/server-error/':
      return 'server-error';
    case '/error/forbidden/':
      return 'forbidden';
    default:
      return undefined;
  }
}

async function readAssets(): Promise<PageFrame['assets']> {
  const manifest: Record<string, { file: string; css?: string[]; isEntry?: boolean }> = JSON.parse(
    await readFile(join(built, 'manifest.json'), 'utf8'),
  );
  const entry = Object.values(manifest).find((chunk) => chunk.isEntry);
  if (!entry) throw new Error('The manifest names no entry.');
  return { script: `/${entry.file}`, styles: (entry.css ?? []).map((file) => `/${file}`) };
}

async function sendAsset(path: string, response: ServerResponse): Promise<void> {
  const type = path.endsWith('.css') ? 'text/css' : 'text/javascript';
  const file = await readFile(join(built, path)).catch(() => undefined);
  response.writeHead(file ? 200 : 404, { 'Content-Type': type }).end(file);
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
