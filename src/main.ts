import { Command as Program, CommanderError } from 'commander';
import { addBackup } from './cli/backup.ts';
import { addDoctor } from './cli/doctor.ts';
import { addFeatureCommands } from './cli/feature-commands.ts';
import { addFeatures } from './cli/features.ts';
import { addMigrate } from './cli/migrate.ts';
import { addServe } from './cli/serve.ts';
import { addWorker } from './cli/worker.ts';
import { discoverFeatures } from './installation.ts';
import { CommandError } from './kernel/cli/command.ts';
import { ConfigError } from './kernel/config/config.ts';

const HELP = `
Configuration comes from environment variables VESTIBULE_*; the README has the table.
Without VESTIBULE_DATABASE_URL a PostgreSQL of its own runs in VESTIBULE_DATA_DIR (./data). Commands work beside a
running server, and start that database for themselves when no server runs. Only "serve" and "restore" make a new one.

Examples
  vestibule serve
  vestibule invite --name alice --email alice@example.org --expires 7d --single-use
  vestibule user set-password akadmin`;

async function main(argv: readonly string[]): Promise<void> {
  const discovery = await discoverFeatures();
  const program = new Program('vestibule')
    .description('An identity provider built around invitations.')
    .option('--json', 'print results as JSON')
    .addHelpText('after', HELP)
    .showHelpAfterError('(vestibule --help tells what there is)')
    .exitOverride();
  addServe(program, discovery);
  addWorker(program, discovery);
  addMigrate(program, discovery);
  addBackup(program, discovery);
  addDoctor(program, discovery);
  addFeatures(program, discovery);
  addFeatureCommands(program, discovery);
  await program.parseAsync(argv);
}

/** What went wrong, for the person at the terminal; a stack only where it is our own fault. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = error instanceof ConfigError || error instanceof CommandError || error.name !== 'Error';
  return expected || process.env['VESTIBULE_LOG_LEVEL'] !== 'debug' ? error.message : (error.stack ?? error.message);
}

try {
  await main(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    console.error(explain(error));
    process.exitCode = 1;
  }
}
