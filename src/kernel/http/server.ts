import Fastify from 'fastify';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HTTPMethods,
  InjectOptions,
  LightMyRequestResponse,
} from 'fastify';
import type { Context } from '../context.ts';
import { DatabaseFull, errorCode } from '../db/errors.ts';
import { countQueries } from '../db/query-count.ts';
import { badRequest, methodNotAllowed, notFound } from '../errors/catalogue.ts';
import { errorReply } from '../errors/error-reply.ts';
import type { Registry } from '../feature.ts';
import { isDraining } from '../lifecycle.ts';
import { documentOperation } from '../openapi/serve.ts';
import { answerOwn } from '../own-api/pipeline.ts';
import type { OwnPath } from '../own-api/pipeline.ts';
import { OWN_API, problemReply } from '../own-api/problem.ts';
import { openRoutes, ownPaths } from '../own-api/routes.ts';
import { recordFailure } from './failure-event.ts';
import { mergeSlashes, refusalOf } from './guards.ts';
import { clientErrorsOf } from './client-error.ts';
import { waitForRequestsOnly } from './connections.ts';
import { durations, requests } from './measures.ts';
import type { HttpRequest, Reply } from './message.ts';
import { looksForPage, missingPage } from './missing-page.ts';
import { allOperations, groupByPath } from './paths.ts';
import { runPipeline } from './pipeline.ts';
import { findPlace } from './places.ts';
import type { ApiPath, Authenticate, PipelineOptions } from './pipeline.ts';
import { rawRoute } from './raw-route.ts';
import type { RawRoute } from './raw-route.ts';
import { toHttpRequest } from './request.ts';
import { send } from './send.ts';
import { createThrottle } from './throttle.ts';

export type { Authenticate, Authentication } from './pipeline.ts';

export type ServerOptions = {
  readonly context: Context;
  readonly registry: Registry;
  /**
   * Tells who asks: the token first, then the session. Throws ApiError (403) for a bad token, another scheme or a
   * missing CSRF header; resolves without an actor when nothing was presented (contract part 1, 1.1).
   */
  readonly authenticate: Authenticate;
  /** Requests a second that an anonymous client may make of this process; 1,000 by default (contract 1.4). */
  readonly anonymousPerSecond?: number;
  /** Requests a second that an address may make of the pages of this process; 200 by default. */
  readonly pagesPerSecond?: number;
  /** Told of every answer under `/api/`; tests compare them with the contract. */
  readonly onAnswer?: (answer: ApiAnswer) => void;
};

export type ApiAnswer = {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
};

export type HttpServer = {
  /** Out: the URL that it listens on. */
  listen(options: { host: string; port: number }): Promise<string>;
  /** Takes no new requests, finishes those in flight. */
  close(): Promise<void>;
  /** Sends a request without a socket; for tests and for rendering a page from our own API. */
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse>;
};

const API = '/api/v3';

/** A route's own work; what it throws becomes an answer. */
type Serve = (request: HttpRequest) => Promise<Reply>;

/** A path with what answers there, and what answers to the methods that the router does not know. */
type Served = { readonly url: string; readonly methods: HTTPMethods[]; readonly others: Serve };

type Site = ServerOptions & {
  readonly app: FastifyInstance;
  readonly served: Served[];
  /** Whether one more request of an address to a page is allowed. */
  readonly mayPassPage: (clientIp: string) => boolean;
};

/** Makes the HTTP server of what is registered. Throws for a wrong declaration. Does not listen yet. */
export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const app = createFastify(options);
  const { context, registry, authenticate, anonymousPerSecond = 1000, pagesPerSecond = 200 } = options;
  const mayPass = createThrottle(context, { kind: 'api.anonymous', limit: anonymousPerSecond });
  const mayPassPage = createThrottle(context, { kind: 'pages', limit: pagesPerSecond });
  const site: Site = { ...options, app, mayPassPage, served: [] };
  const operations = [...allOperations(registry), documentOperation(registry)];
  for (const path of groupByPath(operations)) addApiPath(site, path, { context, authenticate, mayPass });
  addOwnApi(site);
  for (const route of registry.all(rawRoute)) addRawRoute(site, route);
  addNotFound(site);
  // RFC 9110 §10.1.1: an unknown expectation may be ignored; left alone, Node answers it without us.
  app.server.on('checkExpectation', (...exchange) => app.server.emit('request', ...exchange));
  const stopWaiting = waitForRequestsOnly(app.server);
  await app.ready();
  return {
    listen: ({ host, port }) => app.listen({ host, port }),
    async close() {
      const stopped = stopWaiting();
      await app.close().finally(stopped);
    },
    inject: (request) => app.inject(request),
  };
}

