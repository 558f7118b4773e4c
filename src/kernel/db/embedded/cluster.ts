import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { cannotRun } from './binaries.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import type { Layout } from './layout.ts';
import { isAlive } from './processes.ts';
import type { Account } from './run-as.ts';
import { giveTo, runAs } from './run-as.ts';

const INITDB_FLAGS = [
  '--username=vestibule',
  '--auth=trust', // whoever reaches the socket is us: its directory is private
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  '--no-instructions',
];

const NEW_CLUSTER = 'cluster.new-';

/**
 * Makes the cluster if there is none. It is made beside its place and renamed into it, so nobody ever sees half of one,
 * and of two processes that do so at once one wins and the other takes the winner's.
 * @returns whether this call made it
 * @throws EmbeddedDatabaseError when there is one of another PostgreSQL version, or something else in its place
 */
export async function ensureCluster(
  layout: Layout,
  binaries: Binaries,
  account: Account | undefined,
): Promise<boolean> {
  const version = await readFile(join(layout.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) return makeCluster(layout, binaries, account);
  if (version.trim() !== binaries.major) {
    throw new EmbeddedDatabaseError(
      `The database in ${layout.cluster} is of PostgreSQL ${version.trim()}, and this Vestibule brings PostgreSQL ` +
        `${binaries.major}. Start the Vestibule that made it.`,
    );
  }
  await giveTo(account, layout.cluster);
  return false;
}

async function makeCluster(layout: Layout, binaries: Binaries, account: Account | undefined): Promise<boolean> {
  await removeLeftovers(layout.home);
  const directory = await mkdtemp(join(layout.home, `${NEW_CLUSTER}${process.pid}-`));
  try {
    await giveTo(account, directory);
    await initdb(directory, binaries, account);
    return await moveIntoPlace(directory, layout);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function moveIntoPlace(directory: string, { cluster, home }: Layout): Promise<boolean> {
  try {
    await rename(directory, cluster);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
    if (!taken) throw error;
    const names = await readdir(cluster);
    if (names.includes('PG_VERSION')) return false;
    throw new EmbeddedDatabaseError(`${cluster} is not empty, and it is no database. Move it away.`);
  }
  const parent = await open(home);
  await parent.sync().finally(() => parent.close());
  return true;
}

async function initdb(directory: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  const user = await runAs(account, [directory, binaries.initdb]);
  const [program = '', ...args] = [...user.prefix, binaries.initdb, `--pgdata=${directory}`, ...INITDB_FLAGS];
  const child = spawn(program, args, {
    cwd: '/',
    env: binaries.env,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...user.account,
  });
  let output = '';
  child.stderr.on('data', (chunk) => (output = `${output}${chunk}`.slice(-4000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(program, error)));
    child.once('close', resolve);
  });
  if (code !== 0) throw new EmbeddedDatabaseError(`initdb failed: ${output.trim() || `status ${code}`}`);
}

async function removeLeftovers(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  for (const name of await readdir(home)) {
    if (!name.startsWith(NEW_CLUSTER)) continue;
    const pid = Number.parseInt(name.slice(NEW_CLUSTER.length), 10);
    if (!isAlive(pid)) await rm(join(home, name), { recursive: true, force: true });
  }
}
