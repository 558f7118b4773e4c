import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { ENROLLMENT, FLOWS, INVITATIONS } from './urls.ts';

const app = await testApp();
const COUNT = 45;

/** Numbered invitations, then three that the filters and the search are about; the last ones never expire. */
beforeAll(async () => {
  // The one that the first start makes.
  for (const { pk } of (await app.api('GET', INVITATIONS)).body.results)
    await app.api('DELETE', `${INVITATIONS}${pk}/`);
  const flow = (await app.api('GET', `${FLOWS}${ENROLLMENT}/`)).body.pk;
  for (let at = 1; at <= COUNT - 3; at += 1) {
    const expires = `20${String(30 + at)}-05-06T07:08:09Z`;
    await app.api('POST', INVITATIONS, { name: `n-${String(at).padStart(2, '0')}`, expires });
  }
  await app.api('POST', INVITATIONS, { name: 'Bound', flow });
  await app.api('POST', INVITATIONS, { name: 'under_score' });
  await app.api('POST', INVITATIONS, { name: 'underXscore' });
});

const list = (query: string) => app.api('GET', `${INVITATIONS}?${query}`);
async function names(query: string): Promise<string[]> {
  const { body } = await list(`page_size=100&${query}`);
  return body.results.map((row: { name: string }) => row.name);
}

describe('pages (51, 1.6)', () => {
  test('the first of three', async () => {
    const { body } = await app.api('GET', INVITATIONS);
    expect(Object.keys(body)).toEqual(['pagination', 'results', 'autocomplete']);
    expect(body.autocomplete).toEqual({});
    expect(body.pagination).toEqual({
      next: 2,
      previous: 0,
      count: COUNT,
      current: 1,
      total_pages: 3,
      start_index: 1,
      end_index: 20,
    });
    expect(body.results).toHaveLength(20);
  });

  test.each([
    ['page=2', { next: 3, previous: 1, current: 2, total_pages: 3, start_index: 21, end_index: 40 }],
    ['page=last', { next: 0, previous: 2, current: 3, total_pages: 3, start_index: 41, end_index: 45 }],
    ['page=2&page_size=7', { next: 3, previous: 1, current: 2, total_pages: 7, start_index: 8, end_index: 14 }],
    ['page_size=1000', { next: 0, previous: 0, current: 1, total_pages: 1, start_index: 1, end_index: 45 }],
    ['page_size=0', { total_pages: 3, end_index: 20 }],
    ['page_size=-5', { total_pages: 3, end_index: 20 }],
    ['page_size=many', { total_pages: 3, end_index: 20 }],
    ['page_size=', { total_pages: 3, end_index: 20 }],
    ['page_size=5&page_size=9', { total_pages: 5, end_index: 9 }],
  ])('?%s', async (query, expected) => {
    const { status, body } = await list(query);
    expect(status).toBe(200);
    expect(body.pagination).toMatchObject({ ...expected, count: COUNT });
  });

  test('the pages together have every row once', async () => {
    const pages = await Promise.all([1, 2, 3].map((page) => list(`page=${page}&ordering=single_use`)));
    const keys = pages.flatMap(({ body }) => body.results.map((row: { pk: string }) => row.pk));
    expect(new Set(keys).size).toBe(COUNT);
  });

  test('a page has at most 100 rows', async () => {
    await Promise.all(Array.from({ length: 60 }, () => app.api('POST', INVITATIONS, { name: 'bulk' })));
    const { body } = await list('page_size=1000');
    expect([body.results.length, body.pagination.total_pages]).toEqual([100, 2]);
    const bulk = await list('name=bulk&page_size=100');
    for (const { pk } of bulk.body.results) await app.api('DELETE', `${INVITATIONS}${pk}/`);
  });

  test.each(['page=999', 'page=4', 'page=0', 'page=-1', 'page=1.5', 'page=x', 'page=99999999999999999999'])(
    '?%s is a 404',
    async (query) => {
      const { status, body } = await list(query);
      expect([status, body]).toEqual([404, { detail: 'Invalid page.' }]);
    },
  );

  test('an empty list is one page of nothing', async () => {
    const { status, body } = await list('name=nobody');
    expect(status).toBe(200);
    expect(body).toEqual({
      pagination: { next: 0, previous: 0, count: 0, current: 1, total_pages: 1, start_index: 0, end_index: 0 },
      results: [],
      autocomplete: {},
    });
  });
});

