import type { Command } from 'commander';
import { openServer } from '../installation.ts';
import { CommandError } from '../kernel/cli/command.ts';
import { migrate, pendingMigrations } from '../kernel/db/migrate.ts';
import type { Discovery } from '../kernel/discover.ts';
import { migrateQueue } from '../kernel/tasks/worker.ts';
import { print, progress, readEnvironment } from './environment.ts';

/** Adds `migrate`: brings the database up to date, or tells what it lacks. */
export function addMigrate(program: Command, discovery: Discovery): void {
  program
    .command('migrate')
    .description('Bring the database up to date, an empty external one too ("serve" does so as well).')
    .option('--check', 'change nothing; exit with 1 and list what is pending')
    .action(async (options: { check?: boolean }) => {
      const { config, log } = readEnvironment();
      const server = await openServer({ config, log, attaches: true, onProgress: progress });
      const database = { connection: server.connection, files: discovery.migrations };
      const asJson = program.opts()['json'] === true;
      try {
        const pending = await pendingMigrations(database);
        if (options.check) {
          print({ text: pending.join('\n') || 'Nothing is pending.', json: { pending } }, asJson);
          if (pending.length > 0) throw new CommandError(`${pending.length} migrations are pending.`);
          return;
        }
        const { applied } = await migrate({ ...database, log });
        await migrateQueue(server.connection, log);
        print({ text: `${applied.length} migrations were applied.`, json: { applied } }, asJson);
      } finally {
        await server.stop();
      }
    });
}
