import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import type { Database } from '../../src/kernel/db/types.ts';
import { testDatabase } from '../../src/kernel/testing/database.ts';
import type { Send } from '../jar.ts';
import { administrator, bootstrap, enrollmentFlow } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';

/** Database connections of a process; a fleet shares those that the test run's server has (60). */
export const POOL = 5;

/** Several server processes on one database. */
export type Fleet = {
  readonly servers: readonly ServerProcess[];
  readonly db: Database;
  readonly admin: Administrator;
  /** The administrator's API token. */
  readonly token: string;
  /** The default enrollment flow. */
  readonly flow: string;
  /** Under which the processes seal and sign. */
  readonly secretKey: string;
  /** Sends to the server of that number. */
  sendTo(index: number): Send;
  /** Sends each request to the next server, beginning with that one. */
  roundRobin(first: number): Send;
  close(): Promise<void>;
};

/**
 * Starts so many processes at the same moment on one empty database, which they have to migrate between them.
 * @param clockShifts by how many milliseconds the clock of each is wrong; by default they are right
 * @param more variables that each gets besides
 */
export async function startFleet(
  size: number,
  clockShifts: readonly number[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<Fleet> {
  const directory = await mkdtemp(join(tmpdir(), 'vestibule-fleet-'));
  const database = await testDatabase();
  const { token, env: secrets } = bootstrap();
  const env = {
    ...secrets,
    VESTIBULE_DATABASE_URL: databaseUrl(database.connection),
    VESTIBULE_DATABASE_POOL: String(POOL),
    ...more,
  };
  const servers = await Promise.all(
    Array.from({ length: size }, (_, index) => {
      const clockShift = clockShifts[index];
      return startServer({ dataDir: join(directory, String(index)), env, ...(clockShift ? { clockShift } : {}) });
    }),
  );
  const db = openDatabase({ connection: database.connection, log: silentLogger, maxConnections: 2 });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await db.close();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  };
  const sendTo = (index: number): Send => {
    const server = servers[index % size];
    if (!server) throw new Error('A fleet has at least one server.');
    return server.send;
  };
  try {
    await Promise.all(servers.map((server) => server.ready()));
    const admin = administrator(() => sendTo(0), token);
    const flow = await enrollmentFlow(admin);
    const roundRobin = (first: number): Send => {
      let turn = first;
      return (request) => sendTo(turn++)(request);
    };
    return { servers, db, admin, token, flow, secretKey: secrets.VESTIBULE_SECRET_KEY, sendTo, roundRobin, close };
  } catch (error) {
    await close();
    throw error;
  }
}
