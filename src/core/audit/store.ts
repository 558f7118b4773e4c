import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import { wireTime } from '../../kernel/resource/kinds/scalar.ts';
import type { MadeEvent } from '../../kernel/events/types.ts';
import { createParameters } from '../../kernel/resource/parameters.ts';
import type { Parameters } from '../../kernel/resource/parameters.ts';
import { literal } from '../../kernel/resource/sql-text.ts';

/** An event as it is stored. */
export type StoredEvent = {
  readonly action: string;
  readonly app: string;
  readonly user: object;
  readonly context: unknown;
  readonly clientIp: string | undefined;
  /** SQL of the brand; its values are added to the parameters. */
  readonly brand: (parameters: Parameters) => string;
};

/** The statement that writes one event; its values are added to the parameters. */
export function insertEventSql(
  parameters: Parameters,
  { action, app, user, context, clientIp, brand }: StoredEvent,
  made?: MadeEvent,
): string {
  const known = parameters.add(JSON.stringify(context), 'jsonb');
  const values = [
    parameters.add(action, 'text'),
    parameters.add(app, 'text'),
    parameters.add(JSON.stringify(user), 'jsonb'),
    made ? `${known} || ${made.context}` : known,
    parameters.add(clientIp ?? null, 'text'),
    brand(parameters),
  ];
  const from = made ? ` ${made.from}` : '';
  return `insert into event (action, app, user_data, context, client_ip, brand) select ${values.join(', ')}${from}`;
}

/** Writes one event in the transaction of its cause; it travels with what the transaction says next. */
export function insertEvent(tx: Transaction, event: StoredEvent): void {
  const parameters = createParameters();
  tx.send(insertEventSql(parameters, event), parameters.values);
}

/** Rows of one deletion: some tenths of a second, after which locks are released and others have their turn. */
const PURGED_AT_ONCE = 10_000;

// Found and deleted by the index on `expires`; what another process deletes meanwhile is left to it.
const PURGE = `with gone as (
  delete from event where event_uuid in (
    select event_uuid from event where expires < now() order by expires limit $1 for update skip locked)
  returning 1
) select count(*)::integer as count from gone`;

/** Deletes the events whose time is over, a batch at a time, each in a transaction of its own. Out: how many. */
export async function purge(db: Queryable): Promise<number> {
  let total = 0;
  for (;;) {
    const [gone] = await db.query<{ count: number }>(PURGE, [PURGED_AT_ONCE]);
    const count = gone?.count ?? 0;
    total += count;
    if (count < PURGED_AT_ONCE) return total;
  }
}

/** Some events: `from … where …` under alias t, and the values of that. */
export type Chosen = { readonly clause: string; readonly parameters: Parameters };

// The clauses are many: each combination of filters is another text.
const unprepared = { prepare: false };

/** The applications that most of the chosen events name. */
export async function topApplications(db: Queryable, { clause, parameters }: Chosen, limit: number): Promise<object[]> {
  return db.query(
    `select t.context -> 'authorized_application' as application, count(*)::integer as counted_events,
       count(distinct t.user_data ->> 'pk')::integer as unique_users
     ${clause} and jsonb_typeof(t.context -> 'authorized_application') = 'object'
     group by 1 order by 2 desc, 1 limit ${parameters.add(limit, 'integer')}`,
    parameters.values,
    unprepared,
  );
}

/** How many of the chosen events there were of each action on each day of the last `days`. */
export async function dailyVolume(db: Queryable, { clause, parameters }: Chosen, days: number): Promise<object[]> {
  // Cheaper than to cut a local time: a day of UTC always has as many hours.
  const day = `date_bin('1 day', t.created, '1970-01-01T00:00:00Z')`;
  return db.query(
    `select action, ${wireTime('day')} as time, count from (
       select t.action, ${day} as day, count(*)::integer as count
       ${clause} and t.created > now() - make_interval(days => ${parameters.add(days, 'integer')})
       group by 1, 2
     ) counted order by day, action`,
    parameters.values,
    unprepared,
  );
}

/** How many of the chosen events there were in the last `seconds`. */
export async function countSince(db: Queryable, { clause, parameters }: Chosen, seconds: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::integer as count
     ${clause} and t.created > now() - make_interval(secs => ${parameters.add(seconds, 'double precision')})`,
    parameters.values,
    unprepared,
  );
  return row?.count ?? 0;
}

/** Of how many users the chosen events are. */
export async function countUsers(db: Queryable, { clause, parameters }: Chosen): Promise<number> {
  const text = `select count(distinct t.user_data ->> 'pk')::integer as count ${clause}`;
  const [row] = await db.query<{ count: number }>(text, parameters.values, unprepared);
  return row?.count ?? 0;
}

/** What events are about: an object, by its model and key; or what their context names. */
export type About = {
  readonly model: { readonly app: string; readonly name: string; readonly pk: string };
  /** A key of the context, from a declaration, and its value. */
  readonly mention: { readonly key: string; readonly value: string };
};

export type EventRow = {
  readonly id: string;
  readonly action: string;
  readonly app: string;
  /** The action as its feature calls it, where the wire has no name for it. */
  readonly own_action: string | null;
  readonly username: string | null;
  readonly user_id: number | null;
  readonly client_ip: string | null;
  readonly created: string;
  readonly position: string;
};

/** Events about something, the latest first; of those after a place of the list. */
export async function listEventsAbout(
  db: Queryable,
  { model, mention }: About,
  { after, limit }: { readonly after: readonly string[] | undefined; readonly limit: number },
): Promise<EventRow[]> {
  const [created = null, id = null] = after ?? [];
  return db.query<EventRow>(
    `select event_uuid as id, action, app, context ->> 'action' as own_action, username,
       (user_data ->> 'pk')::integer as user_id, client_ip, ${wireTime('created')} as created, created::text as position
     from event
     where (model_app = $1 and model_name = $2 and model_pk = $3 or (context ->> ${literal(mention.key)}) = $4)
       and ($5::timestamptz is null or (created, event_uuid) < ($5::timestamptz, $6::uuid))
     order by event.created desc, event_uuid desc limit $7`,
    [model.app, model.name, model.pk, mention.value, created, id, limit],
  );
}