describe('filters (51)', () => {
  test.each([
    ['name=n-07', ['n-07']],
    ['name=N-07', []],
    ['name=n-0', []],
    ['name=n-01&name=n-02', ['n-02']],
    [`flow__slug=${ENROLLMENT}`, ['Bound']],
    ['flow__slug=other', []],
    ['created_by__username=akadmin&name=n-03', ['n-03']],
    ['created_by__username=nobody', []],
    ['expires=2031-05-06T07:08:09Z', ['n-01']],
    ['expires=2031-05-06T09:08:09%2B02:00', ['n-01']],
    ['expires=2031-05-06T09:08:09+02:00', ['n-01']],
    ['expires=2031-05-06T07:08:08Z', []],
    ['name=n-07&unknown=1', ['n-07']],
    ['name=n-07&expires=', ['n-07']],
    ["name=n-07'%20or%20'1'='1", []],
  ])('?%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test('?expires=junk is a 400', async () => {
    const { status, body } = await list('expires=junk');
    expect([status, body]).toEqual([400, { expires: ['Enter a valid date/time.'] }]);
  });
});

describe('search (51)', () => {
  test.each([
    ['search=BOUND', ['Bound']],
    ['search=bound%20akadmin', ['Bound']],
    ['search=bound%20nobody', []],
    [`search=${ENROLLMENT}`, ['Bound']],
    ['search=2031-05-06', ['n-01']],
    ['search=under_s', ['under_score']],
    ['search=r%25s', []],
    ['search=%25', []],
    ['search=%5C', []],
    ['search=_', ['under_score']],
    ["search=';--", []],
  ])('?%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test('the empty search finds everything', async () => {
    expect(await names('search=%20')).toHaveLength(COUNT);
  });

  test('a NUL is a 400', async () => {
    expect((await list('search=%00')).status).toBe(400);
    expect((await list('name=%00')).status).toBe(400);
  });
});

describe('order (51)', () => {
  test('by default those that never expire come first, then the latest', async () => {
    const found = await names('');
    expect(found.slice(0, 3).toSorted()).toEqual(['Bound', 'underXscore', 'under_score']);
    expect(found.slice(3, 6)).toEqual(['n-42', 'n-41', 'n-40']);
  });

  test.each(['name', 'expires', 'created_by', 'single_use', 'flow', 'pk', 'fixed_data'])(
    '?ordering=%s and its reverse are the same rows',
    async (field) => {
      const up = await list(`ordering=${field}&page_size=100`);
      const down = await list(`ordering=-${field}&page_size=100`);
      const values = up.body.results.map((row: Record<string, unknown>) => JSON.stringify(row[field]));
      const reverse = down.body.results.map((row: Record<string, unknown>) => JSON.stringify(row[field]));
      expect(values).toHaveLength(COUNT);
      expect(reverse).toEqual(values.toReversed());
    },
  );

  test('?ordering=name is by name, and names of nothing are dropped', async () => {
    const sorted = (await names('')).toSorted();
    expect(await names('ordering=name')).toEqual(sorted);
    expect(await names('ordering=nonsense,name,__proto__')).toEqual(sorted);
    expect(await names('ordering=-name')).toEqual(sorted.toReversed());
    expect(await names('ordering=nonsense')).toEqual(await names(''));
    expect(await names('ordering=name;drop table invitation')).toEqual(await names(''));
  });

  test('a second field decides between equals', async () => {
    const { pk } = (await list('name=n-20')).body.results[0];
    await app.api('PATCH', `${INVITATIONS}${pk}/`, { single_use: true });
    const others = (await names('ordering=name')).filter((name) => name !== 'n-20');
    expect(await names('ordering=-single_use,name')).toEqual(['n-20', ...others]);
  });
});
