import { fileURLToPath } from 'node:url';
import { order } from './core/order.ts';
import { CommandError } from './kernel/cli/command.ts';
import { systemClock } from './kernel/clock.ts';
import type { Config } from './kernel/config/config.ts';
import { loadSecretKey, readSecretKey, secretKeyFile } from './kernel/config/secret-key.ts';
import type { Context } from './kernel/context.ts';
import { createPasswords } from './kernel/crypto/passwords.ts';
import { createVault } from './kernel/crypto/vault.ts';
import type { Vault } from './kernel/crypto/vault.ts';
import type { Connection } from './kernel/db/connection.ts';
import { findRunning, hasCluster, startEmbedded } from './kernel/db/embedded/index.ts';
import type { EmbeddedDatabase } from './kernel/db/embedded/index.ts';
import { migrate, pendingMigrations } from './kernel/db/migrate.ts';
import { openDatabase } from './kernel/db/pool.ts';
import type { Database } from './kernel/db/types.ts';
import { discover } from './kernel/discover.ts';
import type { Discovery } from './kernel/discover.ts';
import { eventRecorder } from './kernel/events/recorder.ts';
import type { Contribution } from './kernel/feature.ts';
import { countEvents } from './kernel/events/count.ts';
import { recordRoom } from './kernel/events/room-event.ts';
import type { Logger } from './kernel/log/types.ts';
import { secretKeyGuard } from './kernel/lifecycle.ts';
import { createMail } from './kernel/mail/smtp.ts';
import { createMetrics } from './kernel/metrics/metrics.ts';
import { createOutbound } from './kernel/outbound/outbound.ts';
import { systemRandom } from './kernel/random.ts';
import { migrateQueue } from './kernel/tasks/worker.ts';
import { kernelContributions } from './kernel/contributions.ts';

/** The directory of `kernel/`, `core/` and `features/`: `dist` when built, `src` in tests. */
export const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** Finds the features of this build. `extra` are contributions of whoever composes the application (tests). */
export function discoverFeatures(extra: readonly Contribution[] = []): Promise<Discovery> {
  return discover({ root: ROOT, order, provides: [...kernelContributions, ...extra] });
}

/** A database and what was found on disk, ready to work with. */
export type Installation = {
  readonly ctx: Context;
  readonly discovery: Discovery;
  readonly connection: Connection;
  close(): Promise<void>;
};

export type OpenOptions = {
  readonly config: Config;
  readonly log: Logger;
  readonly discovery?: Discovery;
  /** Whether pending migrations are applied; without, they are an error. */
  readonly migrates: boolean;
  /** For commands: works beside a running server, on its embedded database, instead of being refused. */
  readonly attaches?: boolean;
  /**
   * Whether a new installation may come to be: a database in a data directory without one, the default flows in an empty
   * database, a secret key. Without, they are errors, and nothing is made.
   */
  readonly creates?: boolean;
  readonly onProgress?: (text: string) => void;
};

export type DatabaseServer = {
  readonly connection: Connection;
  /** Known where the server is our own. */
  readonly room?: EmbeddedDatabase['room'];
  stop(): Promise<void>;
};

/**
 * The external server that is configured, else the embedded one: a running one's for commands, or started.
 * @throws CommandError where there is no database, and none is to be made
 */
export async function openServer(
  options: Pick<OpenOptions, 'config' | 'log' | 'onProgress' | 'attaches' | 'creates'>,
): Promise<DatabaseServer> {
  const { config, log, onProgress, attaches, creates } = options;
  if (config.databaseUrl) return { connection: config.databaseUrl, stop: async () => {} };
  if (!creates && !(await hasCluster(config.dataDir))) {
    throw new CommandError(
      `There is no database in ${config.dataDir}. Is VESTIBULE_DATA_DIR right? "vestibule serve" makes a new one.`,
    );
  }
  const running = attaches ? await findRunning(config.dataDir) : undefined;
  if (running) return { connection: running, stop: async () => {} };
  return startEmbedded({ dataDir: config.dataDir, log, ...(onProgress ? { onProgress } : {}) });
}

