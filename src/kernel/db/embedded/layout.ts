import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';
import type { Account } from './run-as.ts';
import { giveTo } from './run-as.ts';

/** The places of the built-in database below the data directory. All absolute, links resolved. */
export type Layout = {
  readonly dataDir: string;
  /** Ours, the rest is in it. */
  readonly home: string;
  /** PostgreSQL's own directory. */
  readonly cluster: string;
  readonly libraries: string;
  readonly log: string;
};

// sun_path has 108 bytes on Linux and 104 on macOS, with the closing NUL (unix(7)).
const MAX_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107;
const PORT = 5432;

/** Makes the directories that are missing. An existing data directory keeps its owner and mode. */
export async function prepareLayout(dataDir: string): Promise<Layout> {
  // Others may pass through (PostgreSQL is another user when we are root), not look around.
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const layout = layoutIn(await realpath(dataDir));
  await mkdir(layout.home, { recursive: true, mode: 0o711 });
  return layout;
}

/** The places of an existing data directory; undefined when there is none. */
export async function findLayout(dataDir: string): Promise<Layout | undefined> {
  const real = await realpath(dataDir).catch(() => undefined);
  return real === undefined ? undefined : layoutIn(real);
}

function layoutIn(dataDir: string): Layout {
  const home = join(dataDir, 'postgres');
  return { dataDir, home, cluster: join(home, 'cluster'), libraries: join(home, 'lib'), log: join(home, 'server.log') };
}

/** The path of the socket in a directory. */
export function socketPath(directory: string): string {
  return join(directory, `.s.PGSQL.${PORT}`);
}

/**
 * The directory of the server's socket, made if it is missing: private (0700), in our home, or in /tmp where that path
 * is too long for a socket.
 * @throws EmbeddedDatabaseError when the directory in /tmp is not ours, or others may enter it
 */
export async function prepareSocketDir(layout: Layout, account: Account | undefined): Promise<string> {
  const directory = socketDir(layout);
  await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  // Anybody can make a directory or a link of that name in /tmp, so look before trusting it.
  const found = await lstat(directory);
  const ours = [process.getuid?.(), account?.uid];
  if (!found.isDirectory() || !ours.includes(found.uid) || (found.mode & 0o077) !== 0) {
    throw new EmbeddedDatabaseError(
      `${directory} must be a directory of ours with mode 0700. Remove it, or choose a shorter VESTIBULE_DATA_DIR.`,
    );
  }
  await giveTo(account, directory);
  return directory;
}

/** Where the socket is, whether or not it exists; the same for every process that opens this data directory. */
export function socketDir({ home }: Layout): string {
  const inside = join(home, 'socket');
  if (Buffer.byteLength(socketPath(inside)) <= MAX_SOCKET_PATH) return inside;
  return `/tmp/vestibule-${createHash('sha256').update(home).digest('hex').slice(0, 20)}`;
}

/** How to connect through the socket directory. */
export function connectionTo(directory: string, database: string) {
  return { host: directory, port: PORT, user: 'vestibule', database };
}
