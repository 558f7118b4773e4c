import { beforeAll, describe, expect, test } from 'vitest';
import { buildAccount, buildSession } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import type { Answer } from '../jar.ts';
import { NOTES, noteOperations, notesTable } from './builders.ts';

const app = await testApp({ provides: noteOperations });
const API = '/api/vestibule/v1';

beforeAll(async () => {
  await app.ctx.db.query(notesTable);
});

const make = (text: string, headers: Record<string, string> = {}): Promise<Answer> =>
  app.api('POST', NOTES, { text }, { headers });

const count = async (): Promise<number> =>
  (await app.ctx.db.query<{ count: number }>('select count(*)::integer as count from note'))[0]?.count ?? 0;

describe('a problem', () => {
  test('has a stable type and code, title, status, detail and the id of its request (RFC 9457)', async () => {
    const answer = await app.api('GET', `${NOTES}/0`);
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: `${API}/problems/not_found`,
      code: 'not_found',
      title: 'Not found',
      status: 404,
      detail: expect.any(String),
      request_id: answer.headers['x-request-id'],
    });
  });

  test('has a page where its type says, also one that a feature brings', async () => {
    for (const code of ['not_found', 'no_more_notes', 'invalid_fields']) {
      const page = await app.api('GET', `${API}/problems/${code}`, undefined, { token: null });
      expect(page.status).toBe(200);
      expect(page.text).toContain(code);
    }
    expect((await app.api('GET', `${API}/problems/nothing`)).status).toBe(404);
  });

  test('of fields names every one of them by a pointer, at every depth, unknown ones too', async () => {
    const answer = await app.api('POST', NOTES, { text: 7, tags: [], 'a/b': 1 });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('invalid_fields');
    expect(answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
      ['/text', 'wrong_type'],
      ['/tags', 'wrong_type'],
      ['/a~1b', 'unknown'],
    ]);
  });

  test('of the query names every parameter, unknown ones too', async () => {
    const { body, status } = await app.api('GET', `${NOTES}?limit=0&limmit=3&cursor=x`);
    expect(status).toBe(422);
    expect(body.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(['limit', 'limmit']);
  });

  test('T12 keys that reach a prototype and what cannot be stored are refused by their place', async () => {
    const payload = '{"text":"a","tags":{"__proto__":{"x":1},"n":1e999}}';
    const { status, body } = await app.api('POST', NOTES, undefined, { payload });
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/tags/__proto__', '/tags/n']);
  });

  test('that is ours tells nothing, and is in the log and the events under its request', async () => {
    const answer = await app.api('GET', `${API}/broken-note`);
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('sesame');
    expect(answer.body.code).toBe('internal_error');
    const failed = app.logged.filter(({ message }) => message === 'request failed');
    expect(failed.at(-1)?.fields?.['requestId']).toBe(answer.body.request_id);
  });
});

describe('who asks', () => {
  test('nobody gets a 401 with a challenge, and so does a bad token', async () => {
    const nobody = await app.api('GET', NOTES, undefined, { token: null });
    expect([nobody.status, nobody.body.code]).toEqual([401, 'not_authenticated']);
    expect(nobody.headers['www-authenticate']).toBe('Bearer realm="vestibule"');
    const wrong = await app.api('GET', NOTES, undefined, { token: 'wrong' });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_token']);
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="vestibule", error="invalid_token"');
    const basic = await app.api('GET', NOTES, undefined, { token: null, headers: { authorization: 'Basic YTpi' } });
    expect(basic.status).toBe(401);
  });

  test('T16 a session needs its CSRF token to change something, and none to read', async () => {
    const { id } = await buildAccount(app.ctx);
    const { cookie, csrf } = await buildSession(app.ctx, id);
    const ask = (method: string, headers: Record<string, string>) =>
      app.api(method, NOTES, method === 'GET' ? undefined : { text: 'csrf' }, { token: null, headers });
    expect((await ask('GET', { cookie })).status).toBe(200);
    const refused = await ask('POST', { cookie });
    expect([refused.status, refused.body.code]).toEqual([403, 'csrf_failed']);
    expect((await ask('POST', { cookie, 'x-authentik-csrf': csrf })).status).toBe(201);
  });
});

