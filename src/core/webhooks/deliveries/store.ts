import type { Queryable, Transaction } from '../../../kernel/db/types.ts';
import { wireTime } from '../../../kernel/resource/kinds/scalar.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';

export const STATES = ['queued', 'delivered', 'deferred', 'failed', 'cancelled'] as const;
export type State = (typeof STATES)[number];

/** The source of deliveries that somebody asked for to try a webhook. */
export const TEST_SOURCE = 'webhook_test';

export type DeliveryRow = {
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  readonly source: string;
  readonly occurred: string;
  readonly state: State;
  readonly status: number | null;
  readonly answer: string;
  readonly tries: number;
  readonly next_try: string | null;
  readonly created: string;
  readonly changed: string;
  readonly position: string;
};

const SHOWN = `
  select d.delivery_uuid as id, d.webhook, d.event, d.source, ${wireTime('d.occurred')} as occurred, d.state, d.status,
    d.answer, d.tries, ${wireTime('d.due')} as next_try, ${wireTime('d.created')} as created,
    ${wireTime('d.changed')} as changed, d.created::text as position
  from webhook_delivery d`;

/** A delivery of a webhook; with `lock` nobody else changes it until the end of the transaction. */
export async function findDelivery(
  db: Queryable,
  { webhook, id, lock = false }: { readonly webhook: string; readonly id: string; readonly lock?: boolean },
): Promise<DeliveryRow | undefined> {
  const text = `${SHOWN} where d.webhook = $1 and d.delivery_uuid = $2${lock ? ' for update' : ''}`;
  const [row] = await db.query<DeliveryRow>(text, [webhook, id]);
  return row;
}

export type Chosen = {
  readonly webhook: string;
  readonly state: State | undefined;
  readonly after: readonly string[] | undefined;
  readonly limit: number;
};

/** Deliveries of a webhook, the newest first. */
export function listDeliveries(db: Queryable, { webhook, state, after, limit }: Chosen): Promise<DeliveryRow[]> {
  const [created = null, id = null] = after ?? [];
  return db.query<DeliveryRow>(
    `${SHOWN} where d.webhook = $1 and ($2::text is null or d.state = $2)
       and ($3::timestamptz is null or (d.created, d.delivery_uuid) < ($3::timestamptz, $4::uuid))
     order by d.created desc, d.delivery_uuid desc limit $5`,
    [webhook, state ?? null, created, id, limit],
  );
}

/** Makes a delivery that tries a webhook; answers its id. */
export async function insertTest(tx: Transaction, webhook: string, actor: JsonObject | null): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into webhook_delivery (webhook, event, source, occurred, actor, context)
     values ($1, gen_random_uuid(), $2, now(), $3::jsonb, '{}') returning delivery_uuid as id`,
    [webhook, TEST_SOURCE, actor === null ? null : JSON.stringify(actor)],
  );
  if (!row) throw new Error('The delivery was not stored.');
  return row.id;
}

export type Claimed = {
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  readonly source: string;
  readonly occurred: string;
  readonly actor: JsonObject | null;
  readonly context: JsonObject | null;
  readonly body: string | null;
  /** The number of this try, from 1. */
  readonly tries: number;
  readonly url: string;
  readonly active: boolean;
  readonly secret: Buffer;
  /** The one before, while it is good. */
  readonly old_secret: Buffer | null;
};

// Longer than a try can take (15 seconds), so that two workers are never at one delivery.
const LEASE_SECONDS = 60;

const CLAIM = `
  update webhook_delivery d set lease = $2, lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}),
    tries = d.tries + 1
  from webhook w
  where d.delivery_uuid = $1 and w.webhook_uuid = d.webhook and d.due <= clock_timestamp()
    and (d.lease_until is null or d.lease_until < clock_timestamp())
  returning d.delivery_uuid as id, d.webhook, d.event, d.source, ${wireTime('d.occurred')} as occurred, d.actor, d.context,
    d.body, d.tries, w.url, w.active, w.secret,
    case when w.old_secret_until > clock_timestamp() then w.old_secret end as old_secret`;

/** Takes a due delivery for one worker; undefined when it is not due, another worker has it, or its webhook is gone. */
export async function claim(tx: Transaction, id: string, lease: string): Promise<Claimed | undefined> {
  const [row] = await tx.query<Claimed>(CLAIM, [id, lease]);
  return row;
}

/** Keeps what is sent at this try and at every other. */
export async function keepBody(tx: Transaction, id: string, body: string): Promise<void> {
  await tx.query('update webhook_delivery set body = $2, context = null where delivery_uuid = $1', [id, body]);
}

export type Outcome = {
  readonly state: State;
  readonly status: number | undefined;
  readonly answer: string;
  /** Seconds to the next try; undefined: there is none. */
  readonly delay: number | undefined;
};

/** Writes what became of a try, and gives the delivery back; false when another worker has it, or had it since. */
export async function record(
  tx: Transaction,
  { id, lease }: { readonly id: string; readonly lease: string },
  { state, status, answer, delay }: Outcome,
): Promise<boolean> {
  const rows = await tx.query(
    `update webhook_delivery set state = $3, status = $4, answer = $5, changed = clock_timestamp(), lease = null,
       lease_until = null, due = clock_timestamp() + make_interval(secs => $6::double precision),
       finished = case when $6::double precision is null then clock_timestamp() end
     where delivery_uuid = $1 and lease = $2 returning 1`,
    [id, lease, state, status ?? null, answer, delay ?? null],
  );
  return rows.length > 0;
}

/** Makes a delivery that is over due again. Out: whether it was over. */
export async function reopen(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.query(
    `update webhook_delivery set state = 'queued', tries = 0, due = now(), finished = null, status = null, answer = '',
       changed = now() where delivery_uuid = $1 and due is null returning 1`,
    [id],
  );
  return rows.length > 0;
}

/** Deliveries that nobody is at though they have been due for some seconds; their job may be lost. */
export async function listStranded(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select delivery_uuid as id from webhook_delivery
     where due < now() - interval '3 seconds' and (lease_until is null or lease_until < now())
     order by due limit $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** How many deliveries there are in each state but `delivered`. */
export function countStates(db: Queryable): Promise<{ state: State; count: number }[]> {
  return db.query(
    `select state, count(*)::integer as count from webhook_delivery where state <> 'delivered' group by state order by 1`,
  );
}

/** Removes deliveries that were over `days` ago. */
export async function purge(db: Queryable, days: number): Promise<void> {
  await db.query('delete from webhook_delivery where finished < now() - make_interval(days => $1)', [days]);
}

/** Cancels all that is still to be delivered. Out: how many. */
export async function cancelOpen(tx: Transaction, why: string): Promise<number> {
  const rows = await tx.query(
    `update webhook_delivery set state = 'cancelled', answer = $1, due = null, lease = null, lease_until = null,
       finished = now(), changed = now() where due is not null returning 1`,
    [why],
  );
  return rows.length;
}
