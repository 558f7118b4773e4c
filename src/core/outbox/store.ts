import { DatabaseError } from 'pg';
import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import type { Parameters } from '../../kernel/resource/parameters.ts';

export type State = 'queued' | 'sent' | 'deferred' | 'failed' | 'cancelled';
type Header = 'to' | 'cc' | 'bcc';

export type Recipient = { readonly address: string; readonly header: Header };

export type NewMessage = {
  readonly id: string;
  readonly messageId: string;
  readonly cause: string;
  readonly object: string | undefined;
  readonly template: string;
  /** Empty: as the statement says. */
  readonly language: string;
  readonly content: Buffer;
  readonly recipients: readonly Recipient[];
};

type Counted = {
  readonly userId: number | undefined;
  readonly budget: number;
  /** The language of messages that name none, where the statement tells none. */
  readonly usual: string;
};

/** What only the statement knows, as SQL. */
export type Found = {
  /** The language of messages that name none; the usual one where it is empty or null. */
  readonly language: string;
  /** A text by which the cause will know that the message is about the same still; null: it does not ask. */
  readonly mark: string;
};

export const NOTHING_FOUND: Found = { language: 'null', mark: 'null' };

/** What `outbox_queue` says when a day's budget is used up. */
const OVER_BUDGET = 'VB429';

/**
 * SQL that stores messages, due at once, and counts their people against the sender's budget: an expression without a
 * value. Where the budget is nearly used up, whoever mails for the same user waits until the transaction ends. Once in a
 * transaction for a user (decision 0220).
 */
export function queueSql(
  parameters: Parameters,
  messages: readonly NewMessage[],
  { userId, budget, usual, found }: Counted & { readonly found: Found },
): string {
  const rows = messages.map(({ content, ...rest }) => ({ ...rest, content: content.toString('base64') }));
  const given = parameters.add(JSON.stringify(rows), 'jsonb');
  const sender = parameters.add(userId ?? null, 'integer');
  const counted = `${sender}, ${parameters.add(budget, 'integer')}`;
  const language = `coalesce(nullif(${found.language}, ''), ${parameters.add(usual, 'text')})`;
  return `outbox_queue(${given}, ${counted}, ${language}, ${found.mark})`;
}

/** A budget that a statement found used up: how many people are left of it, and seconds until the next day (UTC). */
export function overBudget(failure: unknown): { readonly left: number; readonly secondsLeft: number } | undefined {
  if (!(failure instanceof DatabaseError) || failure.code !== OVER_BUDGET) return undefined;
  const [left = 0, secondsLeft = 0] = (failure.detail ?? '').split(' ').map(Number);
  return { left, secondsLeft };
}

export type Claimed = {
  readonly id: string;
  readonly messageId: string;
  readonly cause: string;
  readonly object: string | null;
  readonly template: string;
  readonly language: string;
  readonly content: Buffer | null;
  /** As the statement that queued it told; null: none. */
  readonly mark: string | null;
  /** The number of this try, from 1. */
  readonly tries: number;
  readonly recipients: readonly (Recipient & { readonly position: number; readonly state: State })[];
};

// Longer than a try can take (kernel/mail: two minutes), so that two workers are never at one message.
const LEASE_SECONDS = 180;

const claimOf = (which: string): string => `
  update outbox_message m set lease = $1, lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}),
    tries = m.tries + 1
  where ${which}
  returning m.message_uuid as id, m.message_id as "messageId", m.cause, m.object, m.template, m.language, m.content,
    m.mark, m.tries, (
      select json_agg(json_build_object('position', r.position, 'address', r.address, 'header', r.header,
        'state', r.state) order by r.position)
      from outbox_recipient r where r.message = m.message_uuid) as recipients`;

const CLAIM = claimOf(`m.message_uuid = $2 and m.due <= clock_timestamp()
  and (m.lease_until is null or m.lease_until < clock_timestamp())`);

const CLAIM_NEXT = claimOf(`m.message_uuid = (
  select n.message_uuid from outbox_message n
  where n.due <= now() and (n.lease_until is null or n.lease_until < now())
  order by n.due limit 1 for update skip locked)`);

/**
 * Takes a due message for one worker, the one of that id or whichever is due first; undefined when it is not due, or
 * another worker has it.
 */
export async function claim(db: Queryable, lease: string, id?: string): Promise<Claimed | undefined> {
  const [row] = await db.query<Claimed>(
    id === undefined ? CLAIM_NEXT : CLAIM,
    id === undefined ? [lease] : [lease, id],
  );
  return row;
}

export type Change = {
  readonly position: number;
  readonly state: State;
  readonly answer: string;
};

const RECORD = `
  update outbox_recipient r set state = j ->> 'state', answer = j ->> 'answer', changed = clock_timestamp(),
    tries = r.tries + 1
  from jsonb_array_elements($2::jsonb) as j
  where r.message = $1 and r.position = (j ->> 'position')::integer and r.state in ('queued', 'deferred')`;

const RELEASE = `
  update outbox_message set lease = null, lease_until = null,
    due = clock_timestamp() + make_interval(secs => $3::double precision),
    finished = case when $3::double precision is null then clock_timestamp() end
  where message_uuid = $1 and lease = $2 returning 1`;

/**
 * Writes what became of a try, and gives the message back; false when another worker has it, or had it since.
 * `delay`: seconds to the next try, undefined: none.
 */
