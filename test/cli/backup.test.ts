import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discoverFeatures, createContext, prepareDatabase } from '../../src/installation.ts';
import { Event } from '../../src/core/audit/index.ts';
import { takeIn } from '../../src/core/audit/search/take-in.ts';
import { modelOf } from '../../src/kernel/resource/model.ts';
import { searchedText } from '../../src/kernel/resource/search.ts';
import { writeBackup } from '../../src/kernel/backup/backup.ts';
import { restoreBackup } from '../../src/kernel/backup/restore.ts';
import { loadConfig } from '../../src/kernel/config/config.ts';
import { clientConfig } from '../../src/kernel/db/connection.ts';
import type { Connection } from '../../src/kernel/db/connection.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import { testDatabase } from '../../src/kernel/testing/database.ts';
import type { TestDatabase } from '../../src/kernel/testing/database.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { createHttpServer, runStartSteps } from '../../src/server.ts';
import { cli, workplace } from './run-cli.ts';

const TOKEN = 'backup-test-token-0123456789';
const SECRET = 'a secret key of the backup tests, long enough';

const discovery = await discoverFeatures();
const { registry, migrations: files } = discovery;
const config = loadConfig({
  VESTIBULE_SECRET_KEY: SECRET,
  VESTIBULE_BOOTSTRAP_TOKEN: TOKEN,
  VESTIBULE_BOOTSTRAP_PASSWORD: 'a long password',
});
const quiet = () => undefined;

let directory = '';
const databases: TestDatabase[] = [];
const opened: { close(): Promise<void> }[] = [];

async function freshDatabase(): Promise<Connection> {
  const database = await testDatabase();
  databases.push(database);
  return database.connection;
}

/** A server's parts on a database, closed after the tests. */
async function serve(connection: Connection) {
  await prepareDatabase({ connection, files, log: silentLogger });
  const db = openDatabase({ connection, log: silentLogger });
  opened.push(db);
  const ctx = await createContext({ config, log: silentLogger, db, discovery });
  await runStartSteps({ ctx }, 'http://localhost');
  const http = await createHttpServer({ ctx });
  return { db, ctx, http };
}

type Site = Awaited<ReturnType<typeof serve>>;

/** Takes all events into the index of the log's search. */
async function indexAll({ db, ctx }: Site): Promise<void> {
  while (await takeIn(db, searchedText(modelOf(Event, ctx.registry)), 1));
}

async function ask(http: Site['http'], method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { host: 'localhost', authorization: `Bearer ${TOKEN}` };
  return http.inject({ method, url, headers, ...(payload ? { payload } : {}) });
}

const backupOf = (connection: Connection, file: string, keyCheck: string) =>
  writeBackup({ connection, registry, keyCheck, file, onProgress: quiet });

const restoreTo = (connection: Connection, file: string, options: { keyCheck: string; keepInvitations?: boolean }) =>
  restoreBackup({
    connection,
    registry,
    files,
    file,
    keepInvitations: false,
    log: silentLogger,
    onProgress: quiet,
    ...options,
  });

/** A digest of each table's rows. */
async function digests(connection: Connection): Promise<Record<string, string>> {
  const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    );
    const found: Record<string, string> = {};
    for (const { name } of rows) {
      const { rows: lines } = await client.query<{ text: string }>(
        `select t::text as text from "${name}" t order by 1`,
      );
      found[name] = createHash('sha256')
        .update(lines.map(({ text }) => text).join('\n'))
        .digest('hex');
    }
    return found;
  } finally {
    await client.end();
  }
}

/** The index of the log's search is made anew. */
const INDEX = ['unindexed', 'search_state', 'search_segment', 'search_block', 'search_slice'].map(
  (name) => `event_${name}`,
);

const NOT_RESTORED = [
  'session',
  'flow_token',
  'flow_plan_cache',
  'vestibule_migration',
  'vestibule_migration_lock',
  ...INDEX,
];

function comparable(found: Record<string, string>, except: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(found).filter(([name]) => ![...NOT_RESTORED, ...except].includes(name)));
}

let site: Site;
let origin: Connection;
let keyCheck = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vestibule-backup-'));
  origin = await freshDatabase();
  site = await serve(origin);
  keyCheck = site.ctx.vault.checkValue();
  const awkward = { note: 'tab\t, new line\n, \\. and back\\slash', nothing: null };
  await ask(site.http, 'POST', '/api/v3/core/users/', { username: 'awkward', name: '\\N', attributes: awkward });
  await ask(site.http, 'POST', '/api/v3/core/users/', { username: 'plain', name: '\\.' });
  await site.http.inject({ url: '/if/flow/default-authentication-flow/', headers: { host: 'localhost' } });
  await indexAll(site);
});

afterAll(async () => {
  for (const one of opened) await one.close();
  for (const one of databases) await one.drop();
  await rm(directory, { recursive: true, force: true });
});

