import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from '../../src/kernel/testing/database.ts';
import { testApp } from '../app.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { cli, workplace } from './run-cli.ts';

const KEY = { VESTIBULE_SECRET_KEY: 'test-secret-key-of-enough-characters-0123456789' };
const NOWHERE = '"vestibule serve" makes a new one.\n';

const COMMANDS = [
  'invite --name x',
  'invite list',
  'mail list',
  'token create x',
  'user set-password akadmin',
  'user recover akadmin --activate',
  'migrate',
  'migrate --check',
  'worker',
  'backup never-made.gz',
];

test.each(COMMANDS)('%s in a mistyped data directory makes nothing, and says so', async (words) => {
  const { env, dataDir } = await workplace();
  const { code, out, err } = await cli({ ...env, ...KEY }, words.split(' '), 'a new password\n');
  expect({ code, out, err }).toEqual({
    code: 1,
    out: '',
    err: `There is no database in ${dataDir}. Is VESTIBULE_DATA_DIR right? ${NOWHERE}`,
  });
  await expect(stat(dataDir)).rejects.toThrow('ENOENT');
});

test('a command leaves an empty data directory, and one of something else, as it was', async () => {
  const { env, dataDir } = await workplace();
  await mkdir(join(dataDir, 'something'), { recursive: true });
  for (const words of [
    ['invite', 'list'],
    ['migrate', '--check'],
    ['backup', join(dataDir, 'x.gz')],
  ]) {
    expect((await cli(env, words)).code).toBe(1);
  }
  expect(await readdir(dataDir)).toEqual(['something']);
});

test('restore without the secret key, or with a file that is none, says so and makes no secret key', async () => {
  const { env, dataDir } = await workplace();
  const { code, err } = await cli(env, ['restore', 'no-such-file.gz']);
  expect(code).toBe(1);
  expect(err).toContain('secret.key is missing, and VESTIBULE_SECRET_KEY is not set');
  await expect(stat(dataDir)).rejects.toThrow('ENOENT');
});

test('with an external database and a mistyped data directory no other secret key is made', async () => {
  const app = await testApp();
  const { env, dataDir } = await workplace();
  const external = { ...env, VESTIBULE_DATABASE_URL: databaseUrl(app.connection) };
  await app.ctx.db.query(
    `insert into setting (key, value) values ('secret_key_check', $1::jsonb) on conflict do nothing`,
    [JSON.stringify(app.ctx.vault.checkValue())],
  );
  for (const words of ['invite list', 'worker', 'backup never-made.gz', 'serve']) {
    const { code, out, err } = await cli(external, words.split(' '));
    expect({ words, code, out }).toEqual({ words, code: 1, out: '' });
    expect(err).toContain('VESTIBULE_SECRET_KEY');
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  }
});

test('an empty external database is set up by serve and migrate only', async () => {
  const { connection, drop } = await testDatabase();
  const { env } = await workplace();
  const external = { ...env, ...KEY, VESTIBULE_DATABASE_URL: databaseUrl(connection) };
  const client = new pg.Client(external.VESTIBULE_DATABASE_URL);
  await client.connect();
  const tables = async () => (await client.query(`select from pg_tables where schemaname = 'public'`)).rowCount;
  for (const words of ['invite --name x', 'user recover akadmin', 'worker', 'backup never-made.gz']) {
    const { code, err } = await cli(external, words.split(' '));
    expect({ words, code, tables: await tables() }).toEqual({ words, code: 1, tables: 0 });
    expect(err).toContain('The database is empty.');
  }
  expect((await cli(external, ['migrate'])).code).toBe(0);
  expect(await tables()).toBeGreaterThan(10);
  await client.end();
  await drop();
});
