import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { DENIED, INVITATIONS, NO_CREDENTIALS, UNKNOWN_ID, USERS } from './urls.ts';

const app = await testApp();
const UNSUPPORTED = { detail: 'Unsupported authentication type' };
const INVALID = { detail: 'Token invalid/expired' };
const NO_INVITATION = { detail: 'No Invitation matches the given query.' };
const LIST_ALLOW = 'GET, POST, HEAD, OPTIONS';
const DETAIL_ALLOW = 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS';

let url = '';
let plain = '';
beforeAll(async () => {
  url = `${INVITATIONS}${(await app.api('POST', INVITATIONS, { name: 'one' })).body.pk}/`;
  const user = (await app.api('POST', USERS, { username: 'plain', name: 'Plain', path: 'users', groups: [] })).body;
  await app.api('POST', '/api/v3/core/tokens/', { identifier: 'plain', intent: 'api', user: user.pk });
  plain = (await app.api('GET', '/api/v3/core/tokens/plain/view_key/')).body.key;
});

const asked = (authorization: string) =>
  app.api('GET', INVITATIONS, undefined, { token: null, headers: { authorization } });

describe('authentication fails with 403 and never 401 (52)', () => {
  test('without credentials', async () => {
    const answer = await app.api('GET', INVITATIONS, undefined, { token: null });
    expect([answer.status, answer.body]).toEqual([403, NO_CREDENTIALS]);
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  test.each([
    ['Bearer wrong', INVALID],
    ['bearer wrong', INVALID],
    ['Basic YTpi', UNSUPPORTED],
    ['Bearer', NO_CREDENTIALS],
  ])('%s', async (authorization, body) => {
    const answer = await asked(authorization);
    expect([answer.status, answer.body]).toEqual([403, body]);
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  test.each(['BEARER', 'bearer', 'Bearer'])('the scheme may be written %s', async (scheme) => {
    expect((await asked(`${scheme} ${plain}`)).body).toEqual(DENIED);
  });
});

describe('the checks come in the contract’s order (1.2, P1)', () => {
  const broken = { payload: '{"name":', type: 'application/json' };

  test('what does not route is a 404, for the anonymous too', async () => {
    const answer = await app.api('PUT', '/api/v3/no/such/', undefined, { token: null, ...broken });
    expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.' }]);
  });

  test('Accept comes before authentication', async () => {
    const answer = await app.api('PUT', url, undefined, { token: null, ...broken, headers: { accept: 'text/html' } });
    expect([answer.status, answer.body]).toEqual([406, { detail: 'Could not satisfy the request Accept header.' }]);
  });

  test.each(['application/json', '*/*', 'application/*', 'text/html, */*;q=0.1', ''])(
    'Accept: %s takes JSON',
    async (accept) => {
      expect((await app.api('GET', url, undefined, { headers: { accept } })).status).toBe(200);
    },
  );

  test('authentication comes before the method, the object and the body', async () => {
    for (const path of [url, `${INVITATIONS}${UNKNOWN_ID}/`, `${INVITATIONS}not-a-uuid/`]) {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'POST']) {
        const answer = await app.api(method, path, undefined, { token: null, ...broken });
        expect([method, path, answer.status, answer.body]).toEqual([method, path, 403, NO_CREDENTIALS]);
      }
    }
  });

  test('permission comes before the method, the object and the body', async () => {
    for (const path of [url, `${INVITATIONS}${UNKNOWN_ID}/`, `${INVITATIONS}not-a-uuid/`]) {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'POST']) {
        const answer = await app.api(method, path, undefined, { token: plain, ...broken });
        expect([method, path, answer.status, answer.body]).toEqual([method, path, 403, DENIED]);
      }
    }
  });

  test('the method comes before the object and the body (53)', async () => {
    const answer = await app.api('POST', `${INVITATIONS}${UNKNOWN_ID}/`, undefined, broken);
    expect([answer.status, answer.body]).toEqual([405, { detail: 'Method "POST" not allowed.' }]);
    expect(answer.headers['allow']).toBe(DETAIL_ALLOW);
  });

  test.each(['PUT', 'PATCH'])('%s: the object comes before the body', async (method) => {
    for (const options of [broken, { payload: 'x', type: 'text/plain' }, { payload: '{}', type: 'application/json' }]) {
      const answer = await app.api(method, `${INVITATIONS}${UNKNOWN_ID}/`, undefined, options);
      expect([answer.status, answer.body]).toEqual([404, NO_INVITATION]);
    }
  });

  test('the body comes before its fields', async () => {
    const answer = await app.api('PUT', url, undefined, { payload: '{"name":"a b"', type: 'application/json' });
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(/^JSON parse error - /);
  });
});

