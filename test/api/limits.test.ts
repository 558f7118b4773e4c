import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../app.ts';
import { abandon, sendRaw } from './raw-socket.ts';
import { INVITATIONS } from './urls.ts';

const app = await testApp();
const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

let url = '';
let baseUrl = '';
let before: unknown;
beforeAll(async () => {
  baseUrl = await app.http.listen({ host: '127.0.0.1', port: 0 });
});
beforeEach(async () => {
  const made = await app.api('POST', INVITATIONS, { name: 'kept', fixed_data: { a: 1 } });
  url = `${INVITATIONS}${made.body.pk}/`;
  before = made.body;
});

/** Sends raw JSON by POST, PUT and PATCH; the answers, after looking that nothing has changed. */
async function refuse(payload: string | Buffer, options: { type?: string; headers?: Record<string, string> } = {}) {
  const rows = (await app.api('GET', INVITATIONS)).body.pagination.count;
  const answers = [];
  for (const method of ['POST', 'PUT', 'PATCH']) {
    const path = method === 'POST' ? INVITATIONS : url;
    answers.push(await app.api(method, path, undefined, { payload, type: 'application/json', ...options }));
  }
  expect((await app.api('GET', url)).body).toEqual(before);
  expect((await app.api('GET', INVITATIONS)).body.pagination.count).toBe(rows);
  return answers;
}

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const withData = (data: string): string => `{"name":"n","fixed_data":${data}}`;

describe('what is over a limit is refused on its field, and nothing changes (76, P4)', () => {
  test.each([
    ['more than 64 KiB', `{"a":"${'x'.repeat(64 * KIBIBYTE)}"}`],
    ['more than 32 levels', nested(33)],
    ['a NUL in a string (P7)', '{"a":"\\u0000"}'],
    ['a NUL in a key (P7)', '{"a\\u0000":1}'],
    ['the key __proto__ (P5, T12)', '{"__proto__":{"admin":true}}'],
    ['the key constructor, deep (P5, T12)', '{"a":[{"b":{"constructor":{"prototype":{"admin":1}}}}]}'],
    ['the key prototype, escaped (P5, T12)', '{"proto\\u0074ype":1}'],
    ['an integer that a double cannot hold (P6)', '{"a":9007199254740993}'],
    ['a number beyond all doubles (P6)', '{"a":1e400}'],
    ['a lone surrogate (P7)', '{"a":"\\ud800"}'],
  ])('fixed_data with %s', async (_what, data) => {
    for (const answer of await refuse(withData(data))) {
      expect(answer.status).toBe(400);
      expect(Object.keys(answer.body)).toEqual(['fixed_data']);
    }
  });

  test.each(['__proto__', 'constructor', 'prototype', 'x\\u0000'])('the key %s of the body itself', async (key) => {
    for (const answer of await refuse(`{"name":"n","${key}":{"single_use":true}}`)) expect(answer.status).toBe(400);
  });

  test('a body of more than 1 MiB is a 413', async () => {
    for (const answer of await refuse(withData(`{"a":"${'x'.repeat(MEBIBYTE)}"}`))) {
      expect(answer.status).toBe(413);
      expect(Object.keys(answer.body)).toEqual(['detail']);
    }
  });

  test('a body nested ten thousand times is a 400', async () => {
    for (const answer of await refuse(withData(nested(10_000)))) expect(answer.status).toBe(400);
  });

  test('bytes that are no UTF-8 are a 400 (P3)', async () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f]]) {
      const payload = Buffer.concat([Buffer.from('{"name":"n'), Buffer.from(bytes), Buffer.from('"}')]);
      for (const answer of await refuse(payload)) {
        expect(answer.status).toBe(400);
        expect(answer.body.detail).toMatch(/^JSON parse error - /);
      }
    }
  });

  test.each(['iso-8859-1', 'utf-16', 'utf-7', 'utf-8x'])('the charset %s is a 415 (P3)', async (charset) => {
    const type = `application/json; charset=${charset}`;
    for (const answer of await refuse('{"name":"n"}', { type })) expect(answer.status).toBe(415);
  });

  test.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip'])('a %s body is a 415 (P3)', async (encoding) => {
    const headers = { 'content-encoding': encoding };
    for (const answer of await refuse(gzipSync('{"name":"n"}'), { headers })) expect(answer.status).toBe(415);
  });
});

