import type { Connection } from '../../src/kernel/db/connection.ts';

/** A connection as a URL, the form in which an administrator gives it. A socket's directory goes into `host=`. */
export function databaseUrl(connection: Connection): string {
  if (typeof connection === 'string') return connection;
  const { host, port, user, database, password } = connection;
  const url = new URL(`postgres://localhost:${port}/${encodeURIComponent(database)}`);
  url.username = user;
  if (password !== undefined) url.password = password;
  url.searchParams.set('host', host);
  return url.href;
}
