import type { Queryable, Transaction } from '../../kernel/db/types.ts';

/** An event as it is stored. */
export type StoredEvent = {
  readonly action: string;
  readonly app: string;
  readonly user: object;
  readonly context: unknown;
  readonly clientIp: string | undefined;
};

/** Writes one event in the transaction of its cause. */
export async function insertEvent(
  tx: Transaction,
  { action, app, user, context, clientIp }: StoredEvent,
): Promise<void> {
  await tx.query(
    `insert into event (action, app, user_data, context, client_ip) values ($1, $2, $3::jsonb, $4::jsonb, $5)`,
    [action, app, JSON.stringify(user), JSON.stringify(context), clientIp ?? null],
  );
}

/** Deletes the events whose time is over. */
export async function purge(db: Queryable): Promise<void> {
  await db.query('delete from event where expires < now()');
}
