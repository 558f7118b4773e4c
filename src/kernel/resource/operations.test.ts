import { afterAll, beforeAll, expect, test } from 'vitest';
import { toyApp } from './builders.ts';
import type { ToyApp } from './builders.ts';

let app: ToyApp;
beforeAll(async () => {
  app = await toyApp();
});
afterAll(() => app.close());

const NOBODY = '00000000-0000-4000-8000-00000000dead';

async function shelf(slug: string): Promise<string> {
  const answer = await app.send('POST', '/toys/shelves/', { slug, title: slug });
  expect(answer.statusCode).toBe(201);
  return answer.json().pk;
}

async function book(body: object): Promise<{ pk: string; [key: string]: unknown }> {
  const answer = await app.send('POST', '/toys/books/', body);
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
  return answer.json();
}

test('creating answers 201 with exactly the declared fields in declared order, compact, and no Location', async () => {
  const flow = await shelf('first');
  const answer = await app.send('POST', '/toys/books/', { name: 'a-book', shelf: flow });
  expect(answer.statusCode).toBe(201);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers.location).toBeUndefined();
  const value = answer.json();
  expect(answer.body).toBe(JSON.stringify(value));
  expect(Object.keys(value)).toEqual([
    'pk',
    'name',
    'expires',
    'fixed_data',
    'created_by',
    'single_use',
    'shelf',
    'shelf_obj',
    'order',
  ]);
  expect(value).toMatchObject({ name: 'a-book', expires: null, fixed_data: {}, single_use: false, shelf: flow });
  expect(value.created_by).toEqual({ pk: 1, name: 'ada' });
  expect(Object.keys(value.shelf_obj)).toEqual(['pk', 'slug', 'title', 'kind', 'url', 'managed', 'books']);
  expect(value.shelf_obj.url).toBe('https://id.example.org/shelf/first/');
});

test('a nested object is null when its reference is', async () => {
  expect(await book({ name: 'loose' })).toMatchObject({ shelf: null, shelf_obj: null });
});

test('PUT keeps absent optional keys and PATCH {} changes nothing (42) (44)', async () => {
  const flow = await shelf('kept');
  const made = await book({ name: 'keep', shelf: flow, single_use: true, fixed_data: { a: [1, { b: null }] } });
  const put = await app.send('PUT', `/toys/books/${made.pk}/`, { name: 'kept' });
  expect(put.statusCode).toBe(200);
  expect(put.json()).toMatchObject({
    name: 'kept',
    shelf: flow,
    single_use: true,
    fixed_data: { a: [1, { b: null }] },
  });
  const patch = await app.send('PATCH', `/toys/books/${made.pk}/`, {});
  expect(patch.statusCode).toBe(200);
  expect(patch.json()).toEqual(put.json());
  expect((await app.send('GET', `/toys/books/${made.pk}/`)).json()).toEqual(put.json());
});

test('PUT by another one leaves the creator as it was (44)', async () => {
  const made = await book({ name: 'mine' });
  const put = await app.send(
    'PUT',
    `/toys/books/${made.pk}/`,
    { name: 'yours' },
    { headers: { authorization: 'Bearer bob' } },
  );
  expect(put.json()).toMatchObject({ name: 'yours', created_by: { name: 'ada' } });
});

test('read-only and unknown keys are ignored (45) (P9)', async () => {
  const made = await book({ name: 'fixed' });
  const body = { name: 'fixed', pk: NOBODY, created_by: 2, shelf_obj: {}, nonsense: 1, secret: 'x' };
  const put = await app.send('PUT', `/toys/books/${made.pk}/`, body);
  expect(put.statusCode).toBe(200);
  expect(put.json()).toEqual(made);
});

test('null and the empty text both clear a reference (47)', async () => {
  const flow = await shelf('cleared');
  const made = await book({ name: 'clear', shelf: flow });
  for (const value of [null, '']) {
    await app.send('PATCH', `/toys/books/${made.pk}/`, { shelf: flow });
    const put = await app.send('PUT', `/toys/books/${made.pk}/`, { name: 'clear', shelf: value });
    expect(put.json()).toMatchObject({ shelf: null, shelf_obj: null });
  }
});

