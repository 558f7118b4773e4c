import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../testing/silent-logger.ts';
import { openDatabase } from '../pool.ts';
import type { Database } from '../types.ts';
import { cannotRun } from './binaries.ts';
import { DataDirectoryInUse, EmbeddedDatabaseError } from './errors.ts';
import type { EmbeddedDatabase } from './index.ts';
import { findRunning, startEmbedded } from './index.ts';
import { connectionTo, findLayout } from './layout.ts';
import { checkDurability } from './owner.ts';
import { findClusterProcesses, isAlive } from './processes.ts';
import { connect } from './server.ts';

let root: string;
let dataDir: string;
const servers: EmbeddedDatabase[] = [];
const databases: Database[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vestibule-embedded-'));
  // As an installation is: the database's user may pass through.
  await chmod(root, 0o755);
  dataDir = join(root, 'data');
});

afterEach(async () => {
  await Promise.all(databases.splice(0).map((db) => db.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop('immediate')));
  await rm(root, { recursive: true, force: true });
});

async function start(directory = dataDir): Promise<EmbeddedDatabase> {
  const server = await startEmbedded({ dataDir: directory, log: silentLogger });
  servers.push(server);
  return server;
}

function open(connection: EmbeddedDatabase['connection']): Database {
  const db = openDatabase({ connection, log: silentLogger });
  databases.push(db);
  return db;
}

async function closeAll(): Promise<void> {
  await Promise.all(databases.splice(0).map((db) => db.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
}

test('an empty directory becomes a database, and a later start finds what was written', async () => {
  const first = await start();
  const db = open(first.connection);
  await db.query('create table kept (a int)', [], { prepare: false });
  await db.query('insert into kept values (1)');
  await closeAll();
  const second = await start();
  expect([first.firstStart, second.firstStart]).toEqual([true, false]);
  expect(await open(second.connection).query('select a from kept')).toEqual([{ a: 1 }]);
});

test('a first start takes less than 10 s and a later one less than 2 s, however busy the machine', async () => {
  const begin = performance.now();
  await start();
  const started = performance.now();
  await closeAll();
  const again = performance.now();
  await start();
  expect(started - begin).toBeLessThan(10_000);
  expect(performance.now() - again).toBeLessThan(2000);
});

test('nothing acknowledged is lost by a power cut: the settings that make it so are on (R03)', async () => {
  const { connection } = await start();
  const rows = await open(connection).query(
    `select name, setting from pg_settings
     where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums') order by name`,
  );
  expect(rows).toEqual(
    ['data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit'].map((name) => ({ name, setting: 'on' })),
  );
});

test('a server that would lose acknowledged writes is refused (R03)', async () => {
  const { connection } = await start();
  const layout = await findLayout(dataDir);
  if (!layout) throw new Error('no layout');
  const link = await connect({ layout, socketDir: connection.host });
  if (typeof link === 'string') throw new Error(link);
  await checkDurability(link);
  await link.client.query('set synchronous_commit = off');
  await expect(checkDurability(link)).rejects.toThrow('synchronous_commit');
  await link.client.end();
});

test('the server listens on no network address, and its directories are private', async () => {
  const { connection } = await start();
  const db = open(connection);
  expect(await db.query('show listen_addresses')).toEqual([{ listen_addresses: '' }]);
  expect((await stat(connection.host)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataDir, 'postgres/cluster'))).mode & 0o777).toBe(0o700);
});

