import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionTo, findLayout, socketDir } from '../../src/kernel/db/embedded/layout.ts';
import {
  findClusterProcesses,
  isAlive,
  readPostmasterPid,
  signal,
  waitUntil,
} from '../../src/kernel/db/embedded/processes.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import type { Database } from '../../src/kernel/db/types.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import type { Send } from '../jar.ts';
import { administrator, bootstrap } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';

/** A data directory with an embedded database, and the one server process that has it open. */
export type Installation = {
  readonly dataDir: string;
  readonly admin: Administrator;
  readonly send: Send;
  server(): ServerProcess;
  /** Starts `serve`; resolves with the milliseconds from the start of the process until it was ready. */
  start(): Promise<number>;
  /** The database's first process; undefined when none runs. */
  postmaster(): Promise<number | undefined>;
  /** SIGKILL to the database's first process and all its children, at once. */
  killDatabase(): Promise<void>;
  /** Runs `work` on a connection to the embedded database that is none of the server's. */
  look<T>(work: (db: Database) => Promise<T>): Promise<T>;
  /** Stops or kills whatever runs, and removes the directory. */
  close(): Promise<void>;
};

/** An installation in a new directory; nothing is started yet. */
export async function createInstallation(): Promise<Installation> {
  const root = await mkdtemp(join(tmpdir(), 'vestibule-crash-'));
  await chmod(root, 0o755); // PostgreSQL runs as another user when we are root
  const dataDir = join(root, 'data');
  const { token, env: bare } = bootstrap();
  // Who was caught on the way opens used links again; in a long run that would be too many of one network.
  const env = { ...bare, VESTIBULE_ADDRESS_FAILURES: '1000000' };
  let current: ServerProcess | undefined;
  const server = (): ServerProcess => {
    if (!current) throw new Error('No server was started yet.');
    return current;
  };
  const send: Send = (request) => server().send(request);
  return {
    dataDir,
    send,
    server,
    admin: administrator(() => send, token),
    async start() {
      current = await startServer({ dataDir, env });
      return current.ready();
    },
    postmaster: () => postmasterOf(dataDir),
    async killDatabase() {
      const pids = await databaseProcesses(dataDir);
      for (const pid of pids) signal(pid, 'SIGKILL');
      await waitUntil(() => !pids.some(isAlive), 5000);
    },
    look: (work) => look(dataDir, work),
    async close() {
      await current?.kill();
      for (const pid of await databaseProcesses(dataDir)) signal(pid, 'SIGKILL');
      await waitUntil(async () => (await databaseProcesses(dataDir)).length === 0, 5000);
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function postmasterOf(dataDir: string): Promise<number | undefined> {
  const layout = await findLayout(dataDir);
  const pid = layout && (await readPostmasterPid(layout.cluster));
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

// The first process comes first, so that it cannot start new children for those that were killed.
async function databaseProcesses(dataDir: string): Promise<number[]> {
  const layout = await findLayout(dataDir);
  if (!layout) return [];
  const first = await postmasterOf(dataDir);
  const all = (await findClusterProcesses(layout.cluster)) ?? [];
  return [...new Set(first === undefined ? all : [first, ...all])];
}

async function look<T>(dataDir: string, work: (db: Database) => Promise<T>): Promise<T> {
  const layout = await findLayout(dataDir);
  if (!layout) throw new Error(`There is no data directory ${dataDir}.`);
  const connection = connectionTo(socketDir(layout), 'vestibule');
  const db = openDatabase({ connection, log: silentLogger, maxConnections: 1, statementTimeoutMs: 30_000 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
