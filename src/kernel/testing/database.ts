import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { Connection } from '../db/connection.ts';
import { clientConfig, withDatabase } from '../db/connection.ts';
import { errorCode } from '../db/errors.ts';
// Brings the type of what the global set-up provides.
import type {} from './global-setup.ts';

export type TestDatabase = {
  readonly connection: Connection;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
};

// Any number; guards the making of templates between the workers of a run.
const TEMPLATE_LOCK = 8_392_001_178;

/** Makes an empty database on the server of the test run. */
export function testDatabase(): Promise<TestDatabase> {
  return createDatabase('template0');
}

/**
 * Makes a copy of a prepared database. The first call of the run with that name prepares it, calls in other workers
 * wait for it; each copy then takes some 50 ms.
 * @param name letters, digits and underscores; two preparations need two names
 */
export async function databaseFromTemplate(
  name: string,
  prepare: (connection: Connection) => Promise<void>,
): Promise<TestDatabase> {
  if (!/^\w+$/.test(name)) throw new Error(`A template is named by letters, digits and underscores, not ${name}.`);
  const template = `vestibule_test_${inject('run')}_template_${name}`;
  await onServer(async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount !== 0) return;
    // Under another name until it is whole: a failed preparation must not look like a finished one.
    const draft = `${template}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft} template template0 encoding 'UTF8'`);
    await prepare(withDatabase(inject('database'), draft));
    await client.query(`alter database ${draft} rename to ${template}`);
  });
  return createDatabase(template);
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const name = `vestibule_test_${inject('run')}_${randomBytes(8).toString('hex')}`;
  await onServer((client) => createFrom(client, name, template));
  return {
    connection: withDatabase(inject('database'), name),
    drop: () => onServer(async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

async function createFrom(client: pg.Client, name: string, template: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`create database ${name} template ${template}`);
      return;
    } catch (error) {
      // 55006: the template is in use, by a connection of its preparation that has not quite gone.
      if (errorCode(error) !== '55006' || attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function onServer(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(clientConfig(inject('database'), { statementTimeoutMs: 0 }));
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