/** Migrates a database, the queue's own tables included. */
export async function prepareDatabase(database: {
  connection: Connection;
  files: Discovery['migrations'];
  log: Logger;
}): Promise<void> {
  await migrate(database);
  await migrateQueue(database.connection, database.log);
}

/**
 * Which migrations a database lacks that an installation is in.
 * @throws CommandError where it lacks all of them
 */
export async function pendingOf(database: Parameters<typeof pendingMigrations>[0]): Promise<string[]> {
  const pending = await pendingMigrations(database);
  if (pending.length < database.files.size) return pending;
  throw new CommandError('The database is empty. Is VESTIBULE_DATABASE_URL right? "vestibule serve" sets it up.');
}

async function bringUpToDate(options: OpenOptions, connection: Connection, files: Discovery['migrations']) {
  const { log, migrates, creates } = options;
  const pending = await (creates ? pendingMigrations : pendingOf)({ connection, files });
  if (pending.length === 0) return;
  if (!migrates) throw new Error(`The database lacks ${pending.length} migrations: run "vestibule migrate".`);
  await migrate({ connection, files, log });
}

/** The vault of the secret key; refuses a wrong one, and a missing one where none may be made, before anything is written. */
async function openVault(
  { config, creates }: OpenOptions,
  { db, registry }: { db: Database; registry: Discovery['registry'] },
): Promise<Vault> {
  const known = await readSecretKey(config.dataDir, config.secretKey);
  const vault = known === undefined ? undefined : createVault(known);
  for (const guard of registry.all(secretKeyGuard)) await guard.check(db, vault?.checkValue());
  if (vault) return vault;
  if (!creates) {
    throw new CommandError(
      `${secretKeyFile(config.dataDir)} is missing, and VESTIBULE_SECRET_KEY is not set. Is VESTIBULE_DATA_DIR right?`,
    );
  }
  return createVault(await loadSecretKey(config.dataDir));
}

/**
 * Opens an installation: finds the features, starts or reaches the database, migrates it, and makes the context.
 * @throws when the database cannot be reached, or belongs to another Vestibule
 */
export async function openInstallation(options: OpenOptions): Promise<Installation> {
  const { config, log } = options;
  const [discovery, server] = await Promise.all([options.discovery ?? discoverFeatures(), openServer(options)]);
  const { connection, room } = server;
  const db = openDatabase({ connection, maxConnections: config.databasePool, log, room });
  try {
    const vault = await openVault(options, { db, registry: discovery.registry });
    await bringUpToDate(options, connection, discovery.migrations);
    await migrateQueue(connection, log);
    const ctx = await createContext({ config, log, db, discovery, vault });
    room?.onChange((isLow) => void recordRoom(ctx, isLow));
    return {
      ctx,
      discovery,
      connection,
      async close() {
        ctx.mail.close();
        await db.close();
        await server.stop();
      },
    };
  } catch (error) {
    await db.close();
    await server.stop();
    throw error;
  }
}

/** The mechanisms of a process. Without a vault that of the secret key, which is made if need be. */
export async function createContext(parts: {
  config: Config;
  log: Logger;
  db: Database;
  discovery: Discovery;
  vault?: Vault;
}): Promise<Context> {
  const { config, log, db, discovery } = parts;
  const { registry } = discovery;
  const recorder = registry.find(eventRecorder, 'event-recorder');
  if (!recorder) throw new Error('No feature records events.');
  const metrics = createMetrics();
  return Object.freeze({
    config,
    log,
    db,
    registry,
    clock: systemClock,
    random: systemRandom,
    events: countEvents(recorder(registry), metrics),
    metrics,
    passwords: createPasswords(),
    mail: createMail(config.smtpUrl, config.mailFrom),
    outbound: createOutbound(config.outboundAllow),
    vault: parts.vault ?? createVault(await loadSecretKey(config.dataDir, config.secretKey)),
  });
}