test('what is just within the limits is taken', async () => {
  const largest = `{"a":"${'x'.repeat(64 * KIBIBYTE - '{"a":""}'.length)}"}`;
  for (const data of [largest, nested(32), '{"a":9007199254740991,"b":0.1,"c":-0.5e-3}', '{"proto":"constructor"}']) {
    const answer = await app.api('PATCH', url, undefined, {
      payload: `{"fixed_data":${data}}`,
      type: 'application/json',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.fixed_data).toEqual(JSON.parse(data));
  }
});

test('prototype keys in a query change no other answer (T12)', async () => {
  const clean = (await app.api('GET', '/api/v3/core/users/me/', undefined, { token: null })).text;
  const query = '__proto__[admin]=1&constructor.prototype.admin=1&__proto__=x&ordering=__proto__&search=constructor';
  expect((await app.api('GET', `${INVITATIONS}?${query}`)).status).toBe(200);
  await refuse('{"name":"n","__proto__":{"detail":"polluted"}}');
  expect((await app.api('GET', '/api/v3/core/users/me/', undefined, { token: null })).text).toBe(clean);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe('request targets on a socket', () => {
  const request = (target: string, more = ''): string =>
    `GET ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer wrong\r\nconnection: close\r\n${more}\r\n`;

  test.each([
    ['/api/v3/stages/./invitation/invitations/', 404],
    ['/api/v3/core/../stages/invitation/invitations/', 404],
    ['/api/v3/stages/invitation/invitations/%2e%2e/', 404],
    ['/api/v3/stages/invitation/invitations/a%2fb/', 404],
    ['/api/v3/stages/invitation/invitations/%00/', 403],
    ['/api/v3/%ff%fe/', 400],
    ['//api//v3///stages/invitation/invitations/', 403],
    ['http://localhost/api/v3/stages/invitation/invitations/', 400],
    ['*', 400],
  ])('%s is a %i in JSON', async (target, status) => {
    const answer = await sendRaw(baseUrl, request(target));
    expect(answer.status).toBe(status);
    expect(answer.headers.toLowerCase()).toMatch(/content-type: application\/json\r?$/m);
    expect(Object.keys(JSON.parse(answer.body))).toEqual(['detail']);
  });

  test('two Host headers are a 400', async () => {
    expect((await sendRaw(baseUrl, request(INVITATIONS, 'host: other\r\n'))).status).toBe(400);
  });

  test('the limit of 1 MiB holds for a body without a length too', async () => {
    const { body: me } = await app.api('GET', '/api/v3/core/users/me/');
    expect(me.user.username).toBe('akadmin');
    const chunk = 'x'.repeat(2 * MEBIBYTE);
    const answer = await sendRaw(
      baseUrl,
      `POST ${INVITATIONS} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\n` +
        'content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n' +
        `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`,
    );
    expect(answer.status).toBe(413);
  });

  test.each([
    ['is cut short', 'content-length: 50\r\n\r\n{"name"'],
    ['has a broken chunk', 'transfer-encoding: chunked\r\n\r\n2\r\n{"\r\nzz\r\n'],
  ])('a body that %s is no failure of the server: no event of one, no line of one', async (_what, rest) => {
    await abandon(
      baseUrl,
      `POST ${INVITATIONS} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\n` +
        `content-type: application/json\r\n${rest}`,
    );
    await vi.waitFor(() => expect(app.logged.at(-1)?.fields).toMatchObject({ method: 'POST', status: 400 }), 10_000);
    expect(app.logged.filter(({ level }) => level === 'error')).toEqual([]);
    const { body } = await app.api('GET', '/api/v3/events/events/?action=system_exception');
    expect(body.results).toEqual([]);
  });

  test.each([
    ['what is no HTTP', 400, 'NONSENSE\r\n\r\n'],
    ['a header field of 20 KB', 431, request(INVITATIONS, `x: ${'x'.repeat(20_000)}\r\n`)],
    ['no Host header', 400, `GET ${INVITATIONS} HTTP/1.1\r\nconnection: close\r\n\r\n`],
    ['an unknown expectation', 403, request(INVITATIONS, 'expect: something\r\n')],
  ])('%s gets its %i in JSON, with the id that its line in the log has', async (_what, status, text) => {
    const { headers, body, ...answer } = await sendRaw(baseUrl, text);
    expect(answer.status).toBe(status);
    expect(Object.keys(JSON.parse(body))).toEqual(['detail']);
    const [, requestId] = /^x-request-id: ([0-9a-f]{32})\r?$/im.exec(headers) ?? [];
    expect(app.logged.filter(({ fields }) => fields?.['requestId'] === requestId)).toMatchObject([
      { message: 'request', fields: { status } },
    ]);
  });
});