function createFastify({ context }: ServerOptions): FastifyInstance {
  const { trustedProxies } = context.config;
  return Fastify({
    logger: false,
    exposeHeadRoutes: false,
    // While we stop, requests on open connections are served like the others (R08).
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // Milliseconds; all are off by default.
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    requestTimeout: 30_000,
    // Without the header our own check answers (`guards.ts`), in JSON and with an id.
    http: { headersTimeout: 10_000, requireHostHeader: false },
    routerOptions: { maxParamLength: 1024, ignoreTrailingSlash: false, caseSensitive: true },
    genReqId: () => context.random.bytes(16).toString('hex'),
    rewriteUrl: (message) => mergeSlashes(message.url ?? '/'),
    frameworkErrors(_error, request, reply) {
      const { status, body } = errorReply(badRequest('The URL cannot be decoded.'));
      reply.hijack();
      reply.raw.writeHead(status, { 'content-type': 'application/json', 'x-request-id': request.id });
      reply.raw.end(JSON.stringify(body));
    },
    clientErrorHandler: clientErrorsOf(context),
  });
}

const ALL_METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** `/flows/{slug}/` as the router writes it. */
function routerPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function addApiPath(site: Site, path: ApiPath, pipeline: PipelineOptions): void {
  addRoute(site, { url: `${API}${path.path}`, methods: ALL_METHODS }, async (request) => {
    // Upstream's routes take neither dots nor slashes in a segment (contract 2.1).
    for (const value of Object.values(request.params)) {
      if (value === '' || /[./]/.test(value)) throw notFound();
    }
    return runPipeline(path, request, pipeline);
  });
}

function addOwnApi(site: Site): void {
  const { registry } = site;
  for (const path of ownPaths(registry)) addOwnPath(site, path);
  for (const { path, serve } of openRoutes(registry)) {
    addRoute(site, { url: path, methods: ALL_METHODS }, async (request) => serve(request));
  }
  // What is below it and has no route is a problem of its own form too.
  addRoute(site, { url: `${OWN_API}/*`, methods: ALL_METHODS }, () => Promise.reject(notFound()));
}

function addOwnPath(site: Site, path: OwnPath): void {
  const { context, authenticate } = site;
  addRoute(site, { url: `${OWN_API}${path.path}`, methods: ALL_METHODS }, async (request) => {
    const { reply, failure } = await answerOwn(path, request, { context, authenticate });
    if (failure !== undefined) await tellFailure(context, request, failure);
    return reply;
  });
}

function addRawRoute(site: Site, route: RawRoute): void {
  const methods: HTTPMethods[] = [...route.methods];
  if (methods.includes('GET')) methods.push('HEAD');
  const { context, mayPassPage } = site;
  const guard =
    (serve: Serve): Serve =>
    async (request) =>
      route.throttled && !mayPassPage(request.clientIp) ? route.throttled(context, request) : serve(request);
  const others = guard((request) => refuseMethod(site, request));
  addRoute(
    site,
    { url: route.path, methods, others },
    guard(async (request) => route.handle(context, request)),
  );
}

/** A page, or a file, that has no such method. @throws ApiError 405 */
async function refuseMethod({ context, registry, served }: Site, request: HttpRequest): Promise<Reply> {
  const methods = new Set(served.filter(({ url }) => url === request.route).flatMap((one) => one.methods));
  const allow = ALL_METHODS.filter((method) => methods.has(method)).join(', ');
  const [page] = registry.all(missingPage);
  if (!page || !looksForPage(request)) throw methodNotAllowed(request.method, allow);
  const shown = await page.show(context, request);
  return { ...shown, status: 405, headers: { ...shown.headers, allow } };
}

