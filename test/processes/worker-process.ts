import pg from 'pg';
import { clientConfig } from '../../src/kernel/db/connection.ts';
import type { Connection } from '../../src/kernel/db/connection.ts';
import { databaseUrl } from './database-url.ts';
import { startProcess } from './server-process.ts';

const PATIENCE_MS = 30_000;
/** That of the app of a test. */
export const SECRET_KEY = 'test-secret-key-of-enough-characters-0123456789';

export type WorkerProcess = ReturnType<typeof startProcess>;

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Waits until it holds. */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It never came to pass: ${what}.`);
    await pause(5);
  }
}

export type Workers = {
  /** Starts a real worker process; resolves when it works. */
  start(): Promise<WorkerProcess>;
  kill(worker: WorkerProcess): Promise<void>;
  /** Resolves when what killed workers had begun in the database is over, too: it may still be committed after a kill. */
  settled(): Promise<void>;
  /** Kills what was started last. */
  end(): Promise<void>;
};

const WORKER = 'killed-worker';

/** As its backends are to be told from the test's own. */
function urlOfWorker(connection: Connection): string {
  const url = new URL(databaseUrl(connection));
  url.searchParams.set('application_name', WORKER);
  return url.href;
}

/** Worker processes on the database of a test's app. */
export function workersOn(connection: Connection, env: Readonly<Record<string, string>>): Workers {
  const { PATH = '', HOME = '' } = process.env;
  const whole = {
    PATH,
    HOME,
    VESTIBULE_DATABASE_URL: urlOfWorker(connection),
    VESTIBULE_SECRET_KEY: SECRET_KEY,
    VESTIBULE_LOG_LEVEL: 'warn',
    ...env,
  };
  let last: WorkerProcess | undefined;
  async function kill({ child, exited }: WorkerProcess): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }
  return {
    async start() {
      const started = startProcess(['worker'], whole);
      last = started;
      while (!started.output().includes('works in the background')) {
        if (started.child.exitCode !== null) throw new Error(started.output());
        await pause(10);
      }
      return started;
    },
    kill,
    async settled() {
      const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
      await client.connect();
      const text = `select 1 from pg_stat_activity where datname = current_database() and application_name = '${WORKER}'`;
      await until(
        async () => (await client.query(text)).rowCount === 0,
        'the database noticed that the worker is dead',
      );
      await client.end();
    },
    end: async () => (last ? kill(last) : undefined),
  };
}

export type Holding = {
  /** Locks the rows, so that who wants to change them waits. */
  hold(): Promise<void>;
  /** Gives them back. */
  release(): Promise<void>;
};

/** A connection of its own that holds the rows of a table. */
export async function holdRows(connection: Connection, table: string): Promise<Holding> {
  const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
  await client.connect();
  return {
    async hold() {
      await client.query('begin');
      await client.query(`select 1 from ${table} for update`);
    },
    async release() {
      await client.query('rollback');
      await client.end();
    },
  };
}

/** SQL: a row for each statement on the table that waits for a lock. */
export const waitingSql = (table: string): string => `
  select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    and query like '%update ${table}%'`;
