import type { Queryable, Transaction } from '../../../kernel/db/types.ts';
import { wireTime } from '../../../kernel/resource/kinds/scalar.ts';
import type { Parameters } from '../../../kernel/resource/parameters.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { PROMISED_COLUMNS, linkSlug } from './accept/store.ts';
import type { Promised } from './accept/store.ts';

export type UsableInvitation = {
  readonly invite_uuid: string;
  readonly name: string;
  readonly fixed_data: JsonObject;
  readonly single_use: boolean;
  readonly created_by: number;
  readonly locked: boolean;
  readonly secret_hash: Buffer | null;
  readonly code_hash: Buffer | null;
  readonly restrict_to: readonly string[];
  readonly approval: boolean;
  readonly redirect: string;
  /** Whether the account it makes ends, and whether the time for that is over already. */
  readonly ends: boolean;
  readonly ended: boolean;
};

/** What an invitation must fulfil for a flow, judged by the database's clock (contract D3, D18). */
export type Redemption = {
  readonly id: string;
  /** The running flow. */
  readonly flow: string;
  /** Whether it works while its creator is inactive (a server setting; contract D18). */
  readonly survivesCreator: boolean;
};

const USABLE = `
  i.invite_uuid = $1
  and i.open
  and (i.expires is null or i.expires > clock_timestamp())
  and (i.flow is null or i.flow = $2)
  and ($3 or exists (select 1 from users u where u.id = i.created_by and u.is_active))`;

const COLUMNS = `i.invite_uuid, i.name, i.fixed_data, i.single_use, i.created_by, i.locked, i.secret_hash, i.code_hash,
  i.restrict_to, i.approval, i.redirect, (i.account_expires is not null or i.account_lifetime is not null) as ends,
  coalesce(i.account_expires <= clock_timestamp(), false) as ended`;

const FIND = `select ${COLUMNS} from invitation i where ${USABLE}`;
// One row in any case, so that a wrong id costs what a right one does (T07).
const FIND_WITH_PROMISED = `
  select ${COLUMNS}, ${PROMISED_COLUMNS} from (values (1)) as always left join invitation i on ${USABLE}`;

/**
 * The invitation if it may be used in the flow now, with what it promises; changes nothing (contract D4). Not for what
 * must hold when it is used: then the row is locked first, and what it promises is read after.
 */
export async function findUsable(
  db: Queryable,
  redemption: Redemption,
): Promise<(UsableInvitation & Promised) | undefined> {
  const { id, flow, survivesCreator } = redemption;
  const values = [id, flow, survivesCreator];
  type Found = Omit<UsableInvitation, 'invite_uuid'> & { readonly invite_uuid: string | null } & Promised;
  const [row] = await db.query<Found>(FIND_WITH_PROMISED, values, { brief: true });
  return row && row.invite_uuid !== null ? { ...row, invite_uuid: row.invite_uuid } : undefined;
}

// One conditional statement that locks the row: of two people with one link, the second waits for the first and then
// finds the condition false (T02). One without a limit is locked for sharing only, so that its users do not queue.
const CONSUME = `
  update invitation i
  set uses = i.uses + 1, used_up = case when i.uses + 1 >= i.max_uses then clock_timestamp() end
  where ${USABLE} and i.uses < i.max_uses
  returning ${COLUMNS}`;
const SHARE = `${FIND} and i.max_uses is null for share`;

/** Counts a use, and with the last one the invitation is used up; undefined when it may not be used (any more). */
export async function consume(tx: Transaction, redemption: Redemption): Promise<UsableInvitation | undefined> {
  const { id, flow, survivesCreator } = redemption;
  const [consumed] = await tx.query<UsableInvitation>(CONSUME, [id, flow, survivesCreator]);
  if (consumed) return consumed;
  const [shared] = await tx.query<UsableInvitation>(SHARE, [id, flow, survivesCreator]);
  return shared;
}

const RECORD_USE = `
  insert into invitation_use (invitation, client_ip, user_id, username, email)
  select $1, $2, u.id, u.username, u.email from (values ($3::integer)) as account(id) left join users u using (id)`;

/** Keeps that the invitation was used, and which account that led to, if it led to one. */
export function recordUse(
  tx: Transaction,
  { id, clientIp, userId }: { readonly id: string; readonly clientIp: string; readonly userId: number | undefined },
): void {
  tx.send(RECORD_USE, [id, clientIp, userId ?? null]);
}

type UseAt = { readonly invitation: string; readonly used: string };

/**
 * The account of the use of an invitation at an instant: what is written in the same transaction has the same. Undefined
 * when there was none then. Gone accounts keep their name.
 */
export async function findAccount(
  db: Queryable,
  { invitation, used }: UseAt,
): Promise<{ readonly id: number | null; readonly username: string } | undefined> {
  const rows = await db.query<{ id: number | null; username: string }>(
    `select user_id as id, username from invitation_use
     where invitation = $1 and used = $2::timestamptz and username is not null limit 2`,
    [invitation, used],
  );
  return rows.length === 1 ? rows[0] : undefined;
}

