import type { Migration } from 'kysely';
import pg from 'pg';
import type { Logger } from '../log/types.ts';
import type { Connection } from './connection.ts';
import { clientConfig } from './connection.ts';
import { toDatabaseError } from './errors.ts';
import type { MigrationFiles } from './migration-files.ts';
import { loadMigration } from './migration-files.ts';

const TABLE = 'vestibule_migration';
const LOCK_TABLE = 'vestibule_migration_lock';
// R01: a migration that cannot get its table lock fails instead of holding up the requests that queue behind it.
const LOCK_TIMEOUT_MS = 1000;

export type MigrateOptions = { readonly connection: Connection; readonly files: MigrationFiles; readonly log: Logger };

/**
 * Applies the migrations that the database lacks, in the order of their names and in one transaction: all or none.
 * Of several processes that start at once one migrates and the others wait. A database that a newer release has
 * already migrated further is left as it is (R01).
 * @returns the names of those applied now
 * @throws Error when a migration fails, or is dated before one that is applied
 */
export async function migrate({ connection, files, log }: MigrateOptions): Promise<{ applied: string[] }> {
  return withClient(connection, async (client) => {
    if ((await missing(client, files)).length === 0) return { applied: [] };
    // The migrator's own lock, which keeps the other processes waiting, has an hour instead.
    await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const applied = await runMigrator(client, files);
    log.info('database migrated', { applied: applied.length });
    log.debug('migrations applied', { applied });
    return { applied };
  });
}

/** The names of the migrations that the database lacks, in order; it is not changed. */
export async function pendingMigrations(options: Omit<MigrateOptions, 'log'>): Promise<string[]> {
  return withClient(options.connection, (client) => missing(client, options.files));
}

async function withClient<T>(connection: Connection, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
  client.on('error', () => undefined); // the statement under way fails with it
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function missing(client: pg.Client, files: MigrationFiles): Promise<string[]> {
  const names = [...files.keys()].sort();
  const { rows } = await client.query<{ present: boolean }>(`select to_regclass('${TABLE}') is not null as present`);
  if (!rows[0]?.present) return names;
  const done = await client.query<{ name: string }>(`select name from ${TABLE}`);
  const applied = new Set(done.rows.map((row) => row.name));
  return names.filter((name) => !applied.has(name));
}

async function runMigrator(client: pg.Client, files: MigrationFiles): Promise<string[]> {
  // Hundreds of modules, for the few starts that migrate.
  const { Kysely, Migrator, PostgresDialect } = await import('kysely');
  const migrator = new Migrator({
    db: new Kysely<never>({ dialect: new PostgresDialect({ pool: poolOfOne(client) }) }),
    provider: { getMigrations: () => loadAll(files) },
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
  });
  const { error, results } = await migrator.migrateToLatest();
  const failed = results?.find((result) => result.status === 'Error');
  if (failed) throw new Error(`The migration ${failed.migrationName} failed: ${messageOf(error)}`, { cause: error });
  if (error) throw error;
  return (results ?? []).map((result) => result.migrationName);
}

function poolOfOne(client: pg.Client) {
  const connection = Object.assign(client, { release: () => undefined });
  return { connect: async () => connection, end: async () => undefined };
}

async function loadAll(files: MigrationFiles): Promise<Record<string, Migration>> {
  const { sql } = await import('kysely');
  const entries = [...files].map(async ([name, path]): Promise<[string, Migration]> => {
    const text = await loadMigration(path);
    return [name, { up: async (db) => void (await sql.raw(text).execute(db)) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
