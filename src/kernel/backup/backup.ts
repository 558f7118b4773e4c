import { createHash } from 'node:crypto';
import { link, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import type { Connection } from '../db/connection.ts';
import { errorCode } from '../db/errors.ts';
import type { Registry } from '../feature.ts';
import { systemRandom } from '../random.ts';
import type { Json } from '../schema/types.ts';
import { VERSION } from '../version.ts';
import { onClient } from './client.ts';
import { copyOut } from './copy.ts';
import { END_OF_ROWS, FORMAT, FORMAT_VERSION, countLines } from './format.ts';
import { ephemeralTable } from './points.ts';
import { copyOutText, databaseTime, listMigrations, listSequences, listTables } from './store.ts';
import type { TableRow } from './store.ts';

export type BackupOptions = {
  readonly connection: Connection;
  readonly registry: Registry;
  /** The fingerprint of the secret key, so that a restore with another one is refused. */
  readonly keyCheck: string;
  readonly file: string;
  readonly onProgress: (text: string) => void;
};

export type BackupResult = { readonly tables: number; readonly rows: number; readonly bytes: number };

type Totals = { tables: number; rows: number };

const line = (value: Json): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

/**
 * Writes a whole, consistent backup, while others read and write: every table, seen at one moment. The file appears
 * under its name only when it is whole and on disk; its owner alone may read it. Sessions and the like are left out.
 * @throws Error when the file exists, the disk is full, the database goes away: then no file is left
 */
export async function writeBackup(options: BackupOptions): Promise<BackupResult> {
  const partial = `${options.file}.${systemRandom.uuid()}.partial`;
  const target = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw new Error(`No file can be made beside ${options.file}: ${errorCode(error) ?? String(error)}.`);
  });
  try {
    const totals: Totals = { tables: 0, rows: 0 };
    await onClient(options.connection, async (client) => {
      await client.query('begin isolation level repeatable read read only');
      const source = Readable.from(parts(client, options, totals), { objectMode: false });
      await pipeline(source, createGzip(), target.createWriteStream({ flush: true }));
      await client.query('commit');
    });
    const { size } = await stat(partial);
    // A link fails where a rename would replace an older backup.
    await link(partial, options.file).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
      throw new Error(`${options.file} exists already; give the backup another name.`);
    });
    await syncDirectory(dirname(options.file));
    return { ...totals, bytes: size };
  } finally {
    await target.close();
    await rm(partial, { force: true });
  }
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // directories cannot be opened there
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

async function* parts(client: pg.Client, options: BackupOptions, totals: Totals): AsyncGenerator<Buffer> {
  const { registry, keyCheck, onProgress } = options;
  const left = new Set(registry.all(ephemeralTable).map(({ table }) => table));
  const tables = (await listTables(client)).filter(({ name }) => !left.has(name));
  const migrations = await listMigrations(client);
  const made = await databaseTime(client);
  yield line({ format: FORMAT, version: FORMAT_VERSION, program: VERSION, made, migrations, key: keyCheck });
  for (const table of tables) {
    yield* tableParts(client, table, (rows) => {
      totals.tables += 1;
      totals.rows += rows;
      onProgress(`${table.name}: ${rows} rows`);
    });
  }
  yield line({ end: true, tables: totals.tables, sequences: await listSequences(client) });
}

async function* tableParts(client: pg.Client, table: TableRow, onDone: (rows: number) => void): AsyncGenerator<Buffer> {
  yield line({ table: table.name, columns: [...table.columns] });
  const hash = createHash('sha256');
  let rows = 0;
  for await (const chunk of copyOut(client, copyOutText(table))) {
    const block: Buffer = chunk;
    hash.update(block);
    rows += countLines(block);
    yield block;
  }
  yield END_OF_ROWS;
  yield line({ rows, sha256: hash.digest('hex') });
  onDone(rows);
}
