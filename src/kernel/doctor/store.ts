import type { Clock } from '../clock.ts';
import type { Queryable } from '../db/types.ts';
import type { Finding } from './point.ts';

const OLDEST_SERVER = 140_000;
const MOST_SECONDS_APART = 5;

type Server = { readonly version: number; readonly name: string; readonly off: string[]; readonly now: number };

/** The database server: its version, what makes its writes last, its clock. */
export async function examineServer(db: Queryable, clock: Clock): Promise<Finding[]> {
  const [server] = await db.query<Server>(
    `select current_setting('server_version_num')::integer as version, current_setting('server_version') as name,
       array(select name from pg_settings
             where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name) as off,
       extract(epoch from clock_timestamp())::float8 as now`,
  );
  if (!server) return ['The database says nothing about itself.'];
  const { version, name, off, now } = server;
  const apart = Math.round(Math.abs(clock.now().getTime() / 1000 - now));
  return [
    ...(version < OLDEST_SERVER ? [`PostgreSQL ${name} is too old: 14 is the least.`] : []),
    ...off.map((setting) => `The database has ${setting} off: what was acknowledged can be lost in a crash.`),
    ...(apart > MOST_SECONDS_APART ? [`The clocks of this machine and of the database are ${apart} s apart.`] : []),
  ];
}
