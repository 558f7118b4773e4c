import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiError } from '../errors/api-error.ts';
import { Book, Greeting, toyApp } from '../resource/builders.ts';
import type { ToyApp } from '../resource/builders.ts';
import { defineShape, f } from '../resource/fields.ts';
import { defineEndpoint, endpoint } from './endpoint.ts';
import { reply } from './message.ts';
import { rawRoute } from './raw-route.ts';
import type { ApiAnswer } from './server.ts';

const Echo = defineShape('Echo', { text: f.string(), times: f.integer(), absent: f.string({ required: false }) });

const greet = defineEndpoint({
  on: Book,
  method: 'POST',
  path: 'greet/',
  operationId: 'toys_books_greet_create',
  permission: 'toys.add_book',
  query: { loud: f.boolean({ default: false }) },
  body: Greeting,
  responses: { 200: Echo },
  before({ actor }, { raw, object }) {
    if (raw['text'] === 'early')
      throw new ApiError(400, { error: `no ${String(object['name'])} for ${actor?.username ?? ''}` });
  },
  handle: (_ctx, { body, query }) => ({
    text: query.loud === true ? String(body.text).toUpperCase() : body.text,
    times: body.times,
    leaked: 'never',
  }),
});

const open = defineEndpoint({
  method: 'GET',
  path: '/toys/open/{slug}/',
  operationId: 'toys_open',
  permission: 'public',
  responses: { 200: Echo },
  handle: (_ctx, { params }) => ({ text: params['slug'], times: 1 }),
});

const moved = defineEndpoint({
  method: 'POST',
  path: '/toys/moved/',
  operationId: 'toys_moved',
  permission: null,
  responses: { 204: null },
  handle: () => reply({ redirect: '/elsewhere/', cookies: ['a=1', 'b=2'] }),
});

const broken = defineEndpoint({
  method: 'GET',
  path: '/toys/broken/',
  operationId: 'toys_broken',
  permission: 'public',
  responses: { 204: null },
  handle() {
    throw new Error('the secret is 42');
  },
});

