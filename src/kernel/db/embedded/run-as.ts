import { existsSync } from 'node:fs';
import { chown, lchown, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedDatabaseError, USE_EXTERNAL } from './errors.ts';

/** The user that runs PostgreSQL. */
export type Account = { readonly uid: number; readonly gid: number };

/** How to run a program as that user: its command line is put behind `prefix`, or Node changes the user itself. */
export type RunAs = { readonly account: Account | undefined; readonly prefix: readonly string[] };

const ACCOUNT_NAMES = ['vestibule', 'postgres', '_postgres', 'nobody'];
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

/**
 * Who runs PostgreSQL, which refuses root: an unprivileged user when we are root (the owner of a cluster that exists,
 * else the first known account), else ourselves (undefined).
 * @param cluster the cluster's directory, which need not exist
 * @throws EmbeddedDatabaseError when we are not root and the cluster belongs to somebody else
 */
export async function chooseAccount(cluster: string): Promise<Account | undefined> {
  const uid = process.getuid?.() ?? -1;
  const owner = await stat(cluster).catch(() => undefined);
  if (uid !== 0) {
    if (!owner || owner.uid === uid) return undefined;
    throw new EmbeddedDatabaseError(
      `The database in ${cluster} belongs to user ${owner.uid}, and this process runs as user ${uid}. Start Vestibule ` +
        'as that user or as root, or give the directory to this user.',
    );
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = await readAccounts();
  const account = ACCOUNT_NAMES.map((name) => accounts.get(name)).find((found) => found && found.uid !== 0);
  if (account) return account;
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and there is no user vestibule, postgres or nobody. Make one, or: ${USE_EXTERNAL}`,
  );
}

/**
 * How to run programs as the account. Where one of `paths` lies below a directory that the account may not enter (a
 * home directory with mode 0700), it keeps the one capability to read and search everywhere; nobody's modes change.
 */
export async function runAs(account: Account | undefined, paths: readonly string[]): Promise<RunAs> {
  if (!account) return { account, prefix: [] };
  const blocked = await findBlocked(account, paths);
  if (!blocked) return { account, prefix: [] };
  const setpriv = SETPRIV.find((path) => existsSync(path));
  if (setpriv) return { account: undefined, prefix: [setpriv, ...setprivFlags(account)] };
  throw new EmbeddedDatabaseError(
    `PostgreSQL runs as user ${account.uid}, who may not enter ${blocked}. Allow it (chmod o+x ${blocked}), move ` +
      `Vestibule or its VESTIBULE_DATA_DIR elsewhere, or install setpriv (util-linux). ${USE_EXTERNAL}`,
  );
}

/** Gives a directory of ours to the account, with what is in it. */
export async function giveTo(account: Account | undefined, directory: string): Promise<void> {
  if (!account) return;
  const owner = await stat(directory);
  if (owner.uid === account.uid) return;
  for (const entry of await readdir(directory, { recursive: true })) {
    await lchown(join(directory, entry), account.uid, account.gid);
  }
  await chown(directory, account.uid, account.gid);
}

function setprivFlags({ uid, gid }: Account): string[] {
  const only = '-all,+dac_read_search';
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--bounding-set=${only}`,
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    // access(2) ignores the capabilities of whoever is not root, unless this is set; initdb asks access(2).
    '--securebits=+no_setuid_fixup',
  ];
}

async function readAccounts(): Promise<Map<string, Account>> {
  const accounts = new Map<string, Account>();
  for (const line of (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && uid && gid) accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}

async function findBlocked(account: Account, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    for (let at = await realpath(path); ; at = dirname(at)) {
      if (!(await mayEnter(account, at))) return at;
      if (at === dirname(at)) break;
    }
  }
  return undefined;
}

async function mayEnter({ uid, gid }: Account, path: string): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(path);
  // Owner, group, others: the first that fits decides, 0o1 is "may enter" (POSIX 4.5).
  const shift = owner === uid ? 6 : group === gid ? 3 : 0;
  return ((mode >> shift) & 0o1) === 1;
}
