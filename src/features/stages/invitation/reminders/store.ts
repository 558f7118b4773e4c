import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';

/** A reminder whose time has come. */
export type DueReminder = {
  readonly invitation: string;
  readonly occasion: string;
  readonly seconds: string;
  readonly expires: string | null;
};

// A moment before the last sending is none: who has just been written to is not reminded of it.
const DUE = `
  select i.invite_uuid as invitation, r.occasion, r.seconds::text as seconds,
    case when r.occasion = 'before_expiry' then i.expires end as expires
  from invitation i
    cross join lateral (select j ->> 'when' as occasion, (j ->> 'seconds')::bigint as seconds
      from jsonb_array_elements(i.reminders) j) r
    cross join lateral (select case r.occasion when 'after_sending' then i.sent + make_interval(secs => r.seconds)
      else i.expires - make_interval(secs => r.seconds) end as at) m
    join users u on u.id = i.created_by
  where i.open and i.sent is not null and i.reminders <> '[]' and (i.expires is null or i.expires > now())
    and m.at <= now() and m.at > i.sent and ($1 or u.is_active)
    and not exists (select 1 from invitation_reminder n where n.invitation = i.invite_uuid and n.occasion = r.occasion
      and n.seconds = r.seconds and (r.occasion = 'after_sending' or n.expires = i.expires))
  order by m.at limit $2`;

/** Reminders whose time has come of invitations that are pending and were mailed. */
export function listDue(db: Queryable, survivesCreator: boolean, limit: number): Promise<DueReminder[]> {
  return db.query<DueReminder>(DUE, [survivesCreator, limit]);
}

const TAKE = `
  insert into invitation_reminder (invitation, occasion, seconds, expires) values ($1, $2, $3::bigint, $4)
  on conflict do nothing returning 1`;

/** Takes a reminder; of any number of workers one gets it, when its transaction is committed. */
export async function take(tx: Transaction, { invitation, occasion, seconds, expires }: DueReminder): Promise<boolean> {
  return (await tx.query(TAKE, [invitation, occasion, seconds, expires])).length > 0;
}

const USED = `
  select lower(n.email) as email from invitation_use n where n.invitation = $1 and n.email is not null
  union select lower(u.email) from invitation_use n join users u on u.id = n.user_id where n.invitation = $1`;

/** Addresses of those who have used an invitation, in lower case. */
export async function listUsers(db: Queryable, invitation: string): Promise<ReadonlySet<string>> {
  return new Set((await db.query<{ email: string }>(USED, [invitation])).map(({ email }) => email));
}
