import type { Command } from 'commander';
import { openInstallation } from '../installation.ts';
import type { Discovery } from '../kernel/discover.ts';
import { CommandError } from '../kernel/cli/command.ts';
import { startServer } from '../server.ts';
import type { RunningServer } from '../server.ts';
import { progress, readEnvironment } from './environment.ts';
import { keepHeapSmall } from './heap.ts';
import { stopOnSignals } from './signals.ts';

/** Adds `serve`: the server, with its worker inside. */
export function addServe(program: Command, discovery: Discovery): void {
  program
    .command('serve', { isDefault: true })
    .description('Run the server (and the embedded PostgreSQL, unless VESTIBULE_DATABASE_URL is given).')
    // The default command gets every word that names no other one.
    .allowExcessArguments()
    .action((_options: unknown, { args: [word] }: Command) => {
      if (word !== undefined) throw new CommandError(`There is no command ${word}; "vestibule --help" lists them.`);
      return serve(discovery);
    });
}

function announce(server: RunningServer): void {
  console.log(`Vestibule listens on ${server.url}`);
  for (const { label, text } of server.announcements) console.log(`${label}\n  ${text}`);
}

async function serve(discovery: Discovery): Promise<void> {
  keepHeapSmall();
  const { config, log } = readEnvironment();
  const parts = { config, log, discovery, migrates: true, creates: true, onProgress: progress };
  const installation = await openInstallation(parts);
  const server = await startServer(installation).catch(async (error: unknown) => {
    await installation.close();
    throw error;
  });
  stopOnSignals(server, config.shutdownDelay * 1000);
  announce(server);
}
