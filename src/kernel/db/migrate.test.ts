import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestDatabase } from '../testing/database.ts';
import { databaseFromTemplate, testDatabase } from '../testing/database.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { openDatabase } from './pool.ts';

let fresh: TestDatabase;
let directory: string;

beforeEach(async () => {
  fresh = await testDatabase();
  directory = await mkdtemp(join(tmpdir(), 'vestibule-migrations-'));
});

afterEach(async () => {
  await fresh.drop();
  await rm(directory, { recursive: true, force: true });
});

const FIRST = '20260101-0000-create-a';
const SECOND = '20260102-0000-create-b';
const THIRD = '20260103-0000-create-c';

async function files(texts: Record<string, string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [name, text] of Object.entries(texts)) {
    const path = join(directory, `${name}.mjs`);
    await writeFile(path, `export const sql = ${JSON.stringify(text)};`);
    found.set(name, path);
  }
  return found;
}

const run = async (texts: Record<string, string>) =>
  migrate({ connection: fresh.connection, files: await files(texts), log: silentLogger });

async function tables(): Promise<string[]> {
  const db = openDatabase({ connection: fresh.connection, log: silentLogger });
  const rows = await db.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename !~ 'migration' order by 1`,
  );
  await db.close();
  return rows.map(({ name }) => name);
}

test('migrations are applied in the order of their names, whatever order they are found in', async () => {
  const texts = { [SECOND]: 'create table b (a int references a)', [FIRST]: 'create table a (id int primary key)' };
  expect(await run(texts)).toEqual({ applied: [FIRST, SECOND] });
  expect(await tables()).toEqual(['a', 'b']);
});

test('a migration may consist of several statements, a function body among them', async () => {
  const body = `create function f() returns int language plpgsql as $$ begin return 1; end $$`;
  await run({ [FIRST]: `create table a (id int); ${body}; insert into a select f();` });
  expect(await tables()).toEqual(['a']);
});

test('what is applied is not applied again, and a later migration alone is', async () => {
  await run({ [FIRST]: 'create table a (id int)' });
  expect(await run({ [FIRST]: 'create table a (id int)' })).toEqual({ applied: [] });
  expect(await run({ [FIRST]: 'create table a (id int)', [SECOND]: 'create table b (id int)' })).toEqual({
    applied: [SECOND],
  });
});

test('the pending ones are named, and asking changes nothing', async () => {
  const all = await files({ [SECOND]: 'select 1', [FIRST]: 'select 1' });
  const options = { connection: fresh.connection, files: all };
  expect(await pendingMigrations(options)).toEqual([FIRST, SECOND]);
  await run({ [FIRST]: 'select 1' });
  expect(await pendingMigrations(options)).toEqual([SECOND]);
});

test('one migration that fails is named, and none of the run is kept', async () => {
  const failing = run({ [FIRST]: 'create table a (id int)', [SECOND]: 'create table a (id int)' });
  await expect(failing).rejects.toThrow(`${SECOND} failed: relation "a" already exists`);
  expect(await tables()).toEqual([]);
  expect(await run({ [FIRST]: 'create table a (id int)' })).toEqual({ applied: [FIRST] });
});

test('a migration dated before one that is applied is refused', async () => {
  await run({ [SECOND]: 'create table b (id int)' });
  await expect(run({ [FIRST]: 'create table a (id int)', [SECOND]: '' })).rejects.toThrow(FIRST);
  expect(await tables()).toEqual(['b']);
});

test('an older release leaves a database alone that a newer one has migrated (R01)', async () => {
  await run({ [FIRST]: 'create table a (id int)', [THIRD]: 'create table c (id int)' });
  expect(await run({ [FIRST]: 'create table a (id int)' })).toEqual({ applied: [] });
});

test('a file without statements is refused', async () => {
  const path = join(directory, 'empty.mjs');
  await writeFile(path, 'export const up = 1;');
  const failing = migrate({ connection: fresh.connection, files: new Map([[FIRST, path]]), log: silentLogger });
  await expect(failing).rejects.toThrow('exports its statements as `sql`');
});

test('of eight that migrate an empty database at once, one applies everything and all succeed', async () => {
  const texts = { [FIRST]: 'create table a (id int); select pg_sleep(1.2)', [SECOND]: 'create table b (id int)' };
  const all = await files(texts);
  const results = await Promise.all(
    Array.from({ length: 8 }, () => migrate({ connection: fresh.connection, files: all, log: silentLogger })),
  );
  expect(results.filter(({ applied }) => applied.length > 0)).toEqual([{ applied: [FIRST, SECOND] }]);
});

test('a migration that waits for a table in use gives up instead of holding everybody up (R01)', async () => {
  await run({ [FIRST]: 'create table a (id int)' });
  const db = openDatabase({ connection: fresh.connection, log: silentLogger });
  await db.transaction(async (tx) => {
    await tx.query('lock table a in access exclusive mode');
    await expect(run({ [FIRST]: '', [SECOND]: 'alter table a add b int' })).rejects.toThrow('lock timeout');
  });
  await db.close();
});

test('with nothing to apply it takes a few milliseconds', async () => {
  await run({ [FIRST]: 'create table a (id int)' });
  const start = performance.now();
  await run({ [FIRST]: 'create table a (id int)' });
  expect(performance.now() - start).toBeLessThan(250);
});

test('a template is prepared once, and its copies are apart', async () => {
  let prepared = 0;
  const copy = () =>
    databaseFromTemplate('migrate_test', async (connection) => {
      prepared += 1;
      await migrate({ connection, files: await files({ [FIRST]: 'create table a (id int)' }), log: silentLogger });
    });
  const [one, two] = await Promise.all([copy(), copy()]);
  const first = openDatabase({ connection: one.connection, log: silentLogger });
  const second = openDatabase({ connection: two.connection, log: silentLogger });
  await first.query('insert into a values (1)');
  expect(await second.query('select * from a')).toEqual([]);
  await Promise.all([first.close(), second.close()]);
  await Promise.all([one.drop(), two.drop()]);
  expect(prepared).toBe(1);
});

test('a template whose preparation fails is prepared again by the next call', async () => {
  const failing = databaseFromTemplate('failing_test', async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  const database = await databaseFromTemplate('failing_test', async () => undefined);
  await database.drop();
});
