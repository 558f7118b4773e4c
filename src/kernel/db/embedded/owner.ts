import type { Layout } from './layout.ts';
import { DataDirectoryInUse, EmbeddedDatabaseError } from './errors.ts';
import { isAlive, pause } from './processes.ts';
import type { Link, Server } from './server.ts';
import { reachServer } from './server.ts';

// Any two numbers, the same in every version.
const LOCK = [86_693, 1] as const;
// A second opener is refused within 1 s (R04). A killed owner's lock goes when its server process notices, which on a
// busy machine takes a moment: so longer where the owner does not live, as far as can be seen.
const GRACE_MS = { alive: 200, gone: 800 };

const DURABILITY = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums'];

/**
 * Reaches the server and becomes its owner, by a lock that lasts as long as the connection: a killed owner's is free.
 * @throws DataDirectoryInUse when another process has it
 */
export async function ownServer(server: Server): Promise<Link> {
  const link = await reachServer(server);
  try {
    await takeLock(link, server.layout);
    return link;
  } catch (error) {
    await link.client.end().catch(() => undefined);
    throw error;
  }
}

async function takeLock({ client }: Link, { dataDir }: Layout): Promise<void> {
  const begin = performance.now();
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [...LOCK]);
    if (rows[0]?.taken) return;
    const owner = await findOwner(client);
    const grace = owner !== undefined && isAlive(owner) ? GRACE_MS.alive : GRACE_MS.gone;
    if (performance.now() - begin >= grace) throw new DataDirectoryInUse(dataDir, owner);
    await pause(25);
  }
}

async function findOwner(client: Link['client']): Promise<number | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2 and l.objsubid = 2`,
    [...LOCK],
  );
  const pid = Number(/^vestibule owner (\d+)$/.exec(rows[0]?.name ?? '')?.[1]);
  return Number.isSafeInteger(pid) ? pid : undefined;
}

/** Makes the database `vestibule`, if it is missing. */
export async function ensureDatabase({ client }: Link): Promise<void> {
  const { rowCount } = await client.query(`select from pg_database where datname = 'vestibule'`);
  if (rowCount === 0) await client.query('create database vestibule');
}

/**
 * Asks the running server whether it keeps what it acknowledged through a power cut (R03).
 * @throws EmbeddedDatabaseError that names the setting which is off
 */
export async function checkDurability({ client }: Link): Promise<void> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any ($1)',
    [DURABILITY],
  );
  const on = new Set(rows.filter(({ setting }) => setting === 'on').map(({ name }) => name));
  const off = DURABILITY.filter((name) => !on.has(name));
  if (off.length > 0)
    throw new EmbeddedDatabaseError(`The database would lose acknowledged writes: ${off.join(', ')} off.`);
}
