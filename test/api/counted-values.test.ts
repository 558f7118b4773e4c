import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { foldCounts } from '../../src/kernel/resource/count-store.ts';
import { settleValues } from '../../src/kernel/resource/count-values.ts';
import { testApp } from '../app.ts';
import { FLOWS, INVITATIONS } from './urls.ts';

const NAMES = ['welcome', 'a-b_c'];
const INSTANTS = ['2090-01-01T00:00:00Z', '2091-07-01T12:00:00.000001Z'];
const COLUMNS = ['name', 'expires', 'flow', 'created_by'] as const;
/** More rows than a value needs to get a counter. */
const MANY = 5001;

const app = await testApp();
const { db } = app.ctx;

type Row = { name: string; expires: string | null; flow: string | null; created_by: string };
type Combination = { readonly [C in (typeof COLUMNS)[number]]?: string };
type Person = { readonly id: string; readonly username: string; readonly token: string | undefined };

const flows: { pk: string; slug: string }[] = [];
const people: Person[] = [];
let combinations: Combination[] = [];

beforeAll(async () => {
  for (const slug of ['heavy-1', 'heavy-2']) {
    const flow = await app.api('POST', FLOWS, { name: slug, slug, title: slug, designation: 'enrollment' });
    flows.push(flow.body);
  }
  const admins = (await app.api('GET', '/api/v3/core/groups/?name=authentik%20Admins')).body.results[0].pk;
  const other = await buildAccount(app.ctx, { groups: [admins] });
  const first = (await app.api('GET', '/api/v3/core/users/me/')).body.user;
  people.push(
    { id: String(first.pk), username: first.username, token: undefined },
    { id: String(other.id), username: other.username, token: other.token },
  );
  combinations = [undefined, ...NAMES].flatMap((name) =>
    [undefined, ...INSTANTS].flatMap((expires) =>
      [undefined, ...flows].flatMap((flow) =>
        [undefined, ...people].map((person) => ({
          ...(name === undefined ? {} : { name }),
          ...(expires === undefined ? {} : { expires }),
          ...(flow === undefined ? {} : { flow: flow.pk }),
          ...(person === undefined ? {} : { created_by: person.id }),
        })),
      ),
    ),
  );
});

