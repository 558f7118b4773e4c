import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoverFeatures, prepareDatabase } from '../../src/installation.ts';
import { clientConfig } from '../../src/kernel/db/connection.ts';
import { databaseFromTemplate } from '../../src/kernel/testing/database.ts';
import type { TestDatabase } from '../../src/kernel/testing/database.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { foreignKeysOf, ownersOf, violations } from './owners.ts';

let database: TestDatabase;
let client: pg.Client;
let owners: Map<string, string>;

beforeAll(async () => {
  const discovery = await discoverFeatures();
  const { migrations: files } = discovery;
  database = await databaseFromTemplate('migrated', (connection) =>
    prepareDatabase({ connection, files, log: silentLogger }),
  );
  owners = await ownersOf(discovery);
  client = new pg.Client(clientConfig(database.connection, { statementTimeoutMs: 10_000 }));
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

test('every table of the migrated database has the folder that made it', async () => {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
  );
  const tables = rows.map(({ name }) => name).filter((name) => !name.startsWith('vestibule_migration'));
  expect(tables.length).toBeGreaterThan(20);
  expect(tables.filter((name) => !owners.has(name))).toEqual([]);
});

test('rule 7: no table outside a feature references a table of the feature', async () => {
  const keys = await foreignKeysOf(client);
  expect(keys.length).toBeGreaterThan(20);
  expect(violations(owners, keys)).toEqual([]);
});

test.each([
  ['the core', 'alter table users add column planted uuid constraint planted references invitation', 'core/users'],
  [
    'another feature',
    'alter table prompt_stage add column planted uuid constraint planted references invitation',
    'features/stages/prompt',
  ],
  ['a table of nobody', 'create table stray (planted uuid constraint planted references invitation)', 'of nobody'],
])('rule 7 fires on a reference from %s', async (_from, statement, owner) => {
  await client.query('begin');
  await client.query(statement);
  const found = violations(owners, await foreignKeysOf(client));
  await client.query('rollback');
  expect(found).toEqual([expect.stringMatching(`^planted: \\w+ \\(${owner}\\) references invitation`)]);
});
