import type { Queryable } from '../../../kernel/db/types.ts';
import type { Parameters } from '../../../kernel/resource/parameters.ts';

/** Stores a stage's sealed password; null: it has none. */
export async function setPassword(db: Queryable, stage: string, sealed: Buffer | null): Promise<void> {
  await db.query('update email_stage set password_sealed = $2 where stage_uuid = $1', [stage, sealed]);
}

/** How a stage's mails leave. */
export type Connection = {
  readonly useGlobal: boolean;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly passwordSealed: Buffer | null;
  readonly useTls: boolean;
  readonly useSsl: boolean;
  readonly timeout: number;
  readonly fromAddress: string;
  readonly tokenExpiry: string;
};

/** The connection of a stage; undefined when it is gone. */
export async function findConnection(db: Queryable, stage: string): Promise<Connection | undefined> {
  const [row] = await db.query<Connection>(
    `select use_global_settings as "useGlobal", host, port, username, password_sealed as "passwordSealed",
       use_tls as "useTls", use_ssl as "useSsl", timeout, from_address as "fromAddress", token_expiry as "tokenExpiry"
     from email_stage where stage_uuid = $1`,
    [stage],
  );
  return row;
}

/** What a stage mails, and how often to one address. */
export type Mailing = {
  readonly useGlobal: boolean;
  readonly subject: string;
  readonly template: string;
  readonly maxMails: number;
  /** Durations as the wire has them. */
  readonly window: string;
  readonly tokenExpiry: string;
};

/** What a stage mails. In: what follows `from` that gives it under alias t, and its values. Undefined: there is none. */
export async function findMailing(
  db: Queryable,
  { from, parameters }: { readonly from: string; readonly parameters: Parameters },
): Promise<Mailing | undefined> {
  const [row] = await db.query<Mailing>(
    `select t.use_global_settings as "useGlobal", t.subject, t.template, t.recovery_max_attempts as "maxMails",
       t.recovery_cache_timeout as "window", t.token_expiry as "tokenExpiry" from ${from}`,
    parameters.values,
  );
  return row;
}

/** Flows that wait for a mail of the configured server. */
export async function listMailingFlows(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ slug: string }>(
    `select distinct f.slug from flow f join flow_stage_binding b on b.target = f.flow_uuid
     join email_stage e on e.stage_uuid = b.stage where e.use_global_settings order by f.slug`,
  );
  return rows.map(({ slug }) => slug);
}