test('text is UTF-8 and ordered by code point', async () => {
  const { connection } = await start();
  const [row] = await open(connection).query(
    `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale
     from pg_database where datname = 'vestibule'`,
  );
  expect(row).toEqual({ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' });
});

test('the server does not run as root, and files beside it stay as they were', async () => {
  await mkdir(dataDir, { mode: 0o755 });
  await writeFile(join(dataDir, 'secret'), 'x', { mode: 0o600 });
  const { pid } = await start();
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
  const [directory, secret] = await Promise.all([stat(dataDir), stat(join(dataDir, 'secret'))]);
  expect([directory.uid, directory.mode & 0o777]).toEqual([process.getuid?.(), 0o755]);
  expect([secret.uid, secret.mode & 0o777]).toEqual([process.getuid?.(), 0o600]);
});

test('a second opener is refused within 1 s, with the reason and the owner (R04)', async () => {
  await start();
  const begin = performance.now();
  const error: unknown = await startEmbedded({ dataDir, log: silentLogger }).catch((reason: unknown) => reason);
  expect(performance.now() - begin).toBeLessThan(1000);
  expect(error).toBeInstanceOf(DataDirectoryInUse);
  expect(error).toMatchObject({ ownerPid: process.pid, message: expect.stringContaining(`process ${process.pid}`) });
});

test('a path too long for a socket still works', async () => {
  const server = await start(join(root, 'a'.repeat(60), 'b'.repeat(60)));
  expect(Buffer.byteLength(join(server.connection.host, '.s.PGSQL.5432'))).toBeLessThan(108);
  expect(await open(server.connection).query('select 1 as one')).toEqual([{ one: 1 }]);
  await closeAll();
  await rm(server.connection.host, { recursive: true });
});

test('a path with spaces, quotes and commas works', async () => {
  const server = await start(join(root, `it's, "our" data`));
  expect(await open(server.connection).query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a server that dies by itself is started again, and the pool goes on (R06)', async () => {
  const server = await start();
  const db = open(server.connection);
  await db.query('create table kept (a int)', [], { prepare: false });
  await db.query('insert into kept values (1)');
  const before = server.pid;
  process.kill(before, 'SIGKILL');
  await expect
    .poll(() => db.query('select a from kept').catch(() => 'away'), { timeout: 20_000, interval: 50 })
    .toEqual([{ a: 1 }]);
  await expect.poll(() => server.pid, { timeout: 10_000 }).not.toBe(before);
  await closeAll();
  expect(await findRunning(dataDir)).toBeUndefined();
});

test('a server that is stopped while it comes back stays stopped', async () => {
  for (const delay of [0, 40, 80]) {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, delay));
    await closeAll();
    expect(await findClusterProcesses(join(dataDir, 'postgres/cluster'))).toEqual([]);
  }
});

test('after a stop nothing of the server is left', async () => {
  const server = await start();
  await closeAll();
  expect(isAlive(server.pid)).toBe(false);
  expect(await readdir(server.connection.host)).toEqual([]);
});

test('a command finds the running server, and none when there is none', async () => {
  expect(await findRunning(join(root, 'nothing'))).toBeUndefined();
  const { connection } = await start();
  expect(await findRunning(dataDir)).toEqual(connection);
  await closeAll();
  expect(await findRunning(dataDir)).toBeUndefined();
});

test('a database of another PostgreSQL version is refused and not touched', async () => {
  await start();
  await closeAll();
  await writeFile(join(dataDir, 'postgres/cluster/PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/of PostgreSQL 17, and this Vestibule brings PostgreSQL 18/);
});

test('something else in the place of the database is refused and not touched', async () => {
  await mkdir(join(dataDir, 'postgres/cluster'), { recursive: true });
  await writeFile(join(dataDir, 'postgres/cluster/letter.txt'), 'dear');
  await expect(start()).rejects.toThrow('it is no database');
  expect(await readdir(join(dataDir, 'postgres/cluster'))).toEqual(['letter.txt']);
  expect((await readdir(join(dataDir, 'postgres'))).filter((name) => name.startsWith('cluster.new'))).toEqual([]);
});

test('a first start that was killed half-way is begun anew', async () => {
  const dead = spawn('true');
  await new Promise((resolve) => dead.once('exit', resolve));
  await mkdir(join(dataDir, `postgres/cluster.new-${dead.pid}-abc/base`), { recursive: true });
  const server = await start();
  expect(server.firstStart).toBe(true);
  expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual(['cluster', 'lib', 'server.log', 'socket']);
});

test('binaries whose loader is missing (Alpine) name the way out', () => {
  const error = cannotRun(process.execPath, Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' }));
  expect(error).toBeInstanceOf(EmbeddedDatabaseError);
  expect(error.message).toMatch(/glibc .*VESTIBULE_DATABASE_URL/);
});

test.skipIf(process.getuid?.() !== 0)(
  'a pid file whose number now belongs to another program is no obstacle',
  async () => {
    await start();
    await closeAll();
    const owner = await stat(join(dataDir, 'postgres/cluster'));
    const stranger = spawn('sleep', ['60'], { uid: owner.uid, gid: owner.gid, cwd: '/' });
    const file = join(dataDir, 'postgres/cluster/postmaster.pid');
    await writeFile(file, `${stranger.pid}\n${join(dataDir, 'postgres/cluster')}\n1\n5432\n\n\n`);
    const { connection } = await start();
    expect(await open(connection).query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill();
  },
);

test.skipIf(process.getuid?.() !== 0)(
  'a data directory that was copied as root is given back to its user',
  async () => {
    await start();
    await closeAll();
    execFileSync('chown', ['-R', '0:0', dataDir]);
    const { connection } = await start();
    expect(await open(connection).query('select 1 as one')).toEqual([{ one: 1 }]);
  },
);

test('a directory in /tmp that is not ours is not used for the socket', async () => {
  const long = join(root, 'c'.repeat(60), 'd'.repeat(60));
  const server = await start(long);
  const place = server.connection.host;
  await closeAll();
  await chmod(place, 0o755);
  await expect(start(long)).rejects.toThrow(`${place} must be a directory of ours with mode 0700`);
  await rm(place, { recursive: true });
  expect(connectionTo(place, 'vestibule').host).toBe(place);
});
