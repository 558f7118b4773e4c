import { spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from '../../log/types.ts';
import { clientConfig } from '../connection.ts';
import { errorCode, isUnavailable } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { cannotRun } from './binaries.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import type { Layout } from './layout.ts';
import { connectionTo, socketPath } from './layout.ts';
import { exists, findClusterProcesses, pause, readPid, signal, waitUntil } from './processes.ts';
import type { Account } from './run-as.ts';
import { runAs } from './run-as.ts';

/** One built-in server: where it is and how it is run. */
export type Server = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly socketDir: string;
  readonly maxConnections: number;
  readonly log: Logger;
  readonly onProgress: (text: string) => void;
  /** Aborted when the server is to be stopped, so that nothing starts it again. */
  readonly stopping: AbortSignal;
};

/** A connection of our own to the database `postgres`, and when it ended. */
export type Link = { readonly client: pg.Client; readonly ended: Promise<void> };

const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: '5432',
  shared_buffers: '32MB',
  max_wal_size: '512MB',
  io_method: 'sync', // no extra worker processes
  jit: 'off',
  // Nothing acknowledged is ever lost (R02, R03). Given here, they win over every file.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  // Below `log` are the errors of statements; they may show values, and the process that sent them knows them anyway.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
};

// Crash recovery of a big write-ahead log takes minutes.
const READY_MS = 10 * 60_000;
const MAX_LAUNCHES = 3;
const MAX_LOG_BYTES = 1_000_000;

/**
 * Connects to the server, which is started if it does not run; one that an earlier process left is used as it is. Waits
 * while it starts, recovers or stops.
 * @throws EmbeddedDatabaseError when it cannot be started
 */
export async function reachServer(server: Server): Promise<Link> {
  const end = performance.now() + READY_MS;
  const slow = setTimeout(() => server.onProgress('Waiting for the database (it recovers after a crash)'), 2000);
  try {
    for (let launches = 0; performance.now() < end && !server.stopping.aborted;) {
      const found = await connect(server);
      if (typeof found === 'object') return found;
      if (found === 'busy') await pause(20);
      else await launch(server, ++launches);
    }
  } finally {
    clearTimeout(slow);
  }
  throw new EmbeddedDatabaseError(
    `The database in ${server.layout.cluster} does not get ready; see ${server.layout.log}.`,
  );
}

/** Connects, or says that the server is not ready (`busy`) or not there (`absent`). */
export async function connect(server: Pick<Server, 'layout' | 'socketDir'>): Promise<Link | 'busy' | 'absent'> {
  const client = new pg.Client({
    ...clientConfig(connectionTo(server.socketDir, 'postgres'), { statementTimeoutMs: 0 }),
    application_name: `vestibule owner ${process.pid}`,
  });
  client.on('error', () => undefined); // `ended` tells
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  try {
    await client.connect();
    await checkSameCluster(client, server.layout);
    return { client, ended };
  } catch (error) {
    client.end().catch(() => undefined);
    if (['ENOENT', 'ECONNREFUSED'].includes(errorCode(error) ?? '')) return 'absent';
    if (isUnavailable(error)) return 'busy';
    throw error;
  }
}

async function checkSameCluster(client: pg.Client, { cluster }: Layout): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  const found = rows[0]?.data_directory;
  if (found !== cluster) throw new EmbeddedDatabaseError(`The server at the socket of ${cluster} serves ${found}.`);
}

async function launch(server: Server, attempt: number): Promise<void> {
  if (await removeRemains(server)) return;
  if (await startPostgres(server)) return;
  // Perhaps another process started it first; the next round sees.
  if (attempt < MAX_LAUNCHES) return pause(100);
  const log = await readFile(server.layout.log, 'utf8').catch(() => '');
  const reason = log.trimEnd().split('\n').slice(-4).join('\n');
  throw new EmbeddedDatabaseError(`The built-in PostgreSQL does not start:\n${reason}`);
}

/** Starts the server in a session of its own, so that Ctrl-C reaches only us. @returns false when it ended at once */
async function startPostgres(server: Server): Promise<boolean> {
  const { layout, binaries, socketDir, account } = server;
  const user = await runAs(account, [layout.cluster, socketDir, binaries.postgres, layout.libraries]);
  // The setting is a list, hence the quotes.
  const own = { max_connections: String(server.maxConnections) };
  const settings = { ...SETTINGS, ...own, unix_socket_directories: `"${socketDir.replaceAll('"', '""')}"` };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program = '', ...args] = [...user.prefix, binaries.postgres, '-D', layout.cluster, ...flags];
  const log = await openLog(layout.log);
  const output = ['ignore', log.fd, log.fd] as const;
  const child = spawn(program, args, {
    cwd: '/',
    env: binaries.env,
    detached: true,
    stdio: [...output],
    ...user.account,
  });
  child.unref();
  let over: Error | 'ended' | undefined;
  child.once('error', (error) => (over = error));
  child.once('exit', () => (over ??= 'ended'));
  await waitUntil(async () => over !== undefined || (await isListening(server)), 10_000).finally(() => log.close());
  if (over instanceof Error) throw cannotRun(program, over);
  return over === undefined;
}

async function isListening(server: Server): Promise<boolean> {
  const found = await connect(server);
  if (typeof found === 'object') await found.client.end();
  return found !== 'absent';
}

async function openLog(path: string) {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}

/**
 * Clears away what an earlier server left when nobody answers at the socket: one that hangs, children that outlived
 * their killed parent and still hold the shared memory, a pid file whose number now belongs to another program.
 * @returns true when a server has come up meanwhile
 */
async function removeRemains(server: Server): Promise<boolean> {
  const { cluster } = server.layout;
  const settled = async (): Promise<boolean> => (await isListening(server)) || (await remains(cluster)).length === 0;
  // A server that starts or stops right now needs a moment, too.
  if (!(await waitUntil(settled, 3000))) {
    for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
      for (const pid of await remains(cluster)) signal(pid, name);
      if (await waitUntil(settled, 2000)) break;
    }
  }
  if (await isListening(server)) return true;
  for (const file of [join(cluster, 'postmaster.pid'), `${socketPath(server.socketDir)}.lock`]) {
    await removeForeignLock(file, cluster);
  }
  return false;
}

async function remains(cluster: string): Promise<number[]> {
  return (await findClusterProcesses(cluster)) ?? [];
}

// PostgreSQL copes with a lock file whose process is gone, but not with one whose number was given to another program,
// as happens when a container starts again, or belongs to a zombie.
async function removeForeignLock(file: string, cluster: string): Promise<void> {
  const pid = await readPid(file);
  if (pid === undefined || !exists(pid)) return;
  const processes = await findClusterProcesses(cluster);
  if (!processes || processes.length > 0 || (await readPid(file)) !== pid) return;
  await rm(file, { force: true });
}
