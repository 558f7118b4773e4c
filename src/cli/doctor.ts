import type { Command } from 'commander';
import { openServer } from '../installation.ts';
import { CommandError } from '../kernel/cli/command.ts';
import { systemClock } from '../kernel/clock.ts';
import { ConfigError, loadConfig } from '../kernel/config/config.ts';
import type { Config } from '../kernel/config/config.ts';
import { findSecretKey } from '../kernel/config/secret-key.ts';
import { createVault } from '../kernel/crypto/vault.ts';
import type { Connection } from '../kernel/db/connection.ts';
import { hasCluster } from '../kernel/db/embedded/index.ts';
import { pendingMigrations } from '../kernel/db/migrate.ts';
import { openDatabase } from '../kernel/db/pool.ts';
import type { Discovery } from '../kernel/discover.ts';
import { examineConfig, examineDirectory } from '../kernel/doctor/host.ts';
import { diagnosis } from '../kernel/doctor/point.ts';
import type { Finding } from '../kernel/doctor/point.ts';
import { examineServer } from '../kernel/doctor/store.ts';
import { createLogger } from '../kernel/log/log.ts';
import type { Logger } from '../kernel/log/types.ts';
import { print, progress } from './environment.ts';

type Place = { readonly config: Config; readonly log: Logger; readonly discovery: Discovery };

async function examineDatabase({ config, log, discovery }: Place, connection: Connection): Promise<Finding[]> {
  const db = openDatabase({ connection, maxConnections: 2, log });
  try {
    const server = await examineServer(db, systemClock);
    const pending = await pendingMigrations({ connection, files: discovery.migrations });
    if (pending.length > 0) {
      return [
        ...server,
        `The database lacks ${pending.length} migrations: run "vestibule migrate", or start the server.`,
      ];
    }
    const key = await findSecretKey(config.dataDir, config.secretKey);
    const given = { config, db, keyCheck: key === undefined ? undefined : createVault(key).checkValue() };
    const parts = discovery.registry.all(diagnosis).map((one) => one.examine(given));
    return [...server, ...(await Promise.all(parts)).flat()];
  } finally {
    await db.close();
  }
}

async function examine(discovery: Discovery): Promise<Finding[]> {
  const config = loadConfig(process.env);
  const log = createLogger({ level: 'error', format: config.logFormat });
  const findings = [...examineConfig(config), ...(await examineDirectory(config))];
  const place = { config, log, discovery };
  // Opening a place where nothing was started would make a database there.
  if (!config.databaseUrl && !(await hasCluster(config.dataDir))) {
    return [...findings, `There is no database in ${config.dataDir}: start the server once.`];
  }
  try {
    const server = await openServer({ config, log, attaches: true, onProgress: progress });
    return [...findings, ...(await examineDatabase(place, server.connection).finally(() => server.stop()))];
  } catch (error) {
    return [...findings, `The database cannot be asked: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function findAll(discovery: Discovery): Promise<Finding[]> {
  try {
    return await examine(discovery);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

function countOf({ length }: readonly Finding[]): string {
  return length === 1 ? 'One thing is wrong.' : `${length} things are wrong.`;
}

/** Adds `doctor`: what is wrong with this installation. */
export function addDoctor(program: Command, discovery: Discovery): void {
  program
    .command('doctor')
    .description('Tell what is wrong with this installation; exit with 1 if anything is. Changes nothing.')
    .action(async () => {
      const findings = await findAll(discovery);
      const text = findings.map((finding) => `- ${finding}`).join('\n') || 'Nothing is wrong.';
      print({ text, json: { findings } }, program.opts()['json'] === true);
      if (findings.length > 0) throw new CommandError(countOf(findings));
    });
}
