import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { toyApp } from './builders.ts';
import type { ToyApp } from './builders.ts';
import { Film } from './builders.ts';
import { find, insert, update } from './store.ts';

let app: ToyApp;
beforeAll(async () => {
  app = await toyApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  for (const table of ['medium', 'shelf', 'journal', 'book']) await app.db.query(`delete from ${table}`);
});

async function make(path: string, body: object): Promise<string> {
  const answer = await app.send('POST', path, body);
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
  return answer.json().pk;
}

const journal = async (): Promise<string[]> =>
  (await app.db.query<{ line: string }>('select line from journal')).map(({ line }) => line);

test('a row of a base is written into both tables, with its type, and presented as one', async () => {
  const answer = await app.send('POST', '/toys/films/', { name: 'Metropolis', length: 153 });
  expect(answer.json()).toEqual({
    pk: expect.any(String),
    name: 'Metropolis',
    component: 'ak-film-form',
    length: 153,
    shelves: [],
  });
  expect(await app.db.query('select name, type from medium')).toEqual([{ name: 'Metropolis', type: 'film' }]);
});

test('a resource whose own table has only the key is created, changed and listed', async () => {
  const pk = await make('/toys/songs/', { name: 'Yesterday' });
  expect((await app.send('PUT', `/toys/songs/${pk}/`, { name: 'Today' })).json()).toEqual({
    pk,
    name: 'Today',
    component: 'ak-song-form',
  });
  expect((await app.send('GET', '/toys/songs/?search=oda')).json().results).toEqual([
    { pk, name: 'Today', component: 'ak-song-form' },
  ]);
});

test('a row of another type is not found, changed or deleted under the wrong path', async () => {
  const pk = await make('/toys/films/', { name: 'M' });
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await app.send(method, `/toys/songs/${pk}/`, method === 'GET' ? undefined : { name: 'stolen' });
    expect([method, answer.statusCode]).toEqual([method, 404]);
  }
  expect(await app.db.query('select name from medium')).toEqual([{ name: 'M' }]);
});

test('deleting takes the rows of both tables', async () => {
  const pk = await make('/toys/films/', { name: 'M' });
  expect((await app.send('DELETE', `/toys/films/${pk}/`)).statusCode).toBe(204);
  expect(await app.db.query('select 1 from medium union all select 1 from film')).toEqual([]);
});

test('a name is unique over all types of the base', async () => {
  await make('/toys/films/', { name: 'M' });
  const answer = await app.send('POST', '/toys/songs/', { name: 'M' });
  expect(answer.json()).toEqual({ name: ['medium with this name already exists.'] });
});

test('a list of links is kept in the order given, replaced as a whole, kept when absent', async () => {
  const [a, b] = [
    await make('/toys/shelves/', { slug: 'a', title: 'a' }),
    await make('/toys/shelves/', { slug: 'b', title: 'b' }),
  ];
  const pk = await make('/toys/films/', { name: 'M', shelves: [b, a] });
  expect((await app.send('PUT', `/toys/films/${pk}/`, { name: 'N' })).json().shelves).toEqual([b, a]);
  expect((await app.send('PATCH', `/toys/films/${pk}/`, { shelves: [a] })).json().shelves).toEqual([a]);
  expect((await app.send('PATCH', `/toys/films/${pk}/`, { shelves: [] })).json().shelves).toEqual([]);
});

test('an unknown link, a wrong type and a value that is no list are named, and nothing is written', async () => {
  const known = await make('/toys/shelves/', { slug: 'a', title: 'a' });
  const unknown = '8d4f2f0e-0000-4000-8000-000000000000';
  const faults = async (shelves: unknown) => (await app.send('POST', '/toys/films/', { name: 'M', shelves })).json();
  expect(await faults([known, unknown])).toEqual({ shelves: [`Invalid pk "${unknown}" - object does not exist.`] });
  expect(await faults([true])).toEqual({ shelves: ['Incorrect type. Expected pk value, received bool.'] });
  expect(await faults('x')).toEqual({ shelves: ['Expected a list of items but got type "str".'] });
  expect(await app.db.query('select 1 from medium')).toEqual([]);
});

test('hooks run in the transaction of the change', async () => {
  const pk = await make('/toys/films/', { name: 'M' });
  await app.send('PATCH', `/toys/films/${pk}/`, { name: 'N' });
  await app.send('DELETE', `/toys/films/${pk}/`);
  expect(await journal()).toEqual(['created M', 'M became N', 'deleted N']);
});

test('what validate refuses is a 400 and leaves no trace', async () => {
  expect((await app.send('POST', '/toys/films/', { name: 'M', length: 13 })).json()).toEqual({ length: ['Not that.'] });
  const pk = await make('/toys/films/', { name: 'N' });
  expect((await app.send('PATCH', `/toys/films/${pk}/`, { length: 13 })).json()).toEqual({
    length: ['Not that, changed.'],
  });
  expect(await journal()).toEqual(['created N']);
});

test('used_by lists what points at an object, with what becomes of it', async () => {
  const shelf = await make('/toys/shelves/', { slug: 'used', title: 'u' });
  const film = await make('/toys/films/', { name: 'M', shelves: [shelf] });
  const book = await make('/toys/books/', { name: 'b', shelf });
  expect((await app.send('GET', '/toys/shelves/used/used_by/')).json()).toEqual([
    { app: 'toys', model_name: 'book', pk: book, name: 'Book b', action: 'cascade' },
    { app: 'toys', model_name: 'film', pk: film, name: 'M', action: 'cascade_many' },
  ]);
  expect((await app.send('GET', '/toys/authors/1/used_by/')).json()).toEqual([
    { app: 'toys', model_name: 'book', pk: book, name: 'Book b', action: 'cascade' },
  ]);
  expect((await app.send('GET', `/toys/films/${film}/used_by/`)).json()).toEqual([]);
});

test('used_by lists only what the caller may view', async () => {
  const shelf = await make('/toys/shelves/', { slug: 'seen', title: 'u' });
  await make('/toys/books/', { name: 'b', shelf });
  const headers = { authorization: 'Bearer may:toys.view_shelf' };
  expect((await app.send('GET', '/toys/shelves/seen/used_by/', undefined, { headers })).json()).toEqual([]);
});

test('rows are made, found and changed without HTTP, for seeds', async () => {
  const target = { resource: Film, registry: app.registry };
  const key = await insert(app.db, target, { name: 'Seeded' });
  expect(await find(app.db, target, { name: 'Seeded' })).toMatchObject({ medium_uuid: key, length: 90, type: 'film' });
  expect(await update(app.db, target, { value: key, attributes: { length: 1 } })).toBe(true);
  expect(await find(app.db, target, { length: 1 })).toMatchObject({ name: 'Seeded' });
  expect(await journal()).toEqual([]);
});
