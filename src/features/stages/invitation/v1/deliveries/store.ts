import type { Queryable } from '../../../../../kernel/db/types.ts';

export const STATES = ['queued', 'sent', 'deferred', 'failed', 'cancelled'] as const;

/** One person of one mail. */
export type DeliveryRow = {
  readonly id: string;
  readonly kind: string;
  readonly recipient: string;
  readonly header: 'to' | 'cc' | 'bcc';
  readonly state: (typeof STATES)[number];
  readonly answer: string;
  readonly tries: number;
  /** null: there is none. */
  readonly next_try: string | null;
  readonly template: string;
  readonly language: string;
  readonly created: string;
  readonly changed: string;
  /** Where it stands in the list. */
  readonly place: readonly string[];
};

export type DeliveryPage = {
  readonly invitation: string;
  /** The cause of the mails that carry its link, and what these are called. */
  readonly cause: string;
  readonly state: DeliveryRow['state'] | undefined;
  readonly kind: string | undefined;
  /** Kinds that are left out. */
  readonly hidden: readonly string[];
  readonly after: readonly string[] | undefined;
  readonly limit: number;
};

const LIST = `
  with mails as (
    select n.message, n.kind from invitation_mail n where n.invitation = $1::text::uuid
    union all
    select m.message_uuid, 'invitation' from outbox_message m
      where m.cause = $2 and m.object = $1 and not exists (select from invitation_mail n where n.message = m.message_uuid)
  )
  select d.*, json_build_array(d.created::text, d.id, d.position::text) as place from (
    select m.message_uuid as id, n.kind, r.address as recipient, r.header, r.state, r.answer, r.tries,
      case when r.state in ('queued', 'deferred') then m.due end as next_try, m.template, m.language, m.created,
      r.changed, r.position
    from mails n join outbox_message m on m.message_uuid = n.message join outbox_recipient r on r.message = n.message
    where ($3::text is null or r.state = $3) and ($4::text is null or n.kind = $4) and n.kind <> all($5::text[])) d
  where $6::timestamptz is null or d.created < $6::timestamptz
    or d.created = $6::timestamptz and (d.id > $7::uuid or d.id = $7::uuid and d.position > $8::integer)
  order by d.created desc, d.id, d.position limit $9`;

/** What was mailed of an invitation, page by page: the newest first, and the people of one mail in their order. */
export async function listDeliveries(
  db: Queryable,
  { invitation, cause, state, kind, hidden, after, limit }: DeliveryPage,
): Promise<DeliveryRow[]> {
  const [created = null, message = null, position = null] = after ?? [];
  const chosen = [invitation, cause, state ?? null, kind ?? null, [...hidden]];
  return db.query<DeliveryRow>(LIST, [...chosen, created, message, position, limit]);
}

const STATES_OF = `
  select distinct on (m.object, r.address) m.object, r.address, r.state
  from outbox_message m join outbox_recipient r on r.message = m.message_uuid
  where m.cause = $1 and m.object = any($2::text[])
  order by m.object, r.address, m.created desc, m.message_uuid`;

/** What became of the last mail of an invitation to one address. */
export type MailState = { readonly address: string; readonly state: DeliveryRow['state'] };

/** What became of the last mails of invitations, for each address; of one that was never mailed nothing. */
export async function listMailStates(
  db: Queryable,
  { cause, ids }: { readonly cause: string; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, readonly MailState[]>> {
  const rows = await db.query<MailState & { object: string }>(STATES_OF, [cause, [...ids]]);
  const found = new Map<string, MailState[]>();
  for (const { object, address, state } of rows) {
    const states = found.get(object) ?? [];
    states.push({ address, state });
    found.set(object, states);
  }
  return found;
}