describe('a backup that was restored', () => {
  let restored: Connection;
  let copy: Site;

  beforeAll(async () => {
    const file = join(directory, 'whole.gz');
    await backupOf(origin, file, keyCheck);
    restored = await freshDatabase();
    await restoreTo(restored, file, { keyCheck, keepInvitations: true });
  });

  test('has every row of every table, by checksum (R10)', async () => {
    const [before, after] = [await digests(origin), await digests(restored)];
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.keys(before).length).toBeGreaterThan(15);
    // The restore itself is noted there.
    expect(comparable(after, ['setting'])).toEqual(comparable(before, ['setting']));
  });

  test('has no session and no flow token, though there were some (R10)', async () => {
    const [before, after] = [await digests(origin), await digests(restored)];
    const empty = createHash('sha256').digest('hex');
    expect(before['session']).not.toBe(empty);
    expect(after['session']).toBe(empty);
    expect(after['flow_token']).toBe(empty);
  });

  test('serves: the API token works with the same secret key, new rows get new keys', async () => {
    copy = await serve(restored);
    const me = await ask(copy.http, 'GET', '/api/v3/core/users/me/');
    expect(me.json().user.username).toBe('akadmin');
    const made = await ask(copy.http, 'POST', '/api/v3/core/users/', { username: 'later', name: '' });
    expect(made.statusCode).toBe(201);
    const [user] = await copy.db.query<{ name: string }>(`select name from users where username = 'awkward'`);
    expect(user?.name).toBe('\\N');
  });

  test('finds every event, before its log is taken into the index of the search and after', async () => {
    const found = async ({ http }: Site): Promise<unknown> => {
      const { count, start_index: start } = (await ask(http, 'GET', '/api/v3/events/events/?search=awkward')).json()
        .pagination;
      return [count, start];
    };
    const empty = createHash('sha256').digest('hex');
    const segments = [await digests(origin), await digests(restored)].map(
      (all) => all['event_search_segment'] === empty,
    );
    expect(segments).toEqual([false, true]);
    expect(await found(site)).toEqual([expect.any(Number), 1]);
    expect(await found(copy)).toEqual(await found(site));
    await indexAll(copy);
    expect(await found(copy)).toEqual(await found(site));
  });

  test('has its triggers at work again', async () => {
    const [row] = await copy.db.query<{ resting: number }>(
      `select count(*)::integer as resting from pg_trigger where tgenabled = 'D'`,
    );
    expect(row?.resting).toBe(0);
  });

  test('notes the restore epoch', async () => {
    const [row] = await copy.db.query<{ value: unknown }>(`select value from setting where key = 'restore_epoch'`);
    expect(row?.value).toMatchObject({ number: 1 });
  });
});

test('a backup is one moment, though others write meanwhile (R10)', async () => {
  const client = new pg.Client(clientConfig(origin, { statementTimeoutMs: 0 }));
  await client.connect();
  // Far apart in the backup, and always equal: each transaction changes both.
  await client.query('create table aaa_debit (amount integer not null)');
  await client.query('create table zzz_credit (amount integer not null)');
  await client.query('insert into aaa_debit values (1)');
  await client.query('insert into zzz_credit values (1)');
  let stop = false;
  const writing = (async () => {
    while (!stop) {
      await client.query(
        'with debit as (update aaa_debit set amount = amount + 1) update zzz_credit set amount = amount + 1',
      );
    }
  })();
  const file = join(directory, 'moment.gz');
  await backupOf(origin, file, keyCheck);
  stop = true;
  await writing;
  await client.query('drop table aaa_debit, zzz_credit');
  await client.end();
  const text = gunzipSync(await readFile(file)).toString('utf8');
  const amountOf = (table: string) => new RegExp(`"table":"${table}"[^\\n]*\\n(\\d+)\\n`).exec(text)?.[1];
  expect(Number(amountOf('aaa_debit'))).toBeGreaterThan(0);
  expect(amountOf('zzz_credit')).toBe(amountOf('aaa_debit'));
});

describe('invitations', () => {
  test('a used one stays used, and one used after the backup is not open again (R10)', async () => {
    const make = async (name: string) => {
      const made = await ask(site.http, 'POST', '/api/v3/stages/invitation/invitations/', { name, single_use: true });
      return String(made.json().pk);
    };
    const [used, later] = [await make('used'), await make('later')];
    await site.db.query('update invitation set used_up = now() where invite_uuid = $1', [used]);
    const file = join(directory, 'invitations.gz');
    await backupOf(origin, file, keyCheck);
    const [closed, kept] = [await freshDatabase(), await freshDatabase()];
    const { notes } = await restoreTo(closed, file, { keyCheck });
    expect(notes.join()).toContain('open invitations with a limit of uses were closed');
    await restoreTo(kept, file, { keyCheck, keepInvitations: true });
    const stateOf = async (connection: Connection, pk: string) => {
      const { http } = await serve(connection);
      return (await ask(http, 'GET', `/api/v3/stages/invitation/invitations/${pk}/`)).statusCode;
    };
    expect(await stateOf(closed, used)).toBe(404);
    expect(await stateOf(closed, later)).toBe(404);
    expect(await stateOf(kept, used)).toBe(404);
    expect(await stateOf(kept, later)).toBe(200);
  });
});

