import type { ClientConfig } from 'pg';

/** Where a PostgreSQL answers: a `postgres://` URL, or its parts (`host` may be the directory of a Unix socket). */
export type Connection =
  | string
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly database: string;
      readonly password?: string;
    };

export type SessionSettings = {
  /** Milliseconds after which the server cancels a statement; 0 for never. */
  readonly statementTimeoutMs: number;
  /** Milliseconds a statement waits for a lock; not given for the server's default (for ever). */
  readonly lockTimeoutMs?: number;
};

/**
 * Makes the configuration of a `pg` client or pool: the connection, and session settings that travel in the start-up
 * packet, so they cost no round trip. An `options` parameter of the URL is kept and comes before ours.
 * @throws Error when the text is no URL; the message does not repeat it, because it may hold a password
 */
export function clientConfig(connection: Connection, settings: SessionSettings): ClientConfig {
  const { address, options } =
    typeof connection === 'string' ? splitUrl(connection) : { address: connection, options: '' };
  const ours = [
    `-c statement_timeout=${settings.statementTimeoutMs}`,
    '-c timezone=UTC',
    '-c client_min_messages=warning',
    // Compiling a plan takes longer than any of ours runs.
    '-c jit=off',
    ...(settings.lockTimeoutMs === undefined ? [] : [`-c lock_timeout=${settings.lockTimeoutMs}`]),
  ];
  return {
    ...address,
    application_name: 'vestibule',
    options: [options, ...ours].filter(Boolean).join(' '),
    keepAlive: true,
    connectionTimeoutMillis: 5000,
  };
}

/** The same server, another database; for tests and administration. */
export function withDatabase(connection: Connection, database: string): Connection {
  if (typeof connection !== 'string') return { ...connection, database };
  const url = parseUrl(connection);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

// `pg` lets the URL's parameters win over the object's, so `options` is taken out of it and joined with ours.
function splitUrl(text: string): { address: ClientConfig; options: string } {
  const url = parseUrl(text);
  const options = url.searchParams.get('options') ?? '';
  if (!options) return { address: { connectionString: text }, options };
  url.searchParams.delete('options');
  return { address: { connectionString: url.href }, options };
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text) || !/^postgres(ql)?:/.test(text)) {
    throw new Error('The database URL must look like postgres://user:password@host:5432/database.');
  }
  return new URL(text);
}
