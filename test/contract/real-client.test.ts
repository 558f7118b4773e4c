import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { checkResponse } from './check-response.ts';
import { realApi, realClient } from './real-client.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type Handler = (request: IncomingMessage, answer: (status: number, body?: unknown, headers?: object) => void) => void;

async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response: ServerResponse) => {
    handler(request, (status, body, headers) => {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      response.writeHead(status, { ...type, ...headers }).end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
}

test('the published client speaks through it, with the token', async () => {
  let authorization: string | undefined;
  const baseUrl = await serve((request, answer) => {
    authorization = request.headers.authorization;
    answer(200, { count: 3 });
  });
  const flows = new (realApi('FlowsApi'))(realClient({ baseUrl, token: 'key', observe: checkResponse }));
  expect(await flows.flowsInstancesCacheInfoRetrieve()).toEqual({ count: 3 });
  expect(authorization).toBe('Bearer key');
});

test('an answer against the contract throws, and says how (68)', async () => {
  const baseUrl = await serve((_request, answer) => answer(200, { count: 3, secret: 'hush' }));
  const flows = new (realApi('FlowsApi'))(realClient({ baseUrl, observe: checkResponse }));
  const call = flows.flowsInstancesCacheInfoRetrieve();
  await expect(call).rejects.toMatchObject({ cause: { message: expect.stringContaining('"secret"') } });
});

test('an error of the contract is the client’s own error', async () => {
  const baseUrl = await serve((_request, answer) => answer(403, { detail: 'no' }));
  const flows = new (realApi('FlowsApi'))(realClient({ baseUrl, observe: checkResponse }));
  await expect(flows.flowsInstancesCacheInfoRetrieve()).rejects.toMatchObject({ response: { status: 403 } });
});

test('cookies are kept, the CSRF header is sent, and redirects of the executor are followed with both', async () => {
  const seen: string[] = [];
  const baseUrl = await serve((request, answer) => {
    const { cookie = '-', 'x-authentik-csrf': csrf = '-' } = request.headers;
    seen.push(`${request.method} ${cookie} ${String(csrf)}`);
    const here = { location: request.url, 'set-cookie': 'authentik_session=two; Path=/; HttpOnly' };
    if (request.method === 'POST') return answer(302, undefined, here);
    const cookies = ['authentik_session=one; Path=/; HttpOnly', 'authentik_csrf=token; Path=/'];
    return answer(200, { component: 'xak-flow-redirect', to: '/' }, seen.length === 1 ? { 'set-cookie': cookies } : {});
  });
  const flows = new (realApi('FlowsApi'))(realClient({ baseUrl, observe: checkResponse }));
  const place = { flowSlug: 'enrollment', query: '' };
  await flows.flowsExecutorGet(place);
  const challenge = await flows.flowsExecutorSolve(place);
  expect(challenge).toMatchObject({ component: 'xak-flow-redirect', to: '/' });
  expect(seen).toEqual([
    'GET - -',
    'POST authentik_session=one; authentik_csrf=token token',
    'GET authentik_session=two; authentik_csrf=token -',
  ]);
});