describe('a restore is refused, and the database left alone,', () => {
  let file = '';

  beforeAll(async () => {
    file = join(directory, 'good.gz');
    await backupOf(origin, file, keyCheck);
  });

  /** Why it was refused, and how many users the database has then. */
  async function refusalOf(given: Promise<unknown>, connection: Connection) {
    const why = await given.then(
      () => 'nothing was refused',
      (error: unknown) => String(error),
    );
    const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
    await client.connect();
    const { rows } = await client.query<{ there: boolean }>(`select to_regclass('users') is not null as there`);
    const users = rows[0]?.there ? (await client.query('select from users')).rowCount : 0;
    await client.end();
    return { why, users };
  }

  test('with another secret key, in words', async () => {
    const fresh = await freshDatabase();
    expect(await refusalOf(restoreTo(fresh, file, { keyCheck: 'other' }), fresh)).toEqual({
      why: expect.stringContaining('another secret key'),
      users: 0,
    });
  });

  test('over an installation in use', async () => {
    await expect(restoreTo(origin, file, { keyCheck })).rejects.toThrow('in use');
  });

  test.each<[string, (text: string) => string, string]>([
    ['whose row was changed', (text) => text.replace('awkward@', 'x').replace('\tawkward\t', '\tAwkward\t'), 'changed'],
    ['whose row cannot be one', (text) => text.replace(/\t20\d\d-/, '\tp0-'), 'changed'],
    ['that lacks its end', (text) => text.slice(0, -200), 'ends too soon'],
    ['of a newer release', (text) => text.replace('create-setting', 'create-settinx'), 'newer release'],
    ['of another program', (text) => text.replace('vestibule-backup', 'other'), 'begins otherwise'],
    ['that names no table', (text) => text.replace('"table":"users"', '"table":"pg_authid"'), 'not there'],
  ])('from a file %s', async (_what, change, said) => {
    const damaged = join(directory, 'damaged.gz');
    await writeFile(damaged, gzipSync(change(gunzipSync(await readFile(file)).toString('utf8'))));
    const fresh = await freshDatabase();
    expect(await refusalOf(restoreTo(fresh, damaged, { keyCheck }), fresh)).toEqual({
      why: expect.stringContaining(said),
      users: 0,
    });
  });

  test('from a file that is cut off or no backup at all', async () => {
    const fresh = await freshDatabase();
    const cut = join(directory, 'cut.gz');
    const whole = await readFile(file);
    await writeFile(cut, whole.subarray(0, whole.length / 2));
    expect(await refusalOf(restoreTo(fresh, cut, { keyCheck }), fresh)).toEqual({
      why: expect.stringContaining('This is no whole backup'),
      users: 0,
    });
    await writeFile(cut, 'hello');
    expect(await refusalOf(restoreTo(fresh, cut, { keyCheck }), fresh)).toEqual({
      why: expect.stringContaining('cannot be unpacked'),
      users: 0,
    });
  });
});

test('a backup never replaces a file, and is for its owner alone', async () => {
  const file = join(directory, 'private.gz');
  await backupOf(origin, file, keyCheck);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const before = await readFile(file);
  await expect(backupOf(origin, file, keyCheck)).rejects.toThrow(`${file} exists already; give`);
  expect(await readFile(file)).toEqual(before);
});

test('where no file can be made it says so, and not that the database is away', async () => {
  const nowhere = join(directory, 'nowhere', 'x.gz');
  await expect(backupOf(origin, nowhere, keyCheck)).rejects.toThrow(`No file can be made beside ${nowhere}: ENOENT.`);
});

test('backup and restore as commands, with the embedded database, beside a running server', async () => {
  const from = await workplace();
  const main = new URL('../../dist/main.js', import.meta.url).pathname;
  const server = spawn(process.execPath, [main, 'serve'], { env: from.env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const file = join(directory, 'cli.gz');
  const made = await cli(from.env, ['backup', file, '--json']);
  server.kill('SIGTERM');
  await ended;
  expect(made).toMatchObject({ code: 0 });
  expect(JSON.parse(made.out)).toMatchObject({ file });
  expect(made.err).toContain('users: 1 rows');
  expect(made.err).not.toContain('Warning');

  const to = await workplace();
  const without = await cli(to.env, ['restore', file]);
  expect(without.code).toBe(1);
  expect(without.err).toContain('secret.key is missing');
  await expect(stat(to.dataDir)).rejects.toThrow('ENOENT');
  const another = { VESTIBULE_SECRET_KEY: 'another-secret-key-of-enough-characters-4' };
  const other = await cli({ ...to.env, ...another }, ['restore', file]);
  expect(other.code).toBe(1);
  expect(other.err).toContain('another secret key');
  await copyFile(join(from.dataDir, 'secret.key'), join(to.dataDir, 'secret.key'));
  const restored = await cli(to.env, ['restore', file, '--json']);
  expect(restored).toMatchObject({ code: 0 });
  const again = await cli(to.env, ['restore', file]);
  expect(again.code).toBe(1);
  expect(again.err).toContain('in use');
});
