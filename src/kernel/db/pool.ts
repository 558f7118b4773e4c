import type { PoolClient } from 'pg';
import pg from 'pg';
import type { Logger } from '../log/types.ts';
import type { Connection } from './connection.ts';
import { clientConfig } from './connection.ts';
import { DatabaseFull, errorCode, isUnavailable, READ_ONLY, toDatabaseError } from './errors.ts';
import { createLanes } from './lanes.ts';
import type { Room } from './room.ts';
import type { QueryInfo, Statement } from './send.ts';
import { createSend, HANGING_SERVER_MS } from './send.ts';
import { runTransaction } from './transaction.ts';
import { typeParsers } from './type-parsers.ts';
import type { Database } from './types.ts';

export type DatabaseOptions = {
  readonly connection: Connection;
  /**
   * 16 by default. Some six in ten are lanes for brief statements ({@link createLanes}), the others for one transaction
   * or statement at a time; all are opened when needed.
   */
  readonly maxConnections?: number;
  readonly log: Logger;
  /** Told after each statement, its text without the values. */
  readonly onQuery?: (info: QueryInfo) => void;
  /** Milliseconds a statement may take, 5,000 by default (R07). */
  readonly statementTimeoutMs?: number;
  /** Where it is known: while it is low, the connections are for reading only, and a change is {@link DatabaseFull}. */
  readonly room?: Room | undefined;
};

/** The share of the connections that brief statements share. */
const LANES = 0.625;

/**
 * Opens a pool of connections. Connects on first use, so a database that is down fails the first query and not this.
 * A connection that is lost fails its own statement with {@link DatabaseUnavailable} and is replaced.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { maxConnections = 16, log } = options;
  const shared = Math.floor(maxConnections * LANES);
  const config = configOf(options);
  const pool = createPool({ ...config, max: maxConnections - shared }, log);
  const send = createSend(options.onQuery);
  const onClient = createOnClient(pool, options.room);
  const lanes = createLanes({ config, max: shared, send, onLost: (error) => warnOfLoss(log, error) });

  async function attempt<Row extends object>(statement: Statement): Promise<Row[]> {
    const [, , how] = statement;
    // While the disk is full the pool's connections refuse writes.
    const mayShare = how?.brief === true && options.room?.isLow() !== true;
    const brief = mayShare ? lanes.run<Row>(statement) : undefined;
    if (!brief) return onClient((client) => send<Row>(client, statement));
    return brief.catch((error: unknown) => {
      if (isStalePlan(error)) lanes.renew();
      throw toDatabaseError(error);
    });
  }

  async function query<Row extends object>(...statement: Statement): Promise<Row[]> {
    try {
      return await attempt<Row>(statement);
    } catch (error) {
      // A migration changed the tables under a prepared statement. Nothing ran, and the connection was replaced.
      if (isStalePlan(error)) return attempt<Row>(statement);
      throw error;
    }
  }

  return {
    query,
    transaction: (work) => onClient((client) => runTransaction({ client, send, log: options.log }, work)),
    connections() {
      const { total, idle } = lanes.connections();
      return { total: pool.totalCount + total, idle: pool.idleCount + idle, waiting: pool.waitingCount };
    },
    async close() {
      await Promise.all([lanes.close(), pool.end()]);
    },
  };
}

function configOf({ connection, statementTimeoutMs = 5000 }: DatabaseOptions): pg.ClientConfig {
  return {
    ...clientConfig(connection, { statementTimeoutMs }),
    query_timeout: statementTimeoutMs + HANGING_SERVER_MS,
    types: typeParsers,
  };
}

function warnOfLoss(log: Logger, error: Error): void {
  log.warn('database connection lost', { code: errorCode(error) });
}

function createPool(config: pg.PoolConfig, log: Logger): pg.Pool {
  // In a transaction several statements may be under way.
  const pool = new pg.Pool({ ...config, pipeline: true, idleTimeoutMillis: 60_000 });
  pool.on('error', (error) => {
    // While the pool closes, the server may be faster with the goodbye.
    if (!pool.ending) warnOfLoss(log, error);
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
