import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import type { EventRecord } from '../../kernel/events/types.ts';

const SECRET_KEY = /pass(word)?|secret|token|credential|api_key|private_key/i;
const MASK = '********************';

/** A copy of `value` with everything under a telling key masked, at any depth. */
export function cleanse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleanse);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET_KEY.test(key) ? MASK : cleanse(inner)]),
  );
}

/** Writes one event in the transaction of its cause. */
export async function recordEvent(tx: Transaction, event: EventRecord): Promise<void> {
  await tx.query(
    `insert into event (action, app, user_data, context, client_ip) values ($1, $2, $3::jsonb, $4::jsonb, $5)`,
    [
      event.action,
      event.app,
      JSON.stringify(event.user ?? {}),
      JSON.stringify(cleanse(event.context ?? {})),
      event.clientIp ?? null,
    ],
  );
}

/** Deletes the events whose time is over. */
export async function purge(db: Queryable): Promise<void> {
  await db.query('delete from event where expires < now()');
}
