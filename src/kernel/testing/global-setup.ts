import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import type { Connection } from '../db/connection.ts';
import { clientConfig } from '../db/connection.ts';
import { startEmbedded } from '../db/embedded/index.ts';
import { silentLogger } from './silent-logger.ts';

declare module 'vitest' {
  // Vitest's own way to type what a global set-up hands to the tests.
  interface ProvidedContext {
    /** The administration database of the run's server. */
    database: Connection;
    /** A name of the run, so that runs can share an external server. */
    run: string;
  }
}

/**
 * Gives the whole test run one PostgreSQL server: the one at `VESTIBULE_TEST_DATABASE_URL` (an account that may create
 * databases), else the built-in one in a temporary directory. What the run made is removed at the end.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = randomBytes(4).toString('hex');
  project.provide('run', run);
  const url = process.env.VESTIBULE_TEST_DATABASE_URL;
  if (url) {
    project.provide('database', url);
    return () => dropDatabases(url, run);
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'vestibule-test-'));
  // Two files at a time, some with several servers of their own.
  const server = await startEmbedded({ dataDir, log: silentLogger, maxConnections: 200 });
  project.provide('database', { ...server.connection, database: 'postgres' });
  return async () => {
    await server.stop('immediate');
    await rm(dataDir, { recursive: true, force: true });
  };
}

async function dropDatabases(connection: Connection, run: string): Promise<void> {
  const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
  await client.connect();
  try {
    const pattern = `vestibule\\_test\\_${run}\\_%`;
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where datname like $1',
      [pattern],
    );
    for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
  } finally {
    await client.end();
  }
}