const page = {
  methods: ['GET' as const],
  path: '/page/{name}/',
  handle: (_ctx: unknown, request: { params: Readonly<Record<string, string>> }) => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<p>${request.params['name'] ?? ''}</p>`,
  }),
};

let app: ToyApp;
let url: string;
const answers: ApiAnswer[] = [];
beforeAll(async () => {
  const provides = [...[greet, open, moved, broken].map((one) => endpoint(one)), rawRoute(page)];
  app = await toyApp({ provides, server: { onAnswer: (answer) => answers.push(answer), anonymousPerSecond: 50 } });
  url = `/toys/books/${(await app.send('POST', '/toys/books/', { name: 'subject' })).json().pk}/`;
});
afterAll(() => app.close());

const NOBODY = '/toys/books/00000000-0000-4000-8000-00000000dead/';
const anonymous = { headers: { authorization: '' } };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('authentication and permission (52)', () => {
  test('no credentials are 403, never 401, without WWW-Authenticate', async () => {
    const answer = await app.send('GET', '/toys/books/', undefined, anonymous);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(answer.json()).toEqual({ detail: 'Authentication credentials were not provided.' });
  });

  test('what authentication throws is the answer', async () => {
    const answer = await app.send('GET', '/toys/books/', undefined, { headers: { authorization: 'Bearer nonsense' } });
    expect([answer.statusCode, answer.json()]).toEqual([403, { detail: 'Token invalid/expired' }]);
  });

  test.each([
    ['GET', '/toys/books/', 'toys.view_author'],
    ['POST', '/toys/books/', 'toys.view_book,toys.change_book'],
    ['PUT', NOBODY, 'toys.view_book'],
    ['PATCH', NOBODY, 'toys.change_book'],
    ['DELETE', NOBODY, 'toys.view_book,toys.change_book'],
    ['POST', `${NOBODY}greet/`, 'toys.add_book'],
  ])('%s %s with only %s is 403, also for an unknown id', async (method, path, permissions) => {
    const answer = await app.send(method, path, {}, { headers: { authorization: `Bearer may:${permissions}` } });
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      { detail: 'You do not have permission to perform this action.' },
    ]);
  });

  test('cookies that authentication sets come with the answer', async () => {
    const answer = await app.send('GET', '/toys/books/', undefined, {
      headers: { authorization: 'Bearer may:toys.view_book' },
    });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([200, ['seen=1']]);
  });

  test('a public endpoint takes the anonymous, but no bad token', async () => {
    expect((await app.send('GET', '/toys/open/x/', undefined, anonymous)).json()).toEqual({ text: 'x', times: 1 });
    expect(
      (await app.send('GET', '/toys/open/x/', undefined, { headers: { authorization: 'Bearer bad' } })).statusCode,
    ).toBe(403);
  });
});

describe('the order of checks (P1)', () => {
  const text = { payload: 'x', headers: { 'content-type': 'text/plain' } };

  test('Accept comes before authentication', async () => {
    const answer = await app.send('GET', '/toys/books/', undefined, {
      headers: { authorization: '', accept: 'text/html' },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      406,
      { detail: 'Could not satisfy the request Accept header.' },
    ]);
  });

  test('a stranger is refused before method, object and body are looked at', async () => {
    const headers = { ...text.headers, authorization: '' };
    expect((await app.send('POST', NOBODY, undefined, { ...text, headers })).statusCode).toBe(403);
  });

  test('the method comes before the object, the object before the body, the body before its fields', async () => {
    expect((await app.send('POST', NOBODY, undefined, text)).statusCode).toBe(405);
    expect((await app.send('POST', `${NOBODY}greet/`, undefined, text)).statusCode).toBe(404);
    expect((await app.send('POST', `${url}greet/`, undefined, text)).statusCode).toBe(415);
    expect((await app.send('POST', `${url}greet/`, {})).json()).toEqual({ times: ['This field is required.'] });
  });

  test('an endpoint may put an error before the checks of its fields', async () => {
    const answer = await app.send('POST', `${url}greet/`, { text: 'early' });
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: 'no subject for ada' }]);
  });
});

describe('bodies (53) (D16)', () => {
  const post = (payload: string | Buffer, headers: Record<string, string>) =>
    app.send('POST', '/toys/books/', undefined, { payload, headers });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/vnd.api+json'],
    ['application/json; charset=iso-8859-1'],
    ['garbage'],
  ])('the content type %s is 415 and named', async (type) => {
    const answer = await post('{"name":"n"}', { 'content-type': type });
    expect([answer.statusCode, answer.json()]).toEqual([
      415,
      { detail: `Unsupported media type "${type}" in request.` },
    ]);
  });

  test.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON; x=1'])(
    'the content type %s is taken',
    async (type) => expect((await post('{"name":"n"}', { 'content-type': type })).statusCode).toBe(201),
  );

  test('an encoded body is 415 (P3)', async () => {
    expect((await post('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' })).statusCode).toBe(415);
  });

  test('malformed JSON and bad UTF-8 are 400 with the prefix', async () => {
    for (const payload of ['{', '{"name":"a",}', Buffer.from([0x22, 0xff, 0x22])]) {
      const answer = await post(payload, JSON_TYPE);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().detail).toMatch(/^JSON parse error - /);
    }
  });

  test('an empty body with the JSON type counts as {}', async () => {
    expect((await post('', JSON_TYPE)).json()).toEqual({ name: ['This field is required.'] });
  });

  test('more than 1 MiB is 413, whether the length is announced or not; 1 MiB is read', async () => {
    const big = `{"name":"n","fixed_data":{"a":"${'x'.repeat(1024 * 1024)}"}}`;
    expect((await post(big, JSON_TYPE)).statusCode).toBe(413);
    expect((await post(big, { ...JSON_TYPE, 'content-length': '', 'transfer-encoding': 'chunked' })).statusCode).toBe(
      413,
    );
    const small = `{"name":"n"${' '.repeat(1024 * 1024 - 12)}}`;
    expect((await post(small, JSON_TYPE)).statusCode).toBe(201);
  });
});

describe('routes (46) (75) (D14)', () => {
  test.each(['/toys/books', '/toys/nothing/', '/toys/books/a.b/', '/toys/books/a%2Fb/', '/toys/open/a.b/', '/'])(
    '%s is a JSON 404',
    async (path) => {
      const answer = await app.send('GET', path);
      expect([answer.statusCode, answer.headers['content-type'], answer.json()]).toEqual([
        404,
        'application/json',
        { detail: 'Not found.' },
      ]);
    },
  );

  test('an unknown path with an odd content type is a 404 all the same', async () => {
    const answer = await app.send('POST', '/toys/nothing/', undefined, {
      payload: 'x',
      headers: { 'content-type': 'garbage' },
    });
    expect(answer.statusCode).toBe(404);
  });

  test('duplicate slashes are merged, those of the query are left alone', async () => {
    const answer = await app.send('PUT', `/${url.replace('books', '/books')}?next=//x`, { name: 'n' });
    expect(answer.statusCode).toBe(200);
  });

  test('a path that cannot be decoded is a 400', async () => {
    const answer = await app.send('GET', '/toys/open/%E0%A4%A/');
    expect([answer.statusCode, answer.json()]).toEqual([400, { detail: 'The URL cannot be decoded.' }]);
  });

  test('literal segments win over parameters', async () => {
    expect((await app.send('POST', '/toys/moved/', {})).statusCode).toBe(302);
  });
});