describe('bodies and methods (53)', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/merge-patch+json',
    'application/json-patch+json',
    'application/jsonx',
  ])('%s is a 415', async (type) => {
    for (const [method, path] of [
      ['POST', INVITATIONS],
      ['PUT', url],
      ['PATCH', url],
    ] as const) {
      const answer = await app.api(method, path, undefined, { payload: '{"name":"typed"}', type });
      expect([answer.status, answer.body]).toEqual([415, { detail: `Unsupported media type "${type}" in request.` }]);
    }
  });

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json; charset="UTF-8"; x=y',
  ])('%s is taken', async (type) => {
    const answer = await app.api('PATCH', url, undefined, { payload: '{"name":"typed"}', type });
    expect(answer.status).toBe(200);
  });

  test.each(['{', '{"name":"a",}', "{'name':'a'}", '{"name":NaN}', 'name=a', '{"name":"a"} x', '\ufeff{"name":"a"}'])(
    'malformed JSON: %j',
    async (payload) => {
      const answer = await app.api('POST', INVITATIONS, undefined, { payload, type: 'application/json' });
      expect(answer.status).toBe(400);
      expect(answer.body.detail).toMatch(/^JSON parse error - /);
    },
  );

  test('an empty body of the JSON type is an empty object', async () => {
    const answer = await app.api('POST', INVITATIONS, undefined, { payload: '', type: 'application/json' });
    expect([answer.status, answer.body]).toEqual([400, { name: ['This field is required.'] }]);
  });

  test.each([
    ['PUT', INVITATIONS, LIST_ALLOW],
    ['PATCH', INVITATIONS, LIST_ALLOW],
    ['DELETE', INVITATIONS, LIST_ALLOW],
    ['POST', `${INVITATIONS}${UNKNOWN_ID}/`, DETAIL_ALLOW],
    ['DELETE', `${INVITATIONS}${UNKNOWN_ID}/used_by/`, 'GET, HEAD, OPTIONS'],
    ['POST', '/api/v3/flows/instances/x/execute/', 'GET, HEAD, OPTIONS'],
    ['GET', '/api/v3/flows/instances/cache_clear/', 'POST, OPTIONS'],
  ])('%s %s is a 405 with Allow: %s', async (method, path, allow) => {
    const answer = await app.api(method, path);
    expect([answer.status, answer.body]).toEqual([405, { detail: `Method "${method}" not allowed.` }]);
    expect(answer.headers['allow']).toBe(allow);
  });

  test('OPTIONS describes what is there', async () => {
    const answer = await app.api('OPTIONS', INVITATIONS);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(['name', 'description', 'renders', 'parses', 'actions']);
    expect(answer.headers['allow']).toBe(LIST_ALLOW);
    expect((await app.api('OPTIONS', INVITATIONS, undefined, { token: null })).body).toEqual(NO_CREDENTIALS);
  });

  test('HEAD answers as GET does, without the body', async () => {
    for (const path of [INVITATIONS, url, `${url}used_by/`]) {
      const answer = await app.api('HEAD', path);
      expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([200, '', 'application/json']);
    }
    expect((await app.api('HEAD', INVITATIONS, undefined, { token: null })).status).toBe(403);
    expect((await app.api('HEAD', `${INVITATIONS}${UNKNOWN_ID}/`)).status).toBe(404);
  });
});

test('all errors below /api/ are JSON, wherever they come from (D14)', async () => {
  for (const path of ['/api/', '/api/v3', '/api/v2/core/users/', '/api/v3/core/users', '/api/v3/%zz/']) {
    const answer = await app.api('GET', path);
    expect([path, answer.headers['content-type']]).toEqual([path, 'application/json']);
    expect([400, 404]).toContain(answer.status);
    expect(Object.keys(answer.body)).toEqual(['detail']);
  }
});
