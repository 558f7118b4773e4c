import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import type { Connection } from '../db/connection.ts';
import { errorCode } from '../db/errors.ts';
import { migrate } from '../db/migrate.ts';
import type { MigrationFiles } from '../db/migration-files.ts';
import type { Transaction } from '../db/types.ts';
import type { Registry } from '../feature.ts';
import type { Logger } from '../log/types.ts';
import { isJsonObject, textsOf } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import { onClient } from './client.ts';
import { copyIn } from './copy.ts';
import { BackupDamaged, BackupReader, FORMAT, FORMAT_VERSION, countLines } from './format.ts';
import { afterRestore, restoreGuard } from './points.ts';
import { copyInText, emptyTables, listMigrations, listTables, setSequence, setTriggers } from './store.ts';
import type { TableRow } from './store.ts';

export type RestoreOptions = {
  readonly connection: Connection;
  readonly registry: Registry;
  readonly files: MigrationFiles;
  readonly keyCheck: string;
  readonly file: string;
  readonly keepInvitations: boolean;
  readonly log: Logger;
  readonly onProgress: (text: string) => void;
};

export type RestoreResult = {
  readonly tables: number;
  readonly rows: number;
  readonly made: string;
  /** What the operator should know. */
  readonly notes: readonly string[];
};

/** Why nothing was restored; the database is as it was. */
export class RestoreRefused extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'RestoreRefused';
  }
}

type Header = { readonly made: string; readonly migrations: readonly string[] };

/**
 * Puts a backup into a database that nobody has used yet. All or nothing: one transaction, each table's count and
 * checksum compared. A backup of an older release is restored as it was and migrated then (R01).
 * @throws RestoreRefused, BackupDamaged
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const { connection, files, log } = options;
  await access(options.file);
  const unpacked = createReadStream(options.file).pipe(createGunzip());
  const failed = new Promise<never>((_resolve, reject) => {
    unpacked.once('error', () => reject(new BackupDamaged('it cannot be unpacked')));
  });
  failed.catch(() => undefined);
  const reader = new BackupReader(unpacked);
  const header = await Promise.race([readHeader(reader, options), failed]);
  const known = new Map([...files].filter(([name]) => header.migrations.includes(name)));
  await migrate({ connection, files: known, log });
  const result = await onClient(connection, (client) =>
    Promise.race([inTransaction(client, () => restoreAll({ client, reader, header }, options)), failed]),
  );
  await migrate({ connection, files, log });
  return result;
}

async function readHeader(reader: BackupReader, { files, keyCheck }: RestoreOptions): Promise<Header> {
  const { format, version, made, migrations, key } = await reader.json();
  if (format !== FORMAT) throw new BackupDamaged('it begins otherwise');
  const names = textsOf(migrations);
  const unknown = names.filter((name) => !files.has(name));
  if (version !== FORMAT_VERSION || unknown.length > 0) {
    throw new RestoreRefused('A newer release made this backup; restore it with that release.');
  }
  if (key !== keyCheck) {
    throw new RestoreRefused(
      'This backup was made with another secret key. Set VESTIBULE_SECRET_KEY (or secret.key in the data directory) ' +
        'to that of the installation that was backed up: without it tokens and sealed values are worthless.',
    );
  }
  return { made: typeof made === 'string' ? made : '', migrations: names };
}

async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error('The restore was rolled back: one of its statements had failed.');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

type Source = { readonly client: pg.Client; readonly reader: BackupReader; readonly header: Header };

function asTransaction(client: pg.Client): Transaction {
  return {
    isTransaction: true,
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(text, [...values])).rows,
    // What fails here fails the commit.
    send: (text, values = []) => void client.query(text, [...values]).catch(() => undefined),
    afterCommit: () => {
      throw new Error('A restore has no process to tell.');
    },
  };
}

async function checkEmpty({ client, header }: Source, { registry }: RestoreOptions): Promise<void> {
  const applied = await listMigrations(client);
  if (applied.some((name) => !header.migrations.includes(name))) {
    throw new RestoreRefused('The database is newer than the backup: restore into an empty one.');
  }
  for (const guard of registry.all(restoreGuard)) {
    const why = await guard.check(asTransaction(client));
    if (why !== undefined) throw new RestoreRefused(why);
  }
}

async function restoreAll(source: Source, options: RestoreOptions): Promise<RestoreResult> {
  const { client, reader, header } = source;
  await checkEmpty(source, options);
  const tables = await listTables(client);
  await setTriggers(client, tables, false);
  await emptyTables(client, tables);
  const totals = { tables: 0, rows: 0 };
  let part = await reader.json();
  for (; part['end'] !== true; part = await reader.json()) {
    const table = tableOf(part, tables);
    const rows = await restoreTable(source, table);
    totals.tables += 1;
    totals.rows += rows;
    options.onProgress(`${table.name}: ${rows} rows`);
  }
  if (part['tables'] !== totals.tables) throw new BackupDamaged('tables are missing');
  const sequences = isJsonObject(part['sequences']) ? part['sequences'] : {};
  for (const [name, value] of Object.entries(sequences)) await setSequence(client, name, Number(value));
  await setTriggers(client, tables, true);
  return { ...totals, made: header.made, notes: await runAfter(source, options) };
}

async function runAfter({ client, header }: Source, options: RestoreOptions): Promise<string[]> {
  const scope = { tx: asTransaction(client), made: header.made, keepInvitations: options.keepInvitations };
  const notes: string[] = [];
  for (const step of options.registry.all(afterRestore)) {
    const note = await step.run(scope);
    if (note !== undefined) notes.push(note);
  }
  return notes;
}

/** The table a part names, as this database has it: names go into SQL, so none is taken from the file. */
function tableOf({ table, columns }: { readonly [key: string]: Json }, tables: readonly TableRow[]): TableRow {
  const known = tables.find(({ name }) => name === table);
  const wanted = textsOf(columns);
  if (!known || wanted.some((column) => !known.columns.includes(column))) {
    throw new BackupDamaged('it names a table or column that is not there');
  }
  return { name: known.name, columns: wanted };
}

async function restoreTable({ client, reader }: Source, table: TableRow): Promise<number> {
  const hash = createHash('sha256');
  let rows = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const block of reader.rows()) {
      hash.update(block);
      rows += countLines(block);
      yield block;
    }
  }
  await copyIn(client, copyInText(table), counted()).catch((error: unknown) => {
    // Values that are none, or that exclude each other: PostgreSQL, appendix A, classes 22 and 23.
    throw /^2[23]/.test(errorCode(error) ?? '') ? new BackupDamaged(`the rows of ${table.name} changed`) : error;
  });
  const { rows: expected, sha256 } = await reader.json();
  if (rows !== expected || hash.digest('hex') !== sha256) throw new BackupDamaged(`the rows of ${table.name} changed`);
  return rows;
}
