import { createRequire } from 'node:module';
import type * as published from '@goauthentik/api';
import { CookieJar } from 'tough-cookie';
import { describeProblems, observeResponse } from './ratchet.ts';
import type { Observe } from './ratchet.ts';

type Published = typeof published;
type ApiName = Extract<keyof Published, `${string}Api`>;

/** How the client reaches the server, and as whom. */
export interface ClientOptions {
  /** Scheme, host and port; no path. */
  readonly baseUrl: string;
  /** What sends a request; without it the network. It must not follow redirects when told `redirect: 'manual'`. */
  readonly fetchApi?: typeof fetch;
  /** Key of an API token. */
  readonly token?: string;
  /** The browser's cookies; shared with other clients when given, else empty at first. */
  readonly cookies?: CookieJar;
  /** What judges the answers. Without it they count for the ratchet, so a test with a made-up server gives `checkResponse`. */
  readonly observe?: Observe;
}

const loadModule = createRequire(import.meta.url);
const maxRedirects = 20;
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A configuration for the classes of `@goauthentik/api`. Every answer is checked against the contract; one that breaks it
 * throws an error that says how. Cookies are kept, the CSRF header is sent as browsers' clients do (contract part 2, 3).
 */
export function realClient(options: ClientOptions): published.Configuration {
  const { Configuration }: Pick<Published, 'Configuration'> = loadModule('@goauthentik/api/dist/runtime.js');
  return new Configuration({
    basePath: `${options.baseUrl}/api/v3`,
    fetchApi: checkedFetch(options),
    ...(options.token === undefined ? {} : { accessToken: options.token }),
  });
}

/** One API class of the published client, such as `FlowsApi`; loads that class and not the other thirty. */
export function realApi<Name extends ApiName>(name: Name): Published[Name] {
  const loaded: Pick<Published, Name> = loadModule(`@goauthentik/api/dist/apis/${name}.js`);
  return loaded[name];
}

/** A fetch that keeps cookies, follows redirects itself (with their cookies) and checks every answer under `/api/v3`. */
export function checkedFetch(options: ClientOptions): typeof fetch {
  const jar = options.cookies ?? new CookieJar();
  return async (input, init) => {
    let request = new Request(input, { ...init, redirect: 'manual' });
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const response = await sendOnce(request, options, jar);
      const location = response.headers.get('location');
      if (response.status !== 302 || location === null) return response;
      const target = new URL(location, request.url);
      // The token is for this server only.
      if (target.origin !== new URL(request.url).origin) return response;
      // As browsers do: what follows a 302 is a GET without body.
      const authorization = request.headers.get('authorization');
      const headers = authorization === null ? new Headers() : new Headers({ authorization });
      request = new Request(target, { headers, redirect: 'manual' });
    }
    throw new Error(`more than ${maxRedirects} redirects`);
  };
}

async function sendOnce(request: Request, options: ClientOptions, jar: CookieJar): Promise<Response> {
  const { method, url } = request;
  const { fetchApi = fetch, observe = observeResponse } = options;
  await addCookies(request, jar);
  const body = safeMethods.includes(method) ? {} : { body: await request.text() };
  const response = await fetchApi(url, { method, headers: request.headers, redirect: 'manual', ...body });
  for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url);
  const text = await response.clone().text();
  const contentType = response.headers.get('content-type') ?? undefined;
  const answer = { method, url, status: response.status, contentType, body: text };
  const message = describeProblems(answer, observe(answer));
  if (message !== undefined) throw new Error(message);
  return response;
}

async function addCookies({ method, url, headers }: Request, jar: CookieJar): Promise<void> {
  const sent = await jar.getCookieString(url);
  if (sent !== '') headers.set('cookie', sent);
  if (safeMethods.includes(method)) return;
  const token = (await jar.getCookies(url)).find(({ key }) => key === 'authentik_csrf');
  if (token) headers.set('x-authentik-csrf', token.value);
}
