import { METHODS, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../app.ts';
import { INVITATIONS, NO_CREDENTIALS, UNKNOWN_ID } from './urls.ts';

const app = await testApp();
const KNOWN = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** What Node reads; CONNECT is none to a path. */
const STRANGE = METHODS.filter((method) => !KNOWN.includes(method) && method !== 'CONNECT');
const OWN = '/api/vestibule/v1';
const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };

let base = '';
beforeAll(async () => {
  base = await app.http.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

type Got = { status: number | undefined; allow: string | undefined; type: string | undefined; text: string };

/** Over a socket, where a method may be any. */
function ask(method: string, path: string, headers: Record<string, string> = ADMIN): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${base}${path}`, { method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      const { allow, 'content-type': type } = answer.headers;
      answer.on('end', () => resolve({ status: answer.statusCode, allow, type, text }));
    });
    sent.on('error', reject).end();
  });
}

describe('a method that nothing here has', () => {
  test('is a 405 with Allow on every kind of path of the API, whichever it is', async () => {
    for (const method of STRANGE) {
      expect({ method, ...(await ask(method, INVITATIONS)) }).toMatchObject({
        method,
        status: 405,
        allow: 'GET, POST, HEAD, OPTIONS',
        text: JSON.stringify({ detail: `Method "${method}" not allowed.` }),
      });
    }
  });

  test.each([
    [`${INVITATIONS}${UNKNOWN_ID}/`, 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS'],
    [`/${INVITATIONS}${UNKNOWN_ID}/used_by/?a=b`, 'GET, HEAD, OPTIONS'],
    ['/api/v3/core/users/me/', 'GET, HEAD, OPTIONS'],
    ['/api/v3/flows/executor/a-flow/', 'GET, POST, HEAD, OPTIONS'],
    [`${OWN}/invitations`, 'GET, POST, HEAD, OPTIONS'],
    [`${OWN}/invitations/${UNKNOWN_ID}`, 'GET, PATCH, HEAD, OPTIONS'],
    [`${OWN}/openapi.json`, 'GET, HEAD'],
    ['/if/flow/default-authentication-flow/', 'GET, HEAD, POST'],
    ['/', 'GET, HEAD'],
    ['/static/dist/flow/no-such-file.js', 'GET, HEAD'],
    ['/-/health/live/', 'GET, HEAD'],
  ])('is a 405 at %s with Allow: %s', async (path, allow) => {
    for (const method of ['PROPFIND', 'TRACE']) {
      expect(await ask(method, path)).toMatchObject({ status: 405, allow });
    }
  });

  test('is a problem of its form at the own API', async () => {
    const { text, type } = await ask('PROPFIND', `${OWN}/invitations`);
    expect([type, JSON.parse(text).code]).toEqual(['application/problem+json', 'method_not_allowed']);
  });

  test('is a 404 where there is nothing', async () => {
    const nowhere = ['/api/v3/nothing/', INVITATIONS.slice(0, -1), `${INVITATIONS}a.b/`, `${OWN}/nothing`, '/nothing'];
    for (const path of [...nowhere, '/if/flow//']) {
      expect({ path, ...(await ask('PROPFIND', path)) }).toMatchObject({ path, status: 404, allow: undefined });
    }
  });

  test('tells a stranger no more than other methods do', async () => {
    const answer = await ask('PROPFIND', INVITATIONS, {});
    expect([answer.status, answer.text]).toEqual([403, JSON.stringify(NO_CREDENTIALS)]);
  });
});

test('a page answers 405 to the methods that it lacks, also to those that others have', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const answer = await ask(method, '/if/flow/default-authentication-flow/', {});
    expect([answer.status, answer.allow, answer.type]).toEqual([405, 'GET, HEAD, POST', 'application/json']);
    expect(answer.text).toBe(JSON.stringify({ detail: `Method "${method}" not allowed.` }));
  }
  expect(await ask('POST', '/flows/-/default/authentication/', {})).toMatchObject({ status: 405, allow: 'GET, HEAD' });
});