/** `others` answers to methods that the router does not know; without it all methods are answered alike. */
function addRoute(site: Site, route: { url: string; methods: HTTPMethods[]; others?: Serve }, serve: Serve): void {
  site.served.push({ others: serve, ...route });
  site.app.route({
    method: route.methods,
    url: routerPath(route.url),
    // Everything happens in this hook: after it the framework would look at the media type, before our own checks.
    onRequest: (request, reply) => void answer(site, { request, reply, pattern: route.url }, serve),
    handler: () => undefined,
  });
}

function addNotFound(site: Site): void {
  site.app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done();
      return;
    }
    const found = findPlace(site.served, request.url.split('?', 1)[0] ?? '/');
    if (found) {
      const { place, params } = found;
      void answer(site, { request, reply, pattern: place.url, params }, place.others);
    } else void answer(site, { request, reply, pattern: '(none)' }, (asked) => showMissing(site, asked));
  });
}

async function showMissing({ context, registry, mayPassPage }: Site, request: HttpRequest): Promise<Reply> {
  const [page] = registry.all(missingPage);
  if (!page || !looksForPage(request)) throw notFound();
  return mayPassPage(request.clientIp) ? page.show(context, request) : page.throttled(context, request);
}

type Exchange = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly pattern: string;
  /** Where the router has not read them. */
  readonly params?: HttpRequest['params'];
};

async function answer(site: Site, exchange: Exchange, serve: Serve): Promise<void> {
  const start = performance.now();
  const { log, config } = site.context;
  const work = (): Promise<Reply> => guarded(site, exchange, serve);
  const { result, queries } =
    config.logLevel === 'debug' ? await countQueries(work) : { result: await work(), queries: undefined };
  const { request, reply, pattern } = exchange;
  const isApi = pattern.startsWith('/api/') || pattern === '(none)';
  send(reply, result, { method: request.method, id: request.id, isApi, isLast: isDraining(site.context) });
  const ms = performance.now() - start;
  const { metrics } = site.context;
  metrics.count(requests, [exchange.pattern, request.method, String(result.status)]);
  metrics.observe(durations, [exchange.pattern, request.method], ms / 1000);
  if (site.onAnswer && request.url.startsWith('/api/')) {
    // What goes over the wire: Node leaves the body out of an answer to HEAD.
    const body = result.body === undefined || request.method === 'HEAD' ? undefined : String(result.body);
    const contentType = result.headers?.['content-type']?.toString();
    site.onAnswer({ method: request.method, url: request.originalUrl, status: result.status, contentType, body });
  }
  log.info('request', {
    requestId: request.id,
    method: request.method,
    // The pattern and not the path: paths carry tokens.
    route: exchange.pattern,
    status: result.status,
    ms: Math.round(ms * 10) / 10,
    ...(queries === undefined ? {} : { queries }),
  });
}

/** Runs a route; never throws. */
async function guarded({ context }: Site, { request, pattern, params }: Exchange, serve: Serve): Promise<Reply> {
  const asked = (): HttpRequest => toHttpRequest(request, { id: request.id, route: pattern, params });
  try {
    const refusal = refusalOf(request.raw, request.originalUrl);
    if (refusal) throw refusal;
    return await serve(asked());
  } catch (error) {
    const { reply, unexpected } = failureReply(error, { id: request.id, pattern });
    if (unexpected) await tellFailure(context, asked(), error);
    else if (error instanceof DatabaseFull) {
      context.log.error('a change was refused for lack of room', {
        requestId: request.id,
        cause: errorCode(error.cause),
      });
    }
    return reply;
  }
}

function failureReply(error: unknown, { id, pattern }: { id: string; pattern: string }) {
  if (pattern.startsWith(`${OWN_API}/`)) return problemReply(error, id);
  const { status, headers, body, unexpected } = errorReply(error);
  const reply: Reply = {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return { reply, unexpected };
}

async function tellFailure(context: Context, request: HttpRequest, error: unknown): Promise<void> {
  context.log.error('request failed', { requestId: request.id, error });
  await recordFailure(context, request, error);
}
