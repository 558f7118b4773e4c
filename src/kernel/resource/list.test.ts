import { afterAll, beforeAll, expect, test } from 'vitest';
import { toyApp } from './builders.ts';
import type { ToyApp } from './builders.ts';

let app: ToyApp;
beforeAll(async () => {
  app = await toyApp();
  const shelf = (await app.send('POST', '/toys/shelves/', { slug: 'top', title: 'Top' })).json().pk;
  await app.send('POST', '/toys/books/', { name: 'alpha', expires: '2130-01-01T00:00:00Z' });
  await app.send(
    'POST',
    '/toys/books/',
    { name: 'Beta', shelf, order: 2 },
    { headers: { authorization: 'Bearer bob' } },
  );
  await app.send('POST', '/toys/books/', { name: 'gamma_1', expires: '2131-01-01T00:00:00.5Z', single_use: true });
  await app.send('POST', '/toys/books/', { name: 'expired', expires: '2020-01-01T00:00:00Z' });
});
afterAll(() => app.close());

async function names(query: string): Promise<string[]> {
  const answer = await app.send('GET', `/toys/books/${query}`);
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  return answer.json().results.map(({ name }: { name: string }) => name);
}

test('the envelope has all its keys, never-expiring rows come first, expired ones not at all', async () => {
  const answer = await app.send('GET', '/toys/books/');
  const { pagination, results, autocomplete } = answer.json();
  expect(Object.keys(answer.json())).toEqual(['pagination', 'results', 'autocomplete']);
  expect(pagination).toEqual({
    next: 0,
    previous: 0,
    count: 3,
    current: 1,
    total_pages: 1,
    start_index: 1,
    end_index: 3,
  });
  expect(results.map(({ name }: { name: string }) => name)).toEqual(['Beta', 'gamma_1', 'alpha']);
  expect(autocomplete).toEqual({});
});

test('an empty list is a page of nothing', async () => {
  const answer = await app.send('GET', '/toys/books/?name=none');
  expect(answer.json().pagination).toEqual({
    next: 0,
    previous: 0,
    count: 0,
    current: 1,
    total_pages: 1,
    start_index: 0,
    end_index: 0,
  });
});

test('pages have numbers for neighbours, and last names the last one', async () => {
  const second = (await app.send('GET', '/toys/books/?page=2&page_size=1')).json();
  expect(second.pagination).toEqual({
    next: 3,
    previous: 1,
    count: 3,
    current: 2,
    total_pages: 3,
    start_index: 2,
    end_index: 2,
  });
  expect(second.results).toHaveLength(1);
  expect((await app.send('GET', '/toys/books/?page=last&page_size=2')).json().pagination.current).toBe(2);
});

test.each(['0', '999', 'x', '-1', '1.5'])('page %s is 404 Invalid page. (51)', async (page) => {
  const answer = await app.send('GET', `/toys/books/?page=${page}`);
  expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Invalid page.' }]);
});

test.each(['0', '-5', 'x', ''])('a page size of %j counts as not given', async (size) => {
  expect(await names(`?page_size=${size}`)).toHaveLength(3);
});

test('the page size is capped at 100 and is 20 by default (51)', async () => {
  for (let n = 0; n < 101; n += 1) await app.db.query(`insert into shelf (slug, title) values ($1, 't')`, [`s${n}`]);
  expect((await app.send('GET', '/toys/shelves/?page_size=1000')).json().results).toHaveLength(100);
  expect((await app.send('GET', '/toys/shelves/')).json().results).toHaveLength(20);
});

test.each([
  ['?name=alpha', ['alpha']],
  ['?name=', ['Beta', 'gamma_1', 'alpha']],
  ['?name=alpha&name=Beta', ['Beta']],
  ['?nonsense=1', ['Beta', 'gamma_1', 'alpha']],
  ['?created_by__name=bob', ['Beta']],
  ['?shelf__slug=top', ['Beta']],
  ['?expires=2130-01-01T02:00:00%2B02:00', ['alpha']],
  ['?expires=2130-01-01T02:00:00+02:00', ['alpha']],
  ['?single_use=true', ['gamma_1']],
  ['?single_use=banana', ['Beta', 'gamma_1', 'alpha']],
  ['?order=2&name=Beta', ['Beta']],
  ['?order=2&name=alpha', []],
  ['?expires__isnull=true', ['Beta']],
])('the filter %s gives %j (51)', async (query, expected) => {
  expect(await names(query)).toEqual(expected);
});

