import type { Parameter, Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { wireTime } from '../../../../kernel/resource/kinds/scalar.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { personSql } from '../v1/store.ts';

export const STATES = ['pending', 'approved', 'rejected'] as const;
export type State = (typeof STATES)[number];

/** Whose approvals: all, or those of invitations on which one of the roles grants it. */
export type Eyes = {
  /** SQL of the keys of invitations, over `$2` and `$3`. */
  readonly granted: string;
  readonly values: readonly [all: boolean, roles: string[], permission: string];
};

/** An account that waits for a decision, or did. */
export type ApprovalRow = {
  readonly id: string;
  readonly state: State;
  readonly requested: string;
  readonly decided: string | null;
  readonly decided_by: JsonObject | null;
  readonly reason: string;
  readonly user: { readonly id: number; readonly username: string; readonly name: string; readonly email: string };
  readonly active: boolean;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly invitation: { readonly id: string; readonly name: string } | null;
  readonly invited_by: JsonObject | null;
  /** Of the account, else of the invitation. */
  readonly language: string;
  readonly position: string;
};

const SHOWN = ({ granted }: Eyes): string => `
  select a.approval_uuid as id, a.state, ${wireTime('a.requested')} as requested, ${wireTime('a.decided')} as decided,
    ${personSql('a.decided_by')} as decided_by, a.reason, u.is_active as active,
    json_build_object('id', u.id, 'username', u.username, 'name', u.name, 'email', u.email) as user,
    array(select g.name from group_members m join groups g on g.group_uuid = m.group_uuid
      where m.user_id = u.id order by g.name) as groups,
    array(select r.name from user_roles m join roles r on r.uuid = m.role_uuid
      where m.user_id = u.id order by r.name) as roles,
    case when i.invite_uuid is not null then json_build_object('id', i.invite_uuid, 'name', i.name) end as invitation,
    ${personSql('i.created_by')} as invited_by, coalesce(nullif(u.locale, ''), i.language, '') as language,
    a.requested::text as position
  from invitation_approval a join users u on u.id = a.user_id left join invitation i on i.invite_uuid = a.invitation
  where ($1::boolean or a.invitation::text in (${granted}))`;

const valuesOf = ({ values }: Eyes): Parameter[] => [...values];

/** An approval that the eyes may see. */
export async function findApproval(db: Queryable, id: string, eyes: Eyes): Promise<ApprovalRow | undefined> {
  const text = `${SHOWN(eyes)} and a.approval_uuid = $4`;
  const [row] = await db.query<ApprovalRow>(text, [...valuesOf(eyes), id]);
  return row;
}

// The account first, as an update of it does: its trigger goes on to the approval.
const LOCK_ACCOUNT = `
  select 1 from users where id = (select user_id from invitation_approval where approval_uuid = $1) for no key update`;

/** Keeps others from deciding, and from changing the account, until the end of the transaction. */
export async function lockApproval(tx: Queryable, id: string): Promise<void> {
  await tx.query(LOCK_ACCOUNT, [id]);
  await tx.query('select 1 from invitation_approval where approval_uuid = $1 for update', [id]);
}

export type Listing = {
  readonly states: readonly State[] | undefined;
  readonly after: readonly string[] | undefined;
  readonly limit: number;
};

/** Approvals, the newest first. */
export function listApprovals(db: Queryable, eyes: Eyes, { states, after, limit }: Listing): Promise<ApprovalRow[]> {
  const [requested = null, id = null] = after ?? [];
  const text = `${SHOWN(eyes)} and ($4::text[] is null or a.state = any($4))
    and ($5::timestamptz is null or (a.requested, a.approval_uuid) < ($5::timestamptz, $6::uuid))
    order by a.requested desc, a.approval_uuid desc limit $7`;
  return db.query<ApprovalRow>(text, [...valuesOf(eyes), states ? [...states] : null, requested, id, limit]);
}

/** Whether there is an invitation whose accounts the eyes may approve. */
export async function holdsAny(db: Queryable, eyes: Eyes): Promise<boolean> {
  const text = `select 1 from invitation i where ($1::boolean or i.invite_uuid::text in (${eyes.granted})) limit 1`;
  return (await db.query(text, valuesOf(eyes))).length > 0;
}

export type Decision = {
  readonly id: string;
  readonly state: 'approved' | 'rejected';
  readonly by: number | null;
  readonly reason: string;
};

const DECIDE = `
  update invitation_approval set state = $2, decided = now(), decided_by = $3, reason = $4
  where approval_uuid = $1 and state = 'pending' returning 1`;

/** Decides once; false when somebody has. */
export async function decide(tx: Transaction, { id, state, by, reason }: Decision): Promise<boolean> {
  return (await tx.query(DECIDE, [id, state, by, reason])).length > 0;
}

// Nobody is let in whom something else keeps out: an administrator meanwhile, or the end of the account.
const ACTIVATE = `
  update users u set is_active = true from invitation_approval a
  where a.approval_uuid = $1 and a.held and u.id = a.user_id and not u.is_active
    and not exists (select 1 from account_expiry e where e.user_id = u.id and (e.ended is not null or e.expires <= now()))
  returning 1`;

/** Lets the account in that only waited for this; false for any other. */
export async function activate(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.query(ACTIVATE, [id])).length > 0;
}