describe('a request', () => {
  test('with another method is a 405 that says which there are', async () => {
    const answer = await app.api('DELETE', NOTES);
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, POST, HEAD, OPTIONS']);
    expect((await app.api('OPTIONS', NOTES)).headers['allow']).toBe('GET, POST, HEAD, OPTIONS');
  });

  test('to what is not there is a problem, with a slash at the end too', async () => {
    for (const path of ['/nothing', '/notes/', '/notes/1/2/3']) {
      const answer = await app.api('GET', `${API}${path}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
  });

  test('that accepts no JSON is a 406, and one that accepts what the operation answers is served', async () => {
    const ask = (path: string, accept: string) => app.api('GET', `${API}${path}`, undefined, { headers: { accept } });
    expect((await ask('/notes', 'text/html')).status).toBe(406);
    expect((await ask('/notes', 'application/json;q=0, text/html')).status).toBe(406);
    expect((await ask('/notes', 'text/html, application/*;q=0.5')).status).toBe(200);
    expect((await ask('/open-note', 'text/plain')).text).toBe('hello');
  });

  test('with a body of another type, charset or coding is a 415, of broken JSON a 400, too large a 413', async () => {
    const send = (type: string, payload: string, headers: Record<string, string> = {}) =>
      app.api('POST', NOTES, undefined, { payload, type, headers });
    expect((await send('text/plain', '{}')).status).toBe(415);
    expect((await send('application/json; charset=latin1', '{}')).status).toBe(415);
    expect((await send('application/json', '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await send('application/json', '{')).body.code).toBe('malformed_json');
    expect((await send('application/json', `"${'a'.repeat(1024 * 1024)}"`)).status).toBe(413);
  });

  test('to an unknown object is a 404, whatever its body', async () => {
    const answer = await app.api('PATCH', `${NOTES}/0`, undefined, { payload: '{', headers: { 'if-match': '*' } });
    expect(answer.status).toBe(404);
  });

  test('tells how much of the quota is left', async () => {
    const { headers } = await app.api('GET', NOTES);
    expect(headers['ratelimit-policy']).toBe('"default";q=6000;w=60');
    expect(headers['ratelimit']).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  test('HEAD answers what GET does, without the body', async () => {
    const answer = await app.http.inject({ method: 'HEAD', url: `${API}/open-note`, headers: { host: 'localhost' } });
    expect([answer.statusCode, answer.body, answer.headers['content-length']]).toEqual([200, '', '5']);
  });
});

test('E16 more requests than the limit are a 429 that says when the next is served, for one account only', async () => {
  const limited = await testApp({ provides: noteOperations, env: { VESTIBULE_API_RATE_LIMIT: '5' } });
  const { token } = await buildAccount(limited.ctx);
  const url = `${API}/open-note`;
  const answers: Answer[] = [];
  // The window may end once meanwhile, not twice.
  for (let at = 0; at < 12; at += 1) answers.push(await limited.api('GET', url));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(2);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
  expect(refused[0]?.body.code).toBe('too_many_requests');
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await limited.api('GET', url, undefined, { token })).status).toBe(200);
  // Refused tokens count for the address that sends them.
  const guesses: number[] = [];
  for (let at = 0; at < 12; at += 1)
    guesses.push((await limited.api('GET', url, undefined, { token: `no-${at}` })).status);
  expect(new Set(guesses)).toEqual(new Set([401, 429]));
});

describe('an Idempotency-Key', () => {
  test('makes one note of the same request sent again, with the same answer', async () => {
    const before = await count();
    const first = await make('once', { 'idempotency-key': 'k1' });
    const again = await make('once', { 'idempotency-key': 'k1' });
    expect(first.status).toBe(201);
    expect([again.status, again.text, again.headers['location']]).toEqual([201, first.text, first.headers['location']]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await count()).toBe(before + 1);
  });

  test('that came with another body is a 422, and nothing happens', async () => {
    await make('one', { 'idempotency-key': 'k2' });
    const before = await count();
    const other = await make('two', { 'idempotency-key': 'k2' });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(await count()).toBe(before);
  });

  test('of eight requests at once one runs, the others get its answer or a 409', async () => {
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 8 }, () => make('slow', { 'idempotency-key': 'k3' })));
    expect(await count()).toBe(before + 1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const refused = answers.find(({ status }) => status === 409);
    expect([refused?.body.code, refused?.headers['retry-after']]).toEqual(['idempotency_key_in_use', '1']);
  });

  test('is somebody’s own: of two accounts each makes a note', async () => {
    const { token } = await buildAccount(app.ctx);
    const before = await count();
    await make('mine', { 'idempotency-key': 'k4' });
    const theirs = await app.api('POST', NOTES, { text: 'theirs' }, { token, headers: { 'idempotency-key': 'k4' } });
    expect([theirs.status, theirs.body.text]).toEqual([201, 'theirs']);
    expect(await count()).toBe(before + 2);
  });

  test('of nobody known counts for nothing, so that no stranger gets the answer', async () => {
    const open = () =>
      app.api('POST', `${API}/open-note`, { text: 'open' }, { token: null, headers: { 'idempotency-key': 'k0' } });
    const [first, second] = [await open(), await open()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).not.toBe(first.body.id);
  });

  test('is not used up by a request that failed', async () => {
    expect((await make('full', { 'idempotency-key': 'k5' })).status).toBe(409);
    expect((await make('good', { 'idempotency-key': 'k5' })).status).toBe(201);
  });

  test('keeps its answer sealed, for a day', async () => {
    await make('sealed', { 'idempotency-key': 'k6' });
    const [row] = await app.ctx.db.query<{ body: Buffer }>(`select body from idempotent_answer where key = 'k6'`);
    expect(row?.body.toString('latin1')).not.toContain('sealed');
    await app.ctx.db.query(`update idempotent_answer set created = now() - interval '25 hours' where key = 'k6'`);
    const before = await count();
    expect((await make('sealed', { 'idempotency-key': 'k6' })).headers['idempotency-replayed']).toBeUndefined();
    expect(await count()).toBe(before + 1);
  });

  test('that is none is a 422', async () => {
    const answer = await make('bad', { 'idempotency-key': 'with space' });
    expect([answer.status, answer.body.errors[0].parameter]).toEqual([422, 'Idempotency-Key']);
  });
});

describe('an ETag', () => {
  test('lets a client that has the object already get a 304', async () => {
    const { headers } = await make('fresh');
    const url = String(headers['location']);
    const etag = String((await app.api('GET', url)).headers['etag']);
    expect(etag).toMatch(/^"[^"]+"$/);
    const fresh = await app.api('GET', url, undefined, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([fresh.status, fresh.text, fresh.headers['etag']]).toEqual([304, '', etag]);
    expect((await app.api('GET', url, undefined, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('is demanded by a change (428), and one that is not true any more is a 412', async () => {
    const url = String((await make('changes')).headers['location']);
    const etag = String((await app.api('GET', url)).headers['etag']);
    const change = (text: string, headers: Record<string, string>) => app.api('PATCH', url, { text }, { headers });
    expect((await change('x', {})).status).toBe(428);
    const changed = await change('first', { 'if-match': etag });
    expect([changed.status, changed.body.text]).toEqual([200, 'first']);
    expect((await change('second', { 'if-match': etag })).status).toBe(412);
    expect((await change('second', { 'if-match': `W/${String(changed.headers['etag'])}` })).status).toBe(412);
    expect((await change('second', { 'if-match': String(changed.headers['etag']) })).status).toBe(200);
    expect((await change('third', { 'if-match': '*' })).status).toBe(200);
  });

  test('of eight changes at once with one ETag lets one through', async () => {
    const url = String((await make('race')).headers['location']);
    const etag = String((await app.api('GET', url)).headers['etag']);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        app.api('PATCH', url, { text: `n${at}` }, { headers: { 'if-match': etag } }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(412)]);
  });
});

test('PATCH is a merge patch: null takes away, objects are merged, what is missing afterwards is a problem', async () => {
  const made = await app.api('POST', NOTES, { text: 'merge', tags: { a: 1, b: { c: 1, d: 2 } } });
  const url = String(made.headers['location']);
  const patch = (json: unknown, type: string) => app.api('PATCH', url, json, { type, headers: { 'if-match': '*' } });
  const changed = await patch({ tags: { a: null, b: { c: 3 } } }, 'application/merge-patch+json');
  expect(changed.body).toMatchObject({ text: 'merge', tags: { b: { c: 3, d: 2 } } });
  expect(Object.keys(changed.body.tags)).toEqual(['b']);
  expect((await patch({ tags: null }, 'application/json')).body.tags).toEqual({});
  const missing = await patch({ text: null }, 'application/json');
  expect(missing.body.errors[0]).toMatchObject({ pointer: '/text', code: 'required' });
});

describe('a cursor', () => {
  test('goes through all items once, also while others are added', async () => {
    const all: number[] = [];
    let url = `${NOTES}?limit=3`;
    for (let page = 0; page < 100; page += 1) {
      const { body } = await app.api('GET', url);
      all.push(...body.items.map(({ id }: { id: number }) => id));
      if (page < 3) await make('inserted');
      if (body.next === null) break;
      url = `${NOTES}?limit=3&cursor=${body.next}`;
    }
    expect(all.length).toBeGreaterThan(9);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(all.toSorted((a, b) => b - a));
  });

  test('that was changed, or is another list’s, is a 422', async () => {
    const { next } = (await app.api('GET', `${NOTES}?limit=1`)).body;
    const [payload, signature] = next.split('.');
    const forged = Buffer.from('["5"]').toString('base64url');
    for (const cursor of [`${forged}.${signature}`, `${payload}.`, payload, `${next}x`, `${next}.x`, '.']) {
      const answer = await app.api('GET', `${NOTES}?cursor=${cursor}`);
      expect([answer.status, answer.body.errors[0].parameter]).toEqual([422, 'cursor']);
    }
  });
});

test('an answer holds the declared keys only', async () => {
  expect(Object.keys((await app.api('GET', `${API}/leaking-note`)).body)).toEqual(['id', 'text', 'tags']);
});
