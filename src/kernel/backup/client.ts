import pg from 'pg';
import { clientConfig } from '../db/connection.ts';
import type { Connection } from '../db/connection.ts';
import { toDatabaseError } from '../db/errors.ts';

/** Runs `work` on a connection of its own, without a deadline for statements. */
export async function onClient<T>(connection: Connection, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(clientConfig(connection, { statementTimeoutMs: 0 }));
  client.on('error', () => undefined); // the statement under way fails with it
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