const TAKE_TELLING = `
  update invitation_approval a set told = now() from users u
  where a.approval_uuid = $1 and a.told is null and a.state = 'pending' and u.id = a.user_id
  returning a.approval_uuid as id, a.invitation::text as invitation, u.username, coalesce(nullif(u.name, ''), u.username) as name`;

export type Waiting = {
  readonly id: string;
  readonly invitation: string | null;
  readonly username: string;
  readonly name: string;
};

/** Takes the task of telling that an account waits; once, while it does. */
export async function takeTelling(tx: Transaction, id: string): Promise<Waiting | undefined> {
  const [row] = await tx.query<Waiting>(TAKE_TELLING, [id]);
  return row;
}

export type Approver = { readonly email: string; readonly locale: string; readonly name: string };

// From the permission down to the people, who are few: not from all people up to what each may do.
const LIST_APPROVERS = `
  with recursive wanted as (
    select id from permission where app_label = split_part($1, '.', 1) and codename = split_part($1, '.', 2)
  ), givers as (
    select role_uuid from role_permission where permission_id in (select id from wanted)
    union select role_uuid from role_object_permission
      where permission_id in (select id from wanted) and object_pk = $2
  ), below(group_uuid) as (
    select group_uuid from groups where is_superuser
    union select group_uuid from group_roles where role_uuid in (select role_uuid from givers)
    union select p.child from group_parents p join below b on p.parent = b.group_uuid
  )
  select u.email, u.locale, coalesce(nullif(u.name, ''), u.username) as name from users u
  where u.is_active and u.email <> '' and u.id in (
    select m.user_id from group_members m join below b on b.group_uuid = m.group_uuid
    union select h.user_id from user_roles h where h.role_uuid in (select role_uuid from givers))
  order by u.id limit $3`;

/** Active people who may decide on the accounts of an invitation. */
export function listApprovers(
  db: Queryable,
  {
    permission,
    invitation,
    limit,
  }: { readonly permission: string; readonly invitation: string; readonly limit: number },
): Promise<Approver[]> {
  return db.query<Approver>(LIST_APPROVERS, [permission, invitation, limit]);
}

/** What became of the approval of an account that is still held by it; undefined: nothing holds it. */
export async function findHold(db: Queryable, userId: number): Promise<State | undefined> {
  const text = 'select state from invitation_approval where user_id = $1 and held';
  const [row] = await db.query<{ state: State }>(text, [userId]);
  return row?.state;
}

/** Whether the approval is to be decided still. */
export async function isPending(db: Queryable, id: string): Promise<boolean> {
  const text = `select 1 from invitation_approval where approval_uuid = $1::uuid and state = 'pending'`;
  return (await db.query(text, [id])).length > 0;
}
