import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { FLOWS, INVITATIONS } from './urls.ts';

const app = await testApp();
const { db } = app.ctx;
let flow: string;
beforeAll(async () => {
  const body = { name: 'zx-flow_Q', slug: 'zx-flow_Q', title: 'zx', designation: 'enrollment' };
  flow = (await app.api('POST', FLOWS, body)).body.pk;
});
afterEach(() => db.query('truncate invitation cascade'));

const sign = fc.constantFrom(...'abKksQ019-_');
const slug = fc.string({ unit: sign, minLength: 1, maxLength: 7 });
const names = fc.array(slug, { minLength: 1, maxLength: 25 });
const oddSign = fc.oneof({ weight: 6, arbitrary: sign }, fc.constantFrom(...'%\\.:@+\u212aéßTZ', 'ſ', 'x', 'z'));
const word = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: sign, minLength: 2, maxLength: 2 }) },
  fc.string({ unit: oddSign, minLength: 1, maxLength: 3 }),
);

const PLAIN = `
  select i.name from invitation i left join flow f on f.flow_uuid = i.flow join users u on u.id = i.created_by
  where i.name ilike $1 or u.username ilike $1 or f.slug ilike $1
    or replace(to_char(i.expires at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z') ilike $1
  order by i.name collate "C"`;

async function plain(text: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(PLAIN, [`%${text.replace(/[\\%_]/g, '\\$&')}%`]);
  return rows.map(({ name }) => name);
}

async function found(text: string): Promise<string[]> {
  const query = `search=${encodeURIComponent(text)}&ordering=name&page_size=100`;
  const { body } = await app.api('GET', `${INVITATIONS}?${query}`);
  expect(body.pagination.count).toBe(body.results.length);
  return body.results.map(({ name }: { name: string }) => name);
}

describe('a search of the list of invitations (51)', () => {
  test('finds exactly what a plain reading finds, whatever two signs the word has', async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.array(word, { minLength: 1, maxLength: 8 }), async (all, words) => {
        await db.query('delete from invitation');
        await db.query(
          `insert into invitation (name, expires, flow, created_by)
           select n, case when at % 3 = 0 then '2091-10-05T01:10:09Z'::timestamptz end, case when at % 4 = 0 then $2::uuid end,
             (select min(id) from users) from unnest($1::text[]) with ordinality u(n, at)`,
          [all, flow],
        );
        for (const one of words) expect([one, await found(one)]).toEqual([one, await plain(one)]);
      }),
      {
        numRuns: 40,
        examples: [
          [
            ['Kb', 'a-', '_b', 'bK-', 'K'],
            ['kb', 'KB', 'a-', '-', '_b', '\u212ab', 'zx', '10'],
          ],
        ],
      },
    );
  }, 60_000);

  test('finds two letters, too, that more invitations have than are named', async () => {
    await db.query(
      `insert into invitation (name, created_by)
       select case when n % 2 = 0 then 'xQy-' || n else 'other-' || n end, (select min(id) from users)
       from generate_series(1, 2400) n`,
    );
    const count = async (text: string) => (await app.api('GET', `${INVITATIONS}?search=${text}`)).body.pagination.count;
    expect([await count('qy'), await count('y-'), await count('qz')]).toEqual([1200, 1200, 0]);
    await db.query(`delete from invitation where name > 'xQy-2'`);
    expect(await count('qy')).toBe((await plain('qy')).length);
  });

  test('finds two letters without the index, too', async () => {
    const name = 'plain-Qy';
    await app.api('POST', INVITATIONS, { name });
    await db.query('alter index invitation_search rename to invitation_search_away');
    expect(await found('qy')).toEqual([name]);
    await db.query('alter index invitation_search_away rename to invitation_search');
    expect(await found('qy')).toEqual([name]);
  });
});

describe('a list of very many invitations that a search leaves (51)', () => {
  const ROWS = 30_000;
  const BATCH = 3000;
  const ORDERS: readonly (readonly [asked: string, sql: string])[] = [
    ['', 'expires desc, invite_uuid desc'],
    ['expires', 'expires, invite_uuid'],
    ['name', 'name, expires, invite_uuid'],
    ['-name', 'name desc, expires desc, invite_uuid desc'],
    ['single_use', 'single_use, expires, invite_uuid'],
    ['-flow', 'flow desc, expires desc, invite_uuid desc'],
    ['fixed_data', 'fixed_data::text collate "C", expires, invite_uuid'],
    ['pk', 'invite_uuid, expires'],
  ];

  test('has the pages of all rows in order, where those that match lie together or far apart', async () => {
    // What matches has no expiry here and there, and none of those that come first by name or by expiry.
    for (let from = 1; from <= ROWS; from += BATCH) {
      await db.query(
        `insert into invitation (name, expires, created_by, flow, single_use, fixed_data)
       select case when n % 5 = 0 then 'aa-' else 'guest-' end || lpad(n::text, 6, '0'),
         case when n % 10 in (0, 3) then null else '2090-01-01'::timestamptz + n / 7 * interval '1 hour' end,
         (select min(id) from users), case when n % 3 = 0 then $3::uuid end, n % 2 = 0,
         jsonb_build_object('n', n % 100)
       from generate_series($1::integer, $2::integer) n`,
        [from, from + BATCH - 1, flow],
      );
    }
    await db.query('analyze invitation');
    const queries = [
      ['search=guest', `name like 'guest-%'`],
      ['search=guest-0', `name like 'guest-%'`],
      ['search=aa-', `name like 'aa-%'`],
      ['search=209', `expires >= '2090-01-01' and expires < '2100-01-01' or name like '%209%'`],
      ['search=guest&flow__slug=zx-flow_Q', `name like 'guest-%' and flow is not null`],
    ] as const;
    for (const [at, [query, where]] of queries.entries()) {
      for (const [asked, order] of at === 0 ? ORDERS : ORDERS.slice(0, 2)) {
        const expected = await db.query<{ pk: string }>(
          `select invite_uuid::text as pk from invitation where ${where} order by ${order}`,
        );
        for (const page of [1, 3, 'last']) {
          const { body } = await app.api('GET', `${INVITATIONS}?${query}&ordering=${asked}&page=${page}&page_size=7`);
          const { count, start_index: start, end_index: end } = body.pagination;
          const keys = body.results.map(({ pk }: { pk: string }) => pk);
          const rows = expected.slice(start - 1, end).map(({ pk }) => pk);
          expect([query, asked, page, count, keys]).toEqual([query, asked, page, expected.length, rows]);
        }
      }
    }
  }, 120_000);
});