export async function record(
  tx: Transaction,
  { id, lease }: { readonly id: string; readonly lease: string },
  { changes, delay }: { readonly changes: readonly Change[]; readonly delay: number | undefined },
): Promise<boolean> {
  const released = await tx.query(RELEASE, [id, lease, delay ?? null]);
  if (released.length === 0) return false;
  await tx.query(RECORD, [id, JSON.stringify(changes)]);
  return true;
}

/** Whether there are messages that nobody is at though they have been due for some seconds: nobody was woken for them. */
export async function hasStranded(db: Queryable): Promise<boolean> {
  const rows = await db.query(
    `select 1 from outbox_message
     where due < now() - interval '3 seconds' and (lease_until is null or lease_until < now()) limit 1`,
  );
  return rows.length > 0;
}

/** How many people there are in each state but `sent`. */
export function countStates(db: Queryable): Promise<{ state: State; count: number }[]> {
  return db.query(
    `select state, count(*)::integer as count from outbox_recipient where state <> 'sent' group by state order by state`,
  );
}

export type Delivery = {
  readonly message: string;
  readonly messageId: string;
  readonly cause: string;
  readonly object: string | null;
  readonly address: string;
  readonly header: Header;
  readonly state: State;
  readonly answer: string;
  readonly tries: number;
  readonly created: string;
  readonly changed: string;
  /** The next try; null: there is none. */
  readonly due: string | null;
};

const DELIVERY = `
  select m.message_uuid as message, m.message_id as "messageId", m.cause, m.object, r.address, r.header, r.state,
    r.answer, r.tries, m.created, r.changed, case when r.state in ('queued', 'deferred') then m.due end as due
  from outbox_message m join outbox_recipient r on r.message = m.message_uuid`;

export type LastDelivery = {
  readonly address: string;
  readonly header: Header;
  readonly state: State;
  readonly template: string;
  readonly language: string;
};

/** The last mail to each address about an object; of one message only, if it is named. */
export function listLastDeliveries(
  db: Queryable,
  {
    cause,
    object,
    message,
  }: { readonly cause: string; readonly object: string; readonly message?: string | undefined },
): Promise<LastDelivery[]> {
  return db.query<LastDelivery>(
    `select distinct on (r.address) r.address, r.header, r.state, m.template, m.language
     from outbox_message m join outbox_recipient r on r.message = m.message_uuid
     where m.cause = $1 and m.object = $2 and ($3::uuid is null or m.message_uuid = $3::uuid)
     order by r.address, m.created desc, m.message_uuid`,
    [cause, object, message ?? null],
  );
}

/** What is in a state, the newest first. */
export function listByState(db: Queryable, state: string, limit: number): Promise<Delivery[]> {
  return db.query<Delivery>(`${DELIVERY} where r.state = $1 order by m.created desc limit $2`, [state, limit]);
}

const REOPEN = `
  with message as (
    update outbox_message m set tries = 0, due = now(), finished = null, lease = null, lease_until = null
    where m.message_uuid = $1 and m.content is not null and m.due is null
      and exists (select from outbox_recipient r where r.message = m.message_uuid and r.state in ('failed', 'cancelled'))
    returning m.message_uuid)
  update outbox_recipient r set state = 'queued', answer = '', tries = 0, changed = now()
  from message m where r.message = m.message_uuid and r.state in ('failed', 'cancelled') returning 1`;

/** Makes a message due again for those whom it did not reach. Out: how many; 0: nothing to send, or no content left. */
export async function reopen(tx: Transaction, id: string): Promise<number> {
  return (await tx.query(REOPEN, [id])).length;
}

const CANCEL_OPEN = `
  with message as (
    update outbox_message set due = null, finished = now(), lease = null, lease_until = null, content = null
    where due is not null returning message_uuid)
  update outbox_recipient r set state = 'cancelled', answer = $1, changed = now()
  from message m where r.message = m.message_uuid and r.state in ('queued', 'deferred') returning 1`;

/** Cancels all that is still to be sent. Out: how many people will get nothing. */
export async function cancelOpen(tx: Transaction, why: string): Promise<number> {
  return (await tx.query(CANCEL_OPEN, [why])).length;
}

/** Removes what is over: the content after `contentDays`, the rest after `rowDays`. */
export async function purge(db: Queryable, age: { contentDays: number; rowDays: number }): Promise<void> {
  await db.query(
    'update outbox_message set content = null where content is not null and finished < now() - make_interval(days => $1)',
    [age.contentDays],
  );
  await db.query('delete from outbox_message where finished < now() - make_interval(days => $1)', [age.rowDays]);
  await db.query(`delete from outbox_day where day < (now() at time zone 'UTC')::date`);
}

/**
 * How many mails of a cause went or will go to an address that were queued in the last `seconds`. Whoever else counts
 * the same waits until the transaction ends.
 */
export async function countRecent(
  tx: Transaction,
  { cause, address, seconds }: { readonly cause: string; readonly address: string; readonly seconds: number },
): Promise<number> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${cause} ${address}`]);
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::integer as count from outbox_recipient r join outbox_message m on m.message_uuid = r.message
     where r.address = $2 and m.cause = $1 and m.created > now() - make_interval(secs => $3::double precision)`,
    [cause, address, seconds],
  );
  return row?.count ?? 0;
}
