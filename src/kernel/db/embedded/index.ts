import { access } from 'node:fs/promises';
import type { Logger } from '../../log/types.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { connectionTo, findLayout, prepareLayout, prepareSocketDir, socketDir } from './layout.ts';
import { checkDurability, ensureDatabase, ownServer } from './owner.ts';
import { readPostmasterPid } from './processes.ts';
import { chooseAccount } from './run-as.ts';
import type { Link, Server } from './server.ts';
import { connect } from './server.ts';
import type { StopMode } from './supervise.ts';
import { stopServer, supervise } from './supervise.ts';
import type { RoomWatch } from './watch-room.ts';
import { watchRoom } from './watch-room.ts';

export type EmbeddedConnection = ReturnType<typeof connectionTo>;

export type EmbeddedOptions = {
  /** Made if it is missing; the database lives in `postgres` below it. */
  readonly dataDir: string;
  readonly log: Logger;
  /** For one Vestibule and its commands unless it says otherwise. */
  readonly maxConnections?: number;
  /** Told what takes long, in words. */
  readonly onProgress?: (text: string) => void;
};

export type EmbeddedDatabase = {
  readonly connection: EmbeddedConnection;
  /** Whether this call made the cluster. */
  readonly firstStart: boolean;
  /** The server's process now; another one after it was restarted. */
  readonly pid: number;
  /** Of the disk that it is on. */
  readonly room: Pick<RoomWatch, 'isLow' | 'onChange'>;
  /**
   * Stops the server: `fast` (the default) ends open transactions and writes everything out, `immediate` leaves the
   * rest to recovery at the next start. Resolves when it is gone.
   */
  stop(mode?: StopMode): Promise<void>;
};

/**
 * Starts the built-in PostgreSQL of a data directory, or takes over the one that a killed Vestibule left running. It
 * survives Ctrl-C and this process; should it die by itself, it is started again.
 * @throws DataDirectoryInUse when another Vestibule has the directory (within 1 s, R04); EmbeddedDatabaseError
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const stopping = new AbortController();
  const { server, firstStart } = await prepare(options, stopping.signal);
  const link = await ownServer(server);
  await finishStart(server, link);
  const room = await watchRoom(server.layout.cluster, server.log);
  const supervision = supervise(server, link, (await readPostmasterPid(server.layout.cluster)) ?? 0);
  return {
    connection: connectionTo(server.socketDir, 'vestibule'),
    firstStart,
    room,
    get pid() {
      return supervision.pid();
    },
    async stop(mode = 'fast') {
      stopping.abort();
      room.stop();
      await supervision.stop(mode);
    },
  };
}

/** Whether a data directory holds a database, started or not. */
export async function hasCluster(dataDir: string): Promise<boolean> {
  const layout = await findLayout(dataDir);
  if (!layout) return false;
  return access(layout.cluster).then(
    () => true,
    () => false,
  );
}

/**
 * How to connect to the server that runs for a data directory, for a command beside a running Vestibule; undefined when
 * none runs. Starts nothing and owns nothing.
 */
export async function findRunning(dataDir: string): Promise<EmbeddedConnection | undefined> {
  const layout = await findLayout(dataDir);
  if (!layout) return undefined;
  const directory = socketDir(layout);
  const found = await connect({ layout, socketDir: directory });
  if (typeof found === 'string') return undefined;
  await found.client.end();
  return connectionTo(directory, 'vestibule');
}

async function prepare({ dataDir, log, onProgress, maxConnections = 60 }: EmbeddedOptions, stopping: AbortSignal) {
  const layout = await prepareLayout(dataDir);
  const account = await chooseAccount(layout.cluster);
  const binaries = await findBinaries(layout.libraries);
  const firstStart = await ensureCluster(layout, binaries, account);
  const directory = await prepareSocketDir(layout, account);
  const server: Server = {
    layout,
    binaries,
    account,
    socketDir: directory,
    maxConnections,
    log,
    onProgress: onProgress ?? (() => undefined),
    stopping,
  };
  return { server, firstStart };
}

async function finishStart(server: Server, link: Link): Promise<void> {
  try {
    await checkDurability(link);
    await ensureDatabase(link);
  } catch (error) {
    await stopServer(server, 'fast');
    throw error;
  }
}