test.each([
  ['?expires=junk', { expires: ['Enter a valid date/time.'] }],
  ['?order=x', { order: ['Enter a number.'] }],
  ['?book_uuid=x', { book_uuid: ['Enter a valid UUID.'] }],
  ['?name=%00', { name: ['Null characters are not allowed.'] }],
  ['?search=%00', { search: ['Null characters are not allowed.'] }],
])('the bad filter %s is a 400 that names it (51)', async (query, body) => {
  const answer = await app.send('GET', `/toys/books/${query}`);
  expect([answer.statusCode, answer.json()]).toEqual([400, body]);
});

test('a bad choice is named in the words of a filter', async () => {
  const answer = await app.send('GET', '/toys/shelves/?kind=banana');
  expect(answer.json()).toEqual({ kind: ['Select a valid choice. banana is not one of the available choices.'] });
});

test.each([
  ['?search=ALPH', ['alpha']],
  ['?search=gamma%20ada', ['gamma_1']],
  ['?search=gamma%20bob', []],
  ['?search=2131', ['gamma_1']],
  ['?search=to', ['Beta']],
  ['?search=a_1', ['gamma_1']],
  ['?search=l_ha', []],
  ['?search=%25', []],
  ['?search=%5C', []],
])('the search %s gives %j (51)', async (query, expected) => {
  expect(await names(query)).toEqual(expected);
});

test.each([
  ['?ordering=name', ['Beta', 'alpha', 'gamma_1']],
  ['?ordering=-name', ['gamma_1', 'alpha', 'Beta']],
  ['?ordering=nonsense,name', ['Beta', 'alpha', 'gamma_1']],
  ['?ordering=nonsense', ['Beta', 'gamma_1', 'alpha']],
  ['?ordering=created_by,-expires', ['gamma_1', 'alpha', 'Beta']],
  ['?ordering=flow;drop%20table%20book', ['Beta', 'gamma_1', 'alpha']],
])('the ordering %s gives %j, by code points in any database (51)', async (query, expected) => {
  expect(await names(query)).toEqual(expected);
});

test('pages put together are the whole list in order, from the front and from the back', async () => {
  await app.db.query('delete from book');
  await app.db.query(
    `insert into book (name, expires, "order", created_by)
     select 'page-' || lpad(n::text, 3, '0'), case when n % 3 > 0 then now() + n / 10 * interval '1 day' end, n, 1
     from generate_series(1, 113) n where n > 9`,
  );
  for (const ordering of ['name', '-name', 'expires', '-expires,name', 'single_use', '']) {
    const paged: string[] = [];
    for (let page = 1; page <= 7; page += 1)
      paged.push(...(await names(`?page_size=15&page=${page}&ordering=${ordering}`)));
    const [first, second] = [1, 2].map((page) => names(`?page_size=100&page=${page}&ordering=${ordering}`));
    expect(paged).toEqual([...((await first) ?? []), ...((await second) ?? [])]);
    expect(new Set(paged).size).toBe(104);
  }
});

test('a search that matches very many rows counts them all, and shows any page of them', async () => {
  await app.db.query('delete from book');
  await app.db.query(
    `insert into book (name, "order", created_by) select 'bulk-' || lpad(n::text, 4, '0'), n, 1
     from generate_series(1, 5003) n`,
  );
  const count = async (query: string) => (await app.send('GET', `/toys/books/${query}`)).json().pagination.count;
  expect([await count('?search=bulk'), await count('?search=bulk-%204')]).toEqual([5003, 2084]);
  expect(await names('?search=bulk&ordering=name&page=last&page_size=100')).toEqual([
    'bulk-5001',
    'bulk-5002',
    'bulk-5003',
  ]);
  expect((await names('?search=bulk&ordering=-name&page=51&page_size=100')).at(-1)).toBe('bulk-0001');
  expect(await names('?search=bulk&search=ulk-50&ordering=-name&page_size=1')).toEqual(['bulk-5003']);
  await app.db.query('delete from book where "order" <= 3');
  expect(await count('?search=bulk')).toBe(5000);
});
