import type { PoolClient } from 'pg';
import pg from 'pg';
import type { Logger } from '../log/types.ts';
import type { Connection } from './connection.ts';
import { clientConfig } from './connection.ts';
import { DatabaseFull, errorCode, isUnavailable, READ_ONLY, toDatabaseError } from './errors.ts';
import type { Room } from './room.ts';
import type { QueryInfo, Statement } from './send.ts';
import { createSend } from './send.ts';
import { runTransaction } from './transaction.ts';
import { typeParsers } from './type-parsers.ts';
import type { Database } from './types.ts';

export type DatabaseOptions = {
  readonly connection: Connection;
  /** 10 by default: for durable writes more connections are slower on few cores. */
  readonly maxConnections?: number;
  readonly log: Logger;
  /** Told after each statement, its text without the values. */
  readonly onQuery?: (info: QueryInfo) => void;
  /** Milliseconds a statement may take, 5,000 by default (R07). */
  readonly statementTimeoutMs?: number;
  /** Where it is known: while it is low, the connections are for reading only, and a change is {@link DatabaseFull}. */
  readonly room?: Room | undefined;
};

// By how much the client's deadline is later than the server's: it only serves for a server that hangs.
const HANGING_SERVER_MS = 2000;

/**
 * Opens a pool of connections. Connects on first use, so a database that is down fails the first query and not this.
 * A connection that is lost fails its own statement with {@link DatabaseUnavailable} and is replaced.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = createPool(options);
  const send = createSend(options.onQuery);
  const onClient = createOnClient(pool, options.room);

  async function query<Row extends object>(...statement: Statement): Promise<Row[]> {
    try {
      return await onClient((client) => send<Row>(client, statement));
    } catch (error) {
      // A migration changed the tables under a prepared statement. Nothing ran, and the connection was replaced.
      if (isStalePlan(error)) return onClient((client) => send<Row>(client, statement));
      throw error;
    }
  }

  return {
    query,
    transaction: (work) => onClient((client) => runTransaction({ client, send, log: options.log }, work)),
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

function createPool({ connection, log, maxConnections = 10, statementTimeoutMs = 5000 }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(connection, { statementTimeoutMs }),
    query_timeout: statementTimeoutMs + HANGING_SERVER_MS,
    max: maxConnections,
    idleTimeoutMillis: 60_000,
    types: typeParsers,
  });
  pool.on('error', (error) => {
    // While the pool closes, the server may be faster with the goodbye.
    if (!pool.ending) log.warn('database connection lost', { code: errorCode(error) });
  });
  // Without a listener of its own an error between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

type OnClient = <T>(work: (client: PoolClient) => Promise<T>) => Promise<T>;

function createOnClient(pool: pg.Pool, room: Room | undefined): OnClient {
  const readOnly = new WeakSet<PoolClient>();

  async function followRoom(client: PoolClient): Promise<void> {
    const isLow = room?.isLow() === true;
    if (isLow === readOnly.has(client)) return;
    await client.query(`set default_transaction_read_only = ${isLow ? 'on' : 'off'}`);
    if (isLow) readOnly.add(client);
    else readOnly.delete(client);
  }

  return async (work) => {
    const client = await pool.connect().catch((error: unknown) => {
      throw toDatabaseError(error);
    });
    let broken = false;
    try {
      await followRoom(client);
      return await work(client);
    } catch (error) {
      const isRefusal = errorCode(error) === READ_ONLY && readOnly.has(client);
      // A refused statement leaves the connection as it was; only these make it useless.
      broken = (!isRefusal && isUnavailable(error)) || isStalePlan(error) || !isIdle(client);
      throw isRefusal ? new DatabaseFull(error) : toDatabaseError(error);
    } finally {
      client.release(broken);
    }
  };
}

/** Whether the server said, in its last word, that no transaction is open on the connection. */
function isIdle(client: PoolClient): boolean {
  return client.getTransactionStatus() === 'I';
}

function isStalePlan(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === '0A000' &&
    error.message.startsWith('cached plan must not change')
  );
}