/** Marks up to `limit` of those that have expired; the API does not show them from their expiry on. Out: their ids. */
export async function markExpired(tx: Transaction, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `update invitation set expired = expires where invite_uuid in (
       select invite_uuid from invitation where expires < now() and open limit $1 for update skip locked)
     returning invite_uuid as id`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Deletes those that ended longer ago than `days`, with their history; never one that is open (contract D3). */
export async function purge(db: Queryable, days: number): Promise<number> {
  const rows = await db.query(
    `delete from invitation where not open and greatest(used_up, revoked, expired) < now() - make_interval(days => $1)
     returning 1`,
    [days],
  );
  return rows.length;
}

/** Revokes an invitation that the API shows; false when it does not (any more). */
export async function revokeOpen(tx: Transaction, id: string, by: number | null): Promise<boolean> {
  const rows = await tx.query(
    `update invitation set revoked = now(), revoked_by = $2
     where invite_uuid = $1 and open and (expires is null or expires > now()) returning 1`,
    [id, by],
  );
  return rows.length > 0;
}

/** The groups of these names or ids. */
export async function findGroups(
  db: Queryable,
  wanted: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  if (wanted.length === 0) return [];
  return db.query(
    'select group_uuid::text as id, name from groups where name = any($1) or group_uuid::text = any($2)',
    [[...wanted], wanted.map((one) => one.toLowerCase())],
  );
}

/** The roles of these names or ids. */
export async function findRoles(
  db: Queryable,
  wanted: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  if (wanted.length === 0) return [];
  return db.query('select uuid::text as id, name from roles where name = any($1) or uuid::text = any($2)', [
    [...wanted],
    wanted.map((one) => one.toLowerCase()),
  ]);
}

/** Closes every open invitation with a limit of uses. Out: how many. */
export async function closeOpen(db: Queryable): Promise<number> {
  const rows = await db.query('update invitation set used_up = now() where max_uses is not null and open returning 1');
  return rows.length;
}

/** Whether the search has its index; without the extension pg_trgm it reads every invitation. */
export async function hasSearchIndex(db: Queryable): Promise<boolean> {
  const rows = await db.query(`select 1 from pg_class where oid = to_regclass('invitation_search')`);
  return rows.length === 1;
}

export type BrokenFlow = { readonly slug: string; readonly open: number; readonly lacks: string };

/** Flows of open invitations that lack the stage that takes the invitation, or the one that writes the user. */
export async function listBroken(db: Queryable): Promise<BrokenFlow[]> {
  return db.query<BrokenFlow>(
    `select f.slug, count(*)::integer as open, w.lacks
     from invitation i join flow f on f.flow_uuid = i.flow
     cross join (values ('invitation'), ('user_write')) as w(lacks)
     where i.open and (i.expires is null or i.expires > now())
       and not exists (select from flow_stage_binding b join stage s on s.stage_uuid = b.stage
                       where b.target = f.flow_uuid and s.type = w.lacks)
     group by f.slug, w.lacks order by f.slug, w.lacks`,
  );
}

/** Whether a stage of that type is bound to the flow. */
export async function hasStage(db: Queryable, flow: string, type: string): Promise<boolean> {
  const text = `select 1 from flow_stage_binding b join stage s on s.stage_uuid = b.stage
    where b.target = $1 and s.type = $2 limit 1`;
  return (await db.query(text, [flow, type])).length > 0;
}

const GONE = `
  select (select count(*) from unnest($1::uuid[]) w where not exists (select 1 from groups g where g.group_uuid = w))::integer
    + (select count(*) from unnest($2::uuid[]) w where not exists (select 1 from roles r where r.uuid = w))::integer as gone`;

/** How many of the groups and roles do not exist any more. */
export async function countGone(db: Queryable, groups: readonly string[], roles: readonly string[]): Promise<number> {
  if (groups.length + roles.length === 0) return 0;
  const [row] = await db.query<{ gone: number }>(GONE, [[...groups], [...roles]]);
  return row?.gone ?? 1;
}

/** What the mail of an invitation is made of. */
export type MailableInvitation = {
  readonly id: string;
  /** Of the flow that its link leads to; null: there is none. */
  readonly slug: string | null;
  readonly expires: string | null;
  readonly secret_hash: Buffer | null;
  /** As in {@link FOUND}. */
  readonly mark: string;
  readonly message: string;
  readonly message_format: string;
  readonly language: string;
  /** Whose it is, as the first page names them. */
  readonly inviter: string;
  readonly on_behalf_of: string;
};

/** How an inviter is named to the people they invite. */
const inviterName = (alias: string): string =>
  `(select coalesce(nullif(u.name, ''), u.username) from users u where u.id = ${alias}.created_by)`;

/** An instant as templates get it. */
const isoTime = (column: string): string => `to_json(${column} at time zone 'UTC') #>> '{}' || 'Z'`;

/** SQL of the mark of a link: mails do not leave with another secret than the one of when they were queued (T06). */
const mark = (alias: string): string => `coalesce(encode(${alias}.secret_hash, 'hex'), '')`;

/** What a mail of an invitation says, and where it leads; undefined when the invitation is gone. */
export async function findMailable(db: Queryable, id: string): Promise<MailableInvitation | undefined> {
  const [row] = await db.query<MailableInvitation>(
    `select i.invite_uuid as id, ${linkSlug('f.slug')} as slug, i.secret_hash, i.message, i.message_format, i.language,
       i.on_behalf_of, coalesce(${inviterName('i')}, '') as inviter, ${mark('i')} as mark,
       ${isoTime('i.expires')} as expires
     from invitation i left join flow f on f.flow_uuid = i.flow where i.invite_uuid = $1`,
    [id],
  );
  return row;
}

/** For which addresses an invitation is, open or not; undefined when nothing is kept of it. */
export async function findRestriction(db: Queryable, id: string): Promise<readonly string[] | undefined> {
  const text = 'select restrict_to from invitation where invite_uuid = $1';
  const [row] = await db.query<{ restrict_to: string[] }>(text, [id]);
  return row?.restrict_to;
}

/** Parts of the statement that notes a sending. */
export type Sending = {
  readonly parameters: Parameters;
  /** An expression that queues the mails. */
  readonly queue: string;
  /** The insertion of the event, from `sent`. */
  readonly tell: string;
};

/** What the statement finds of the invitation that is being sent; see {@link noteSent}. */
export const FOUND = { language: 's.language', mark: mark('s') };

/** An invitation that gives nothing and is pending, with a flow of its own: who may send any may send it as it is. */
export const PLAIN = `t.open and (t.expires is null or t.expires > now()) and t.flow is not null
  and not exists (select from invitation_group g where g.invitation = t.invite_uuid)
  and not exists (select from invitation_role r where r.invitation = t.invite_uuid)`;

type Sent = {
  readonly id: string;
  /** SQL over alias t that the invitation must fulfil, or nothing is written. */
  readonly only: string;
};

/**
 * Keeps that an invitation was sent just now, with what else its sending writes. Out: the instant; undefined when it is not
 * what it must be, and nothing was written.
 */
export async function noteSent(
  db: Queryable,
  { id, only }: Sent,
  { parameters, queue, tell }: Sending,
): Promise<string | undefined> {
  // Counted, so that what waits for others comes last.
  const text = `with sent as (
    update invitation t set sent = now() where t.invite_uuid = ${parameters.add(id, 'uuid')} and ${only}
    returning t.invite_uuid, t.language, t.secret_hash),
  told as (${tell} returning 1)
  select ${wireTime('now()')} as noted, ${queue} from sent s cross join (select count(*) from told) c`;
  const [row] = await db.query<{ noted: string }>(text, parameters.values, { brief: true, changes: true });
  return row?.noted;
}

type NotedMails = { readonly invitation: string; readonly kind: string; readonly messages: readonly string[] };

/** Keeps that mails of the outbox have to do with an invitation. */
export async function noteMails(tx: Transaction, { invitation, kind, messages }: NotedMails): Promise<void> {
  const text =
    'insert into invitation_mail (message, invitation, kind) select unnest($1::uuid[]), invite_uuid, $3 from invitation where invite_uuid = $2';
  await tx.query(text, [[...messages], invitation, kind]);
}

const USELESS = `
  select case when i.revoked is not null then 'The invitation was withdrawn.'
    when i.used_up is not null then 'The invitation has been used.'
    when i.expires <= clock_timestamp() or i.expired is not null then 'The invitation has expired.'
    when not ($2 or u.is_active) then 'Whoever made the invitation is inactive.' end as why
  from invitation i join users u on u.id = i.created_by where i.invite_uuid = $1::uuid`;

/** Why a link to the invitation would lead nowhere, in words; undefined when it works. */
export async function whyUseless(db: Queryable, id: string, survivesCreator: boolean): Promise<string | undefined> {
  const [row] = await db.query<{ why: string | null }>(USELESS, [id, survivesCreator]);
  return row ? (row.why ?? undefined) : 'The invitation was withdrawn.';
}

export type Summary = {
  readonly name: string;
  readonly state: string;
  readonly uses: number;
  readonly max_uses: number | null;
};

/**
 * What has become of an invitation of the table's alias, in SQL. Revoked goes first: used up or expired, it could be
 * extended again, and revoked it cannot.
 */
export const stateSql = (alias: string): string => `case when ${alias}.revoked is not null then 'revoked'
  when ${alias}.used_up is not null then 'used_up'
  when ${alias}.expired is not null or ${alias}.expires <= now() then 'expired' else 'pending' end`;

const SUMMARY = `
  select i.name, ${stateSql('i')} as state,
    greatest(i.uses, (select count(*) from invitation_use u where u.invitation = i.invite_uuid))::integer as uses, i.max_uses
  from invitation i where i.invite_uuid = $1`;

/** What an invitation has come to. */
export async function summarise(db: Queryable, id: string): Promise<Summary | undefined> {
  const [row] = await db.query<Summary>(SUMMARY, [id]);
  return row;
}