test('timestamps keep their microseconds and come back in UTC (50) (P2)', async () => {
  const made = await book({ name: 'time', expires: '2130-01-01T02:00:00.123456+02:00' });
  expect(made['expires']).toBe('2130-01-01T00:00:00.123456Z');
  const put = await app.send('PATCH', `/toys/books/${made.pk}/`, { expires: '2130-01-01 00:00' });
  expect(put.json().expires).toBe('2130-01-01T00:00:00Z');
});

test('a row with a past expiry is created, and from then on gone (70)', async () => {
  const made = await book({ name: 'gone', expires: '2020-01-01T00:00:00Z' });
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await app.send(method, `/toys/books/${made.pk}/`, method === 'GET' ? undefined : { name: 'x' });
    expect([method, answer.statusCode]).toEqual([method, 404]);
  }
});

test('an unknown id is 404 with the model in its text, for every method (46)', async () => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await app.send(method, `/toys/books/${NOBODY}/`, method === 'GET' ? undefined : { name: 'x' });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({ detail: 'No Book matches the given query.' });
  }
});

test('an unknown id with a broken body is 404, not 400 or 415 (P1)', async () => {
  const url = `/toys/books/${NOBODY}/`;
  expect((await app.send('PUT', url, {})).statusCode).toBe(404);
  expect(
    (await app.send('PUT', url, undefined, { payload: '{', headers: { 'content-type': 'application/json' } }))
      .statusCode,
  ).toBe(404);
  expect(
    (await app.send('PUT', url, undefined, { payload: 'x', headers: { 'content-type': 'text/plain' } })).statusCode,
  ).toBe(404);
});

test('an id that is no UUID is 404 Not found., an undashed or upper-case one is found', async () => {
  expect((await app.send('PUT', '/toys/books/not-a-uuid/', { name: 'x' })).json()).toEqual({ detail: 'Not found.' });
  const made = await book({ name: 'any-case' });
  const undashed = made.pk.replaceAll('-', '').toUpperCase();
  expect((await app.send('GET', `/toys/books/${undashed}/`)).json().pk).toBe(made.pk);
});

test('DELETE is 204 without a body, then 404 (49)', async () => {
  const made = await book({ name: 'delete' });
  const answer = await app.send('DELETE', `/toys/books/${made.pk}/`);
  expect([answer.statusCode, answer.body]).toEqual([204, '']);
  expect((await app.send('DELETE', `/toys/books/${made.pk}/`)).statusCode).toBe(404);
});

test('a slug finds its object, also after it was changed', async () => {
  await shelf('old-slug');
  const put = await app.send('PATCH', '/toys/shelves/old-slug/', { slug: 'new-slug' });
  expect(put.json()).toMatchObject({ slug: 'new-slug', url: 'https://id.example.org/shelf/new-slug/' });
  expect((await app.send('GET', '/toys/shelves/new-slug/')).statusCode).toBe(200);
  expect((await app.send('GET', '/toys/shelves/old-slug/')).json()).toEqual({
    detail: 'No Shelf matches the given query.',
  });
});

test('integer keys route as digits only', async () => {
  expect((await app.send('GET', '/toys/authors/1/')).json()).toMatchObject({ pk: 1, name: 'ada' });
  expect((await app.send('GET', '/toys/authors/99999999999999/')).statusCode).toBe(404);
  expect((await app.send('GET', '/toys/authors/1e0/')).json()).toEqual({ detail: 'Not found.' });
});

test('a later module adds its field where it says', async () => {
  expect(Object.keys((await app.send('GET', '/toys/authors/2/')).json())).toEqual([
    'pk',
    'name',
    'book_count',
    'attributes',
  ]);
});

test('a nested list is ordered, and null when the query switches it off', async () => {
  const flow = await shelf('listed');
  for (const name of ['b', 'a', 'C']) await book({ name, shelf: flow });
  const answer = await app.send('GET', '/toys/shelves/listed/');
  expect(answer.json().books.map(({ name }: { name: string }) => name)).toEqual(['C', 'a', 'b']);
  expect((await app.send('GET', '/toys/shelves/listed/?include_books=false')).json().books).toBeNull();
});

test('a plain update is one statement, a broken one changes nothing', async () => {
  const made = await book({ name: 'counted' });
  const before = (await app.send('GET', `/toys/books/${made.pk}/`)).body;
  const answer = await app.send('PUT', `/toys/books/${made.pk}/`, { name: 'good', single_use: 'banana' });
  expect(answer.statusCode).toBe(400);
  expect((await app.send('GET', `/toys/books/${made.pk}/`)).body).toBe(before);
});
