import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import type { Database } from '../../src/kernel/db/types.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { administrator, bootstrap } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { startPostgres } from '../processes/postgres.ts';
import type { Postgres, PostgresOptions } from '../processes/postgres.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';

export const DATABASE = 'product';

/** A server process whose database is a PostgreSQL that the test may stop. */
export type External = {
  readonly postgres: Postgres;
  readonly server: ServerProcess;
  readonly admin: Administrator;
  /** Looks into the database from beside the server; fails while the database is away. */
  readonly db: Database;
  close(): Promise<void>;
};

export type ExternalOptions = {
  readonly postgres?: PostgresOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** The port through which the server reaches its database, when it is not the database's own. */
  readonly through?: (postgres: Postgres) => Promise<number>;
};

/** Starts both; resolves when the server is ready. */
export async function startExternal(options: ExternalOptions = {}): Promise<External> {
  const postgres = await startPostgres(options.postgres);
  await postgres.create(DATABASE);
  const dataDir = await mkdtemp(join(tmpdir(), 'vestibule-outage-'));
  const { token, env } = bootstrap();
  const port = (await options.through?.(postgres)) ?? postgres.port;
  const url = postgres.url({ database: DATABASE, port });
  const server = await startServer({ dataDir, env: { ...env, ...options.env, VESTIBULE_DATABASE_URL: url } });
  const connection = postgres.url({ database: DATABASE });
  const db = openDatabase({ connection, log: silentLogger, maxConnections: 3 });
  const close = async (): Promise<void> => {
    await server.stop();
    await db.close();
    await postgres.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await server.ready();
    return { postgres, server, admin: administrator(() => server.send, token), db, close };
  } catch (error) {
    await close();
    throw error;
  }
}
