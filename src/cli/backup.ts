import type { Command } from 'commander';
import { openServer, pendingOf } from '../installation.ts';
import { writeBackup } from '../kernel/backup/backup.ts';
import { restoreBackup } from '../kernel/backup/restore.ts';
import { CommandError } from '../kernel/cli/command.ts';
import { readSecretKey, secretKeyFile } from '../kernel/config/secret-key.ts';
import { createVault } from '../kernel/crypto/vault.ts';
import type { Discovery } from '../kernel/discover.ts';
import { migrateQueue } from '../kernel/tasks/worker.ts';
import { print, readEnvironment } from './environment.ts';

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

type Opening = {
  /** Whether the database may be made. */
  readonly creates: boolean;
};

/** Opens the database and the secret key for a backup or a restore, and closes the database again. */
async function withServer<T>(
  opening: Opening,
  work: (scope: Awaited<ReturnType<typeof openScope>>) => Promise<T>,
): Promise<T> {
  const scope = await openScope(opening);
  return work(scope).finally(() => scope.server.stop());
}

async function openScope({ creates }: Opening) {
  const { config, log } = readEnvironment();
  // Without it neither is of use, so nothing is made before it is there.
  const key = await readSecretKey(config.dataDir, config.secretKey);
  if (key === undefined) {
    throw new CommandError(
      `${secretKeyFile(config.dataDir)} is missing, and VESTIBULE_SECRET_KEY is not set: a backup is bound to the secret ` +
        'key of its installation.',
    );
  }
  const server = await openServer({ config, log, attaches: true, creates, onProgress: tell });
  return { log, server, connection: server.connection, keyCheck: createVault(key).checkValue() };
}

async function backup(file: string, { registry, migrations: files }: Discovery, asJson: boolean): Promise<void> {
  await withServer({ creates: false }, async ({ connection, keyCheck }) => {
    await pendingOf({ connection, files });
    const made = await writeBackup({ connection, registry, keyCheck, file, onProgress: tell });
    const size = made.bytes < 1e6 ? `${Math.ceil(made.bytes / 1e3)} kB` : `${(made.bytes / 1e6).toFixed(1)} MB`;
    const text = `${file}: ${made.rows} rows of ${made.tables} tables, ${size}. Keep the secret key with it, apart.`;
    print({ text, json: { file, ...made } }, asJson);
  });
}

type Wanted = { readonly file: string; readonly keepInvitations: boolean; readonly asJson: boolean };

async function restore({ file, keepInvitations, asJson }: Wanted, discovery: Discovery): Promise<void> {
  const { registry, migrations: files } = discovery;
  await withServer({ creates: true }, async ({ connection, keyCheck, log }) => {
    const options = { connection, registry, files, keyCheck, file, keepInvitations, log, onProgress: tell };
    const done = await restoreBackup(options);
    await migrateQueue(connection, log);
    const head = `${done.rows} rows of ${done.tables} tables were restored, as they were at ${done.made}.`;
    print({ text: [head, ...done.notes].join('\n'), json: { file, ...done } }, asJson);
  });
}

/** Adds `backup` and `restore`. */
export function addBackup(program: Command, discovery: Discovery): void {
  const asJson = () => program.opts()['json'] === true;
  program
    .command('backup <file>')
    .description('Write the whole database into a file, while the server goes on.')
    .action((file: string) => backup(file, discovery, asJson()));
  program
    .command('restore <file>')
    .description(
      'Put a backup into an empty database. Sessions and open invitations with a limit of uses do not come back.',
    )
    .option('--keep-invitations', 'open invitations with a limit of uses stay open: none was used since the backup')
    .action((file: string, { keepInvitations = false }: { keepInvitations?: boolean }) =>
      restore({ file, keepInvitations, asJson: asJson() }, discovery),
    );
}