describe('methods (53)', () => {
  test('a method that the path does not have is 405 with Allow', async () => {
    const list = await app.send('DELETE', '/toys/books/');
    expect([list.statusCode, list.json(), list.headers.allow]).toEqual([
      405,
      { detail: 'Method "DELETE" not allowed.' },
      'GET, POST, HEAD, OPTIONS',
    ]);
    const detail = await app.send('POST', url, {});
    expect([detail.json(), detail.headers.allow]).toEqual([
      { detail: 'Method "POST" not allowed.' },
      'GET, PUT, PATCH, DELETE, HEAD, OPTIONS',
    ]);
  });

  test('HEAD is GET without a body', async () => {
    const head = await app.send('HEAD', url);
    const get = await app.send('GET', url);
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      get.headers['content-length'],
    ]);
  });

  test('OPTIONS describes the path, to those who are somebody', async () => {
    const answer = await app.send('OPTIONS', '/toys/books/');
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([
      200,
      ['name', 'description', 'renders', 'parses', 'actions'],
    ]);
    expect((await app.send('OPTIONS', '/toys/books/', undefined, anonymous)).statusCode).toBe(403);
  });
});

describe('answers', () => {
  test('exactly the declared keys leave an endpoint, defaults are filled in, the query is read', async () => {
    const answer = await app.send('POST', `${url}greet/?loud=true`, { times: '2' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { text: 'HELLO', times: 2 }]);
  });

  test('an endpoint may answer by hand', async () => {
    const answer = await app.send('POST', '/toys/moved/', {});
    expect([answer.statusCode, answer.headers.location, answer.headers['set-cookie']]).toEqual([
      302,
      '/elsewhere/',
      ['a=1', 'b=2'],
    ]);
  });

  test('what nobody expected is a 500 that tells nothing', async () => {
    const answer = await app.send('GET', '/toys/broken/');
    expect([answer.statusCode, answer.json()]).toEqual([500, { detail: 'Internal server error' }]);
  });

  test('answers of the API are not stored, sniffed or framed (S19)', async () => {
    for (const path of ['/toys/books/', '/nothing/']) {
      expect((await app.send('GET', path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  test('a raw route answers what it likes, GET and HEAD', async () => {
    const answer = await app.server.inject('/page/hello.world/');
    expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<p>hello.world</p>',
    ]);
    expect((await app.server.inject({ method: 'HEAD', url: '/page/x/' })).body).toBe('');
  });

  test('tests are told of every answer of the API', async () => {
    await app.send('GET', `${url}?a=1`);
    expect(answers.at(-1)).toMatchObject({
      method: 'GET',
      url: `/api/v3${url}?a=1`,
      status: 200,
      contentType: 'application/json',
    });
  });
});

test('anonymous callers are throttled, others are not', async () => {
  const anonymousCalls = await Promise.all(
    Array.from({ length: 120 }, () => app.send('GET', '/toys/open/x/', undefined, anonymous)),
  );
  const refused = anonymousCalls.filter(({ statusCode }) => statusCode === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.json().detail).toMatch(/^Request was throttled\. /);
  const calls = await Promise.all(Array.from({ length: 60 }, () => app.send('GET', '/toys/open/x/')));
  expect(calls.every(({ statusCode }) => statusCode === 200)).toBe(true);
});

describe('on the socket', () => {
  let address: URL;
  beforeAll(async () => {
    address = new URL(await app.server.listen({ host: '127.0.0.1', port: 0 }));
  });

  function exchange(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(address.port), address.hostname, () => socket.end(text));
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
  }

  test.each([
    ['Host', 'Host: b'],
    ['Authorization', 'Authorization: Bearer a\r\nauthorization: Bearer b'],
    ['Content-Type', 'Content-Type: application/json\r\ncontent-type: text/plain'],
  ])('two %s headers are a 400: a proxy may go by the other one (T20)', async (name, fields) => {
    const answer = await exchange(
      `GET /api/v3/toys/books/ HTTP/1.1\r\nHost: a\r\n${fields}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain(`{"detail":"More than one ${name} header."}`);
  });

  test('an absolute-form target is a 400 (T20)', async () => {
    const answer = await exchange(
      'GET http://evil/api/v3/toys/books/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*\{"detail":"/);
  });

  test('more than 200 header fields are refused, although the parser drops some in silence (P4)', async () => {
    const many = Array.from({ length: 250 }, (_, n) => `X-${n}: 1`).join('\r\n');
    const answer = await exchange(
      `GET /api/v3/toys/books/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${many}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('what is no HTTP is a 400 in JSON', async () => {
    expect(await exchange('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request[^]*\{"detail":"/);
  });

  test('an unread body does not hurt the next request on the connection', async () => {
    const body = 'x'.repeat(5000);
    const answer = await exchange(
      `POST /api/v3/toys/nothing/ HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        'GET /page/next/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('<p>next</p>');
  });
});
