import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../../src/kernel/db/embedded/binaries.ts';
import { ensureCluster } from '../../src/kernel/db/embedded/cluster.ts';
import { prepareLayout } from '../../src/kernel/db/embedded/layout.ts';
import { pause } from '../../src/kernel/db/embedded/processes.ts';
import { chooseAccount, runAs } from '../../src/kernel/db/embedded/run-as.ts';
import { freePort } from './free-port.ts';

const START_MS = 60_000;

/** A PostgreSQL of the test's own, which the product takes for an external one. */
export type Postgres = {
  readonly port: number;
  /** Of a database with that name, which exists once `create` was called; by default through the port of the server. */
  url(options?: { database?: string; port?: number }): string;
  create(database: string): Promise<void>;
  /** Starts it again; resolves when it answers. */
  start(): Promise<void>;
  /** `immediate` ends it without a word, as a crash does; `fast` ends open transactions. */
  stop(mode: 'immediate' | 'fast'): Promise<void>;
  /** Stops it and removes what it made. */
  close(): Promise<void>;
};

export type PostgresOptions = {
  /** Where its files go; by default a new directory of its own. */
  readonly directory?: string;
  readonly settings?: Readonly<Record<string, string>>;
};

async function waitForAnswer(url: string): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      await client.end();
      return;
    } catch (error) {
      client.end().catch(() => undefined);
      if (performance.now() > end) throw error;
      await pause(20);
    }
  }
}

/** Makes a cluster with the product's own binaries and starts it on a port of the loopback address. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const root = await mkdtemp(join(options.directory ?? tmpdir(), 'vestibule-postgres-'));
  await chmod(root, 0o755); // PostgreSQL runs as another user when we are root
  const layout = await prepareLayout(root);
  const account = await chooseAccount(layout.cluster);
  // The libraries stay off the directory, whose disk may be small on purpose.
  const libraries = await mkdtemp(join(tmpdir(), 'vestibule-libraries-'));
  await chmod(libraries, 0o755);
  const binaries = await findBinaries(libraries);
  await mkdir(layout.home, { recursive: true });
  await ensureCluster(layout, binaries, account);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '60',
    shared_buffers: '32MB',
    io_method: 'sync',
    ...options.settings,
  };
  const url: Postgres['url'] = ({ database = 'postgres', port: through = port } = {}) =>
    `postgres://vestibule@127.0.0.1:${through}/${database}`;
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    const user = await runAs(account, [layout.cluster, binaries.postgres, libraries]);
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program = '', ...args] = [...user.prefix, binaries.postgres, '-D', layout.cluster, ...flags];
    running = spawn(program, args, { cwd: '/', env: binaries.env, stdio: 'ignore', ...user.account });
    await waitForAnswer(url());
  }

  async function stop(mode: 'immediate' | 'fast'): Promise<void> {
    const child = running;
    running = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(mode === 'immediate' ? 'SIGQUIT' : 'SIGINT');
    await exited;
  }

  process.once('exit', () => running?.kill('SIGQUIT'));
  await start();
  return {
    port,
    url,
    start,
    stop,
    async create(database) {
      const client = new pg.Client({ connectionString: url() });
      await client.connect();
      await client.query(`create database ${database}`);
      await client.end();
    },
    async close() {
      await stop('immediate');
      await Promise.all([root, libraries].map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}
