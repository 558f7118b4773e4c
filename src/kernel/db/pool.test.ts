import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../testing/silent-logger.ts';
import type { TestDatabase } from '../testing/database.ts';
import { testDatabase } from '../testing/database.ts';
import { withDatabase } from './connection.ts';
import { constraintViolation, DatabaseUnavailable } from './errors.ts';
import { openDatabase } from './pool.ts';
import { countQueries } from './query-count.ts';
import type { QueryInfo } from './send.ts';
import type { Database } from './types.ts';

let fresh: TestDatabase;
let db: Database;
const seen: QueryInfo[] = [];

beforeAll(async () => {
  fresh = await testDatabase();
  db = open();
  await db.query('create table person (id int primary key, name text unique, boss int references person)', [], {
    prepare: false,
  });
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

function open(options: { statementTimeoutMs?: number; maxConnections?: number } = {}): Database {
  return openDatabase({
    connection: fresh.connection,
    log: silentLogger,
    onQuery: (info) => seen.push(info),
    ...options,
  });
}

const names = async (id: number) => db.query<{ name: string }>('select name from person where id = $1', [id]);

/** Ends the connections whose last statement contains the text, as a restart of the server would. */
const cut = (text: string) =>
  db.query<{ pid: number }>(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and query like $1`,
    [`%${text}%`],
  );

test('bigint, numeric, dates, intervals and their arrays arrive as text, json as values', async () => {
  const rows = await db.query(`
    select 9007199254740993::int8 as big, 1.10::numeric as exact, '2026-01-02'::date as day,
      '2026-01-02 03:04:05.123456Z'::timestamptz as instant, interval '1 day 2 hours' as span,
      array['2026-01-02 03:04:05.123456Z'::timestamptz] as instants, array[1.10]::numeric[] as exacts,
      '{"a": 1}'::jsonb as value, 3::int4 as small, '\\x00ff'::bytea as bytes`);
  expect(rows).toEqual([
    {
      big: '9007199254740993',
      exact: '1.10',
      day: '2026-01-02',
      instant: '2026-01-02 03:04:05.123456+00',
      span: '1 day 02:00:00',
      instants: ['2026-01-02 03:04:05.123456+00'],
      exacts: ['1.10'],
      value: { a: 1 },
      small: 3,
      bytes: Buffer.from([0, 255]),
    },
  ]);
});

test('a statement is prepared under a name, unless it is asked not to be', async () => {
  await db.transaction(async (tx) => {
    await tx.query('select 41 as unnamed', [], { prepare: false });
    await tx.query('select 42 as named');
    const prepared = await tx.query<{ statement: string }>(
      `select statement from pg_prepared_statements where statement like 'select 4_ as %'`,
    );
    expect(prepared).toEqual([{ statement: 'select 42 as named' }]);
  });
});

test('a transaction writes everything when it resolves', async () => {
  const done: string[] = [];
  await db.transaction(async (tx) => {
    tx.afterCommit(() => done.push('after'));
    await tx.query(`insert into person values (1, 'ann')`);
    expect(done).toEqual([]);
  });
  expect(await names(1)).toEqual([{ name: 'ann' }]);
  expect(done).toEqual(['after']);
});

test('a transaction writes nothing when it throws, and rethrows', async () => {
  const done: string[] = [];
  const failure = new Error('enough');
  const run = db.transaction(async (tx) => {
    tx.afterCommit(() => done.push('after'));
    await tx.query(`insert into person values (2, 'bob')`);
    throw failure;
  });
  await expect(run).rejects.toBe(failure);
  expect(await names(2)).toEqual([]);
  expect(done).toEqual([]);
});

test('a transaction whose failed statement was swallowed does not pass for committed', async () => {
  const run = db.transaction(async (tx) => {
    await tx.query(`insert into person values (3, 'cid')`);
    await tx.query('select 1 / 0').catch(() => undefined);
  });
  await expect(run).rejects.toThrow('rolled back');
  expect(await names(3)).toEqual([]);
});

test('a transaction cannot be used after its end', async () => {
  const tx = await db.transaction(async (open) => open);
  await expect(tx.query('select 1')).rejects.toThrow('The transaction is over.');
  expect(() => tx.send('select 1')).toThrow('The transaction is over.');
});

test('what a transaction sends without waiting is written with it, in its order', async () => {
  const seen = await db.transaction(async (tx) => {
    tx.send(`insert into person values (50, 'sent')`);
    tx.send(`update person set name = 'sent and changed' where id = 50`);
    const rows = await tx.query('select name from person where id = 50');
    tx.send(`insert into person values (51, 'sent last')`);
    return rows;
  });
  expect(seen).toEqual([{ name: 'sent and changed' }]);
  expect(await names(51)).toEqual([{ name: 'sent last' }]);
});

test.each([
  { place: 'last', after: [] },
  { place: 'before others', after: ['select 1', 'select 2'] },
])('a statement sent without waiting that fails $place undoes the transaction, which throws its error', async (row) => {
  const run = db.transaction(async (tx) => {
    await tx.query(`insert into person values (52, 'undone')`);
    tx.send(`insert into person values (1, 'somebody else')`);
    for (const text of row.after) await tx.query(text);
  });
  const failure: unknown = await run.catch((error: unknown) => error);
  expect(constraintViolation(failure)).toMatchObject({ kind: 'unique', constraint: 'person_pkey' });
  expect(await names(52)).toEqual([]);
});

test('statements of a transaction that are under way at once are answered each by its own', async () => {
  const answers = await db.transaction((tx) =>
    Promise.all([1, 2, 3].map((at) => tx.query('select $1::int4 as at, pg_backend_pid() as pid', [at]))),
  );
  const [[first] = []] = answers;
  expect(answers).toEqual([1, 2, 3].map((at) => [{ ...first, at }]));
});

test('of statements under way at once one that fails undoes the transaction', async () => {
  const run = db.transaction((tx) =>
    Promise.all([
      tx.query(`insert into person values (53, 'before')`),
      tx.query('select 1 / 0'),
      tx.query(`insert into person values (54, 'after')`),
    ]),
  );
  await expect(run).rejects.toMatchObject({ code: '22012' });
  expect([await names(53), await names(54)]).toEqual([[], []]);
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('an action after a commit that throws does not turn the commit into a failure', async () => {
  const result = await db.transaction(async (tx) => {
    tx.afterCommit(() => {
      throw new Error('cache');
    });
    return 'committed';
  });
  expect(result).toBe('committed');
});

test('a violated constraint is told by kind and name, and the connection stays in use', async () => {
  await db.query(`insert into person values (10, 'dora')`);
  const one = open({ maxConnections: 1 });
  const [before] = await one.query<{ pid: number }>('select pg_backend_pid() as pid');
  const twice = await one.query(`insert into person values (11, 'dora')`).catch(constraintViolation);
  const stranger = await one.query('insert into person values (12, null, 99)').catch(constraintViolation);
  const missing = await one.query('insert into person values (null)').catch(constraintViolation);
  const [after] = await one.query<{ pid: number }>('select pg_backend_pid() as pid');
  await one.close();
  expect(twice).toMatchObject({ kind: 'unique', constraint: 'person_name_key', table: 'person' });
  expect(stranger).toMatchObject({ kind: 'foreign_key', constraint: 'person_boss_fkey', table: 'person' });
  expect(missing).toMatchObject({ kind: 'not_null', table: 'person', column: 'id' });
  expect(constraintViolation(new Error('no'))).toBeUndefined();
  expect(after).toEqual(before);
});

test('a connection lost in a statement is DatabaseUnavailable, and the next one works (R06)', async () => {
  const failed = db.query('select pg_sleep(4) as cut_in_statement').catch((error: unknown) => error);
  await expect.poll(async () => (await cut('cut_in_statement')).length).toBeGreaterThan(0);
  expect(await failed).toBeInstanceOf(DatabaseUnavailable);
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a connection lost between two statements fails the transaction, writes nothing, ends no process (R06)', async () => {
  const run = db.transaction(async (tx) => {
    await tx.query(`insert into person values (20, 'cut_between')`);
    await expect.poll(async () => (await cut('cut_between')).length).toBeGreaterThan(0);
    await expect.poll(async () => (await cut('cut_between')).length).toBe(0);
  });
  await expect(run).rejects.toBeInstanceOf(DatabaseUnavailable);
  expect(await names(20)).toEqual([]);
});

test('an idle connection that is lost is replaced (R06)', async () => {
  const other = open({ maxConnections: 1 });
  await other.query('select 1 as cut_when_idle');
  await cut('cut_when_idle');
  await expect.poll(() => other.query('select 1 as one').catch(() => 'away')).toEqual([{ one: 1 }]);
  await other.close();
});

test('a server that is not there is DatabaseUnavailable, without the password in sight', async () => {
  const away = openDatabase({ connection: 'postgres://me:s3cret@127.0.0.1:1/none', log: silentLogger });
  const error: unknown = await away.query('select 1').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DatabaseUnavailable);
  expect(String(error) + JSON.stringify(error)).not.toContain('s3cret');
  await away.close();
});

test('a URL that is none is refused without being repeated', () => {
  const open = () => openDatabase({ connection: 'mysql://me:s3cret@host/none', log: silentLogger });
  expect(open).toThrow('must look like postgres://');
  expect(open).not.toThrow('s3cret');
});

test('a statement that takes too long is cancelled (R07)', async () => {
  const hasty = open({ statementTimeoutMs: 50 });
  await expect(hasty.query('select pg_sleep(5)')).rejects.toBeInstanceOf(DatabaseUnavailable);
  await hasty.close();
});

test('a session has our time zone and name and compiles no plans, whatever the database says', async () => {
  await db.query(
    `do $$ begin
       execute format('alter database %I set timezone to ''Asia/Tokyo''', current_database());
       execute format('alter database %I set jit to on', current_database());
     end $$`,
  );
  const later = open();
  const [row] = await later.query(
    `select current_setting('timezone') as zone, current_setting('application_name') as name,
       current_setting('statement_timeout') as timeout, current_setting('jit') as jit`,
  );
  expect(row).toEqual({ zone: 'UTC', name: 'vestibule', timeout: '5s', jit: 'off' });
  await later.close();
});

test('a migration that changes a table under a prepared statement is not noticed (R01)', async () => {
  const one = open({ maxConnections: 1 });
  await one.query('create table changing (a int)', [], { prepare: false });
  await one.query('insert into changing values (1)');
  expect(await one.query('select * from changing')).toEqual([{ a: 1 }]);
  await one.query('alter table changing add b int default 2', [], { prepare: false });
  expect(await one.query('select * from changing')).toEqual([{ a: 1, b: 2 }]);
  await one.close();
});

test('statements are counted per piece of work, BEGIN and COMMIT included', async () => {
  const outer = await countQueries(async () => {
    await db.query('select 1');
    await db.transaction(async (tx) => void (await tx.query('select 2')));
  });
  const [first, second] = await Promise.all([
    countQueries(() => db.query('select 1')),
    countQueries(() => Promise.all([db.query('select 1'), db.query('select 2')])),
  ]);
  expect([outer.queries, first.queries, second.queries]).toEqual([4, 1, 2]);
});

test('each statement is told with its text and time, without its values', async () => {
  seen.length = 0;
  await names(1);
  expect(seen).toEqual([{ text: 'select name from person where id = $1', milliseconds: expect.any(Number), rows: 1 }]);
});

test('closing waits for what is under way', async () => {
  const other = open();
  const slow = other.query('select pg_sleep(0.2), 1 as one');
  await other.query('select 1');
  await other.close();
  expect(await slow).toMatchObject([{ one: 1 }]);
});

test('the database of a URL is replaced, its other parts stay', () => {
  expect(withDatabase('postgres://u:p@h:1/a?sslmode=disable', 'b')).toBe('postgres://u:p@h:1/b?sslmode=disable');
});

const brief = { brief: true };

test('brief statements share connections, and each gets its own answer', async () => {
  const shared = open({ maxConnections: 2 });
  const numbers = Array.from({ length: 50 }, (_, at) => at);
  const answers = await Promise.all(numbers.map((at) => shared.query('select $1::int4 as at', [at], brief)));
  expect(answers).toEqual(numbers.map((at) => [{ at }]));
  expect(shared.connections().total).toBe(1);
  await shared.close();
});

test('brief look-ups of one turn go over one connection, a change over one of its own', async () => {
  const shared = open({ maxConnections: 16 });
  const pid = 'select pg_backend_pid() as pid';
  const ask = (options: object) => shared.query<{ pid: number }>(pid, [], { ...brief, ...options });
  // While a connection is being opened the present ones serve.
  await Promise.all(Array.from({ length: 4 }, () => ask({ changes: true })));
  const rows = await Promise.all([ask({}), ask({}), ask({ changes: true }), ask({}), ask({ changes: true })]);
  const [first, second, change, third, other] = rows.map(([row]) => row?.pid);
  expect([second, third]).toEqual([first, first]);
  expect(new Set([first, change, other]).size).toBe(3);
  await shared.close();
});

test('of brief statements on one connection one that fails leaves the others alone', async () => {
  const shared = open({ maxConnections: 2 });
  const divide = (by: number) => shared.query('select 6 / $1::int4 as result', [by], brief);
  const [before, failed, after] = await Promise.allSettled([divide(2), divide(0), divide(3)]);
  expect(before).toMatchObject({ value: [{ result: 3 }] });
  expect(failed).toMatchObject({ reason: { code: '22012' } });
  expect(after).toMatchObject({ value: [{ result: 2 }] });
  await shared.close();
});

test('each brief write is a transaction of its own', async () => {
  const shared = open({ maxConnections: 2 });
  const add = (id: number, name: string) => shared.query('insert into person values ($1, $2)', [id, name], brief);
  const outcomes = await Promise.allSettled([add(40, 'first'), add(40, 'again'), add(41, 'second')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await names(40)).toEqual([{ name: 'first' }]);
  expect(await names(41)).toEqual([{ name: 'second' }]);
  await shared.close();
});

test('brief statements do not queue behind one that waits', async () => {
  const shared = open({ maxConnections: 2 });
  const held = shared.query('select pg_sleep(1.5) as held', [], brief);
  await expect.poll(() => shared.connections()).toMatchObject({ total: 1, idle: 0 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const first = await Promise.race([held.then(() => 'held'), shared.query('select 1', [], brief).then(() => 'brief')]);
  expect(first).toBe('brief');
  await held;
  await shared.close();
});

test('a shared connection that is lost fails what is under way, and the next statement works (R06)', async () => {
  const shared = open({ maxConnections: 2 });
  const failed = [1, 2].map((at) => shared.query(`select pg_sleep(4) as cut_shared_${at}`, [], brief));
  const reasons = Promise.all(failed.map((one) => one.catch((error: unknown) => error)));
  await expect.poll(async () => (await cut('cut_shared')).length).toBeGreaterThan(0);
  for (const reason of await reasons) expect(reason).toBeInstanceOf(DatabaseUnavailable);
  expect(await shared.query('select 1 as one', [], brief)).toEqual([{ one: 1 }]);
  await shared.close();
});

test('a migration under a prepared brief statement is not noticed', async () => {
  const shared = open({ maxConnections: 4 });
  await db.query('create table shape (a int4)', [], { prepare: false });
  await db.query('insert into shape values (1)');
  const ask = () => Promise.all([1, 2, 3].map(() => shared.query('select * from shape', [], brief)));
  await ask();
  await db.query('alter table shape add b int4', [], { prepare: false });
  expect(await ask()).toEqual([1, 2, 3].map(() => [{ a: 1, b: null }]));
  await shared.close();
});

test('closing lets brief statements finish', async () => {
  const shared = open({ maxConnections: 2 });
  const answer = shared.query('select 1 as one from pg_sleep(0.2)', [], brief);
  await shared.close();
  expect(await answer).toEqual([{ one: 1 }]);
});