/** Where the database keeps the counter of a combination. */
function counterOf(of: Combination): { counted: string; value: string } {
  const columns = COLUMNS.filter((column) => of[column] !== undefined);
  const texts = columns.map((column) => (column === 'expires' ? of.expires?.replace('Z', '') : of[column]));
  const value = texts.length === 1 ? String(texts[0]) : `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
  return { counted: `invitation.${columns.join()}`, value };
}

function queryOf(of: Combination): string {
  const query = new URLSearchParams();
  if (of.name !== undefined) query.set('name', of.name);
  if (of.expires !== undefined) query.set('expires', of.expires);
  const flow = flows.find(({ pk }) => pk === of.flow);
  if (flow) query.set('flow__slug', flow.slug);
  const person = people.find(({ id }) => id === of.created_by);
  if (person) query.set('created_by__username', person.username);
  return String(query);
}

/** The rows that the list shows, read plainly. */
async function readAll(): Promise<Row[]> {
  return db.query<Row>(
    `select name, replace(to_char(expires at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z') as expires,
       flow::text as flow, created_by::text as created_by
     from invitation where used_up is null and revoked is null and expired is null
       and (expires is null or expires > now())`,
  );
}

const countOf = (rows: readonly Row[], of: Combination): number =>
  rows.filter((row) => COLUMNS.every((column) => of[column] === undefined || of[column] === row[column])).length;

const told = async (query: string): Promise<number> =>
  (await app.api('GET', `${INVITATIONS}?${query}`)).body.pagination.count;

const named = (): Promise<{ counted: string; value: string; exact: boolean }[]> =>
  db.query('select counted, value, exact from counted_value order by 1, 2');

async function nameAll(): Promise<void> {
  for (const { counted, value } of combinations.filter(({ name, expires }) => name ?? expires).map(counterOf)) {
    await db.query('insert into counted_value (counted, value) values ($1, $2) on conflict do nothing', [
      counted,
      value,
    ]);
  }
}

/** Counters that say they are exact and are not. Rows that only time has ended are counted still. */
async function wrongCounters(rows: readonly Row[]): Promise<unknown[]> {
  const sums = await db.query<{ counted: string; value: string; rows: number }>(
    `select v.counted, v.value, coalesce((select sum(c.rows) from row_count c
       where c.counted = v.counted and c.value = v.value), 0)::integer as rows from counted_value v where v.exact`,
  );
  const real = new Map(combinations.map((of) => [Object.values(counterOf(of)).join(' '), countOf(rows, of)]));
  return sums.filter(({ counted, value, rows: sum }) => real.get(`${counted} ${value}`) !== sum);
}

type Step =
  | ({ readonly kind: 'create' | 'change'; readonly at: number } & Record<'name' | 'expires' | 'flow' | 'who', number>)
  | { readonly kind: 'close' | 'open' | 'delete' | 'fold' | 'name' | 'settle' | 'undone'; readonly at: number };

const numbers = {
  at: fc.nat(20),
  name: fc.nat(1),
  expires: fc.integer({ min: -1, max: 1 }),
  flow: fc.integer({ min: -1, max: 1 }),
  who: fc.nat(1),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('create', 'change'), ...numbers }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('name', 'settle', 'fold'), at: numbers.at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('close', 'open', 'delete', 'undone'), at: numbers.at }) },
);

async function take(keys: string[], step: Step): Promise<void> {
  if (step.kind === 'fold') await foldCounts(db);
  if (step.kind === 'name') await nameAll();
  if (step.kind === 'settle') await settleValues(db);
  const key = keys[step.at % Math.max(1, keys.length)];
  if (step.kind === 'create' || step.kind === 'change') {
    const body = {
      name: NAMES[step.name],
      expires: INSTANTS[step.expires] ?? null,
      flow: flows[step.flow]?.pk ?? null,
    };
    const token = people[step.who]?.token;
    if (step.kind === 'change' && key) await app.api('PATCH', `${INVITATIONS}${key}/`, body);
    else keys.push((await app.api('POST', INVITATIONS, body, token === undefined ? {} : { token })).body.pk);
    return;
  }
  if (key === undefined) return;
  if (step.kind === 'delete') await app.api('DELETE', `${INVITATIONS}${key}/`);
  if (step.kind === 'close') await db.query('update invitation set used_up = now() where invite_uuid = $1', [key]);
  if (step.kind === 'open') await db.query('update invitation set used_up = null where invite_uuid = $1', [key]);
  if (step.kind === 'undone') {
    const undone = db.transaction(async (tx) => {
      await tx.query(`update invitation set name = 'other' where invite_uuid <> $1`, [key]);
      throw new Error('undone');
    });
    await undone.catch(() => undefined);
  }
}

/** So many rows at once, as an import makes them. */
async function fill(rows: number, name: string): Promise<void> {
  await db.query(
    `insert into invitation (name, expires, flow, created_by) select $1, $2, $3, $4 from generate_series(1, $5)`,
    [name, INSTANTS[0] ?? null, flows[0]?.pk ?? null, Number(people[0]?.id), rows],
  );
}

describe('a value that very many invitations have (51)', () => {
  test('is counted exactly after any writes at the same time, also over the moments when it gets a counter', async () => {
    const keys: string[] = [];
    const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
    const asked = fc.shuffledSubarray(combinations, { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(turns, asked, async (all, some) => {
        await db.query('delete from counted_value');
        await nameAll();
        await settleValues(db);
        for (const turn of all) await Promise.all(turn.map((one) => take(keys, one)));
        const rows = await readAll();
        expect(await wrongCounters(rows)).toEqual([]);
        for (const of of some) expect([of, await told(queryOf(of))]).toEqual([of, countOf(rows, of)]);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  test('gets a counter when somebody asks for it, alone or together with others, and loses it with its rows', async () => {
    await db.query('delete from counted_value');
    await fill(MANY, 'everybody');
    await app.api('POST', INVITATIONS, { name: 'single' });
    const together = { name: 'everybody', expires: INSTANTS[0] ?? '', flow: flows[0]?.pk ?? '' };
    for (const query of [
      'name=everybody',
      'name=single',
      queryOf(together),
      'name=single&expires=2091-01-01T00:00:00Z',
    ]) {
      await told(query);
    }
    const wanted = [{ name: 'everybody' }, together].map(counterOf);
    expect(await named()).toEqual(wanted.map((one) => ({ ...one, exact: false })));
    const jobs = await db.query(`select 1 from graphile_worker.jobs where task_identifier = 'row-count.settle'`);
    expect(jobs).toHaveLength(1);
    await settleValues(db);
    expect(await named()).toEqual(wanted.map((one) => ({ ...one, exact: true })));

    // The list reads the counter: it does not notice a row that came behind the triggers.
    await db.query('alter table invitation disable trigger user');
    await fill(1, 'everybody');
    await db.query('alter table invitation enable trigger user');
    expect([await told('name=everybody'), await told(queryOf(together))]).toEqual([MANY, MANY]);
    await db.query(`select recount_rows('invitation')`);
    expect([await told('name=everybody'), await told(queryOf(together))]).toEqual([MANY + 1, MANY + 1]);
    await settleValues(db);
    expect((await named()).map(({ exact }) => exact)).toEqual([true, true]);

    const page = await app.api('GET', `${INVITATIONS}?${queryOf(together)}&page_size=100&page=51`);
    expect(page.body.pagination).toMatchObject({ count: MANY + 1, current: 51, total_pages: 51 });
    expect(page.body.results).toHaveLength(2);

    await db.query(
      `delete from invitation where ctid in (select ctid from invitation where name = 'everybody' limit 4500)`,
    );
    expect(await told('name=everybody')).toBe(MANY + 1 - 4500);
    await settleValues(db);
    expect(await named()).toEqual([]);
    expect(await told('name=everybody')).toBe(MANY + 1 - 4500);
    await db.query(`delete from invitation where name = 'everybody'`);
  }, 60_000);

  test.each(['flow', 'creator'])('is counted exactly when a %s takes its rows along (D6, T25)', async (kind) => {
    const slug = `along-${kind}`;
    const flow = (await app.api('POST', FLOWS, { name: slug, slug, title: slug, designation: 'enrollment' })).body;
    const person = await buildAccount(app.ctx, {});
    await fill(20, slug);
    await db.query(
      `insert into invitation (name, expires, flow, created_by) select $1, $2, $3, $4 from generate_series(1, 30)`,
      [slug, INSTANTS[0] ?? null, flow.pk, person.id],
    );
    const counters = [{ name: slug }, { name: slug, expires: INSTANTS[0] ?? '' }, { name: slug, flow: flow.pk }];
    for (const { counted, value } of counters.map(counterOf)) {
      await db.query('insert into counted_value (counted, value) values ($1, $2)', [counted, value]);
    }
    await settleValues(db);
    const sums = async () => {
      const texts = `select coalesce((select sum(rows) from row_count where counted = $1 and value = $2), 0)::integer as rows`;
      return Promise.all(
        counters.map(counterOf).map(async (of) => (await db.query<object>(texts, [of.counted, of.value]))[0]),
      );
    };
    expect(await sums()).toEqual([{ rows: 50 }, { rows: 50 }, { rows: 30 }]);
    await app.api('DELETE', kind === 'flow' ? `${FLOWS}${slug}/` : `/api/v3/core/users/${person.id}/`);
    expect(await sums()).toEqual([{ rows: 20 }, { rows: 20 }, { rows: 0 }]);
    await db.query('delete from invitation where name = $1', [slug]);
    await settleValues(db);
  });

  test('waits with its counter for whoever wrote before it had a name, and keeps nobody from writing', async () => {
    for (const ending of ['committed', 'undone']) {
      const name = `late-${ending}`;
      await fill(3, name);
      let settling: Promise<number> | undefined;
      const early = db.transaction(async (tx) => {
        await tx.query(`insert into invitation (name, created_by) values ($1, $2)`, [name, Number(people[0]?.id)]);
        await db.query(`insert into counted_value (counted, value) values ('invitation.name', $1)`, [name]);
        settling = settleValues(db);
        await app.api('POST', INVITATIONS, { name });
        await tx.query('select pg_sleep(0.5)');
        expect(await named()).toEqual([{ counted: 'invitation.name', value: name, exact: false }]);
        expect(await told(`name=${name}`)).toBe(4);
        if (ending === 'undone') throw new Error(ending);
        return ending;
      });
      expect(await early.catch((error: Error) => error.message)).toBe(ending);
      expect(await settling).toBe(1);
      expect(await named()).toEqual([{ counted: 'invitation.name', value: name, exact: true }]);
      expect(await told(`name=${name}`)).toBe(ending === 'undone' ? 4 : 5);
      await db.query('delete from counted_value');
    }
  });

  test('has a counter that does not depend on how a connection writes instants', async () => {
    const [first = ''] = INSTANTS;
    await db.query(`insert into counted_value (counted, value) values ('invitation.expires', '2090-01-01T00:00:00')`);
    await settleValues(db);
    const before = await told(`expires=${first}`);
    await db.transaction(async (tx) => {
      await tx.query(`set local timezone = 'Asia/Tokyo'`);
      await tx.query(`set local datestyle = 'German'`);
      await tx.query('insert into invitation (name, expires, created_by) values ($1, $2, $3)', ['abroad', first, 1]);
    });
    expect((await named()).map(({ exact }) => exact)).toEqual([true]);
    expect(await told(`expires=${first}`)).toBe(before + 1);
  });

  test('does not count those that have expired, noticed or not', async () => {
    const { pk } = (await app.api('POST', INVITATIONS, { name: 'fleeting' })).body;
    await app.api('POST', INVITATIONS, { name: 'fleeting' });
    await db.query(`insert into counted_value (counted, value) values ('invitation.name', 'fleeting')`);
    await settleValues(db);
    expect(await told('name=fleeting')).toBe(2);
    await app.api('PATCH', `${INVITATIONS}${pk}/`, { expires: '2001-01-01T00:00:00Z' });
    expect(await told('name=fleeting')).toBe(1);
    await db.query('update invitation set expired = expires where invite_uuid = $1', [pk]);
    expect([(await named()).length, await told('name=fleeting')]).toEqual([1, 1]);
  });

  test('is nothing after a truncation', async () => {
    await db.query('truncate invitation cascade');
    await nameAll();
    await settleValues(db);
    await app.api('POST', INVITATIONS, { name: 'welcome' });
    expect(await told('name=welcome')).toBe(1);
    await db.query('truncate invitation cascade');
    expect((await named()).every(({ exact }) => exact)).toBe(true);
    expect(await told('name=welcome')).toBe(0);
  });
});
