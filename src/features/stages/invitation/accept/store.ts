import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';

export type PageInvitation = {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly message_format: string;
  readonly language: string;
  readonly on_behalf_of: string;
  readonly expires: string | null;
  readonly used: boolean;
  readonly revoked: boolean;
  readonly over: boolean;
  readonly suspended: boolean;
  readonly inviter: string;
  readonly created_by: number;
  readonly secret_hash: Buffer | null;
  readonly code_hash: Buffer | null;
  readonly restrict_to: readonly string[];
  readonly approval: boolean;
  /** Whether a flow without a usable invitation goes on; null: it has no invitation stage at all. */
  readonly optional: boolean | null;
  /** Whether the flow has somebody prove an address. */
  readonly proves: boolean;
};

// What can be told of an invitation to who holds its link: also what it has come to.
const FIND = `
  select i.invite_uuid as id, i.name, i.message, i.message_format, i.language, i.on_behalf_of, i.expires, i.created_by,
    i.used_up is not null as used, i.revoked is not null as revoked,
    (i.expired is not null or coalesce(i.expires <= clock_timestamp(), false)) as over,
    not ($3 or u.is_active) as suspended, coalesce(nullif(u.name, ''), u.username) as inviter,
    i.secret_hash, i.code_hash, i.restrict_to, i.approval,
    (select bool_and(s.continue_flow_without_invitation) from flow_stage_binding b
      join invitation_stage s on s.stage_uuid = b.stage where b.target = $2) as optional,
    exists (select 1 from flow_stage_binding b join stage s on s.stage_uuid = b.stage
      where b.target = $2 and s.type = 'email') as proves
  from invitation i join users u on u.id = i.created_by
  where i.invite_uuid = $1 and (i.flow is null or i.flow = $2)`;

/** An invitation into the flow, open or not. `survivesCreator` as in `Redemption` (../store.ts). */
export async function findForPage(
  db: Queryable,
  { id, flow, survivesCreator }: { readonly id: string; readonly flow: string; readonly survivesCreator: boolean },
): Promise<PageInvitation | undefined> {
  const [row] = await db.query<PageInvitation>(FIND, [id, flow, survivesCreator]);
  return row;
}

const COUNT_PRESS = `
  insert into invitation_opening as o (invitation, day)
  select invite_uuid, (now() at time zone 'UTC')::date from invitation where invite_uuid = $1
  on conflict (invitation, day) do update set presses = o.presses + 1
  returning presses = 1 as first`;

/** Counts that the first page's button was pressed. Out: whether it was the first time today. */
export async function countPress(tx: Transaction, id: string): Promise<boolean> {
  const [row] = await tx.query<{ first: boolean }>(COUNT_PRESS, [id]);
  return row?.first ?? false;
}

const ASK = `
  insert into invitation_request as r (invitation) select invite_uuid from invitation where invite_uuid = $1
  on conflict (invitation) do update set asked = now(), times = r.times + 1
  where r.asked < now() - interval '1 day'
  returning times`;

/** Keeps that somebody asked for a new invitation, at most once a day; false: it was asked for today already. */
export async function noteRequest(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.query(ASK, [id])).length > 0;
}

/**
 * SQL of the slug of the flow that a link leads to: its own, or the first one that takes invitations.
 * @param own SQL of the own one's slug
 */
export const linkSlug = (own: string): string => `coalesce(${own}, (
  select e.slug from flow e where e.designation = 'enrollment' and exists (
    select 1 from flow_stage_binding b join invitation_stage s on s.stage_uuid = b.stage where b.target = e.flow_uuid)
  order by e.slug collate "C" limit 1))`;

const FIND_BY_CODE = `
  select i.invite_uuid as id, ${linkSlug('f.slug')} as slug
  from invitation i left join flow f on f.flow_uuid = i.flow
  where i.code_hash = $1 and i.open and (i.expires is null or i.expires > clock_timestamp())
    and ($2 or exists (select 1 from users u where u.id = i.created_by and u.is_active))`;

/** The usable invitation with that code, and the flow it leads to; any other code finds nothing. */
export async function findByCode(
  db: Queryable,
  { hash, survivesCreator }: { readonly hash: Buffer; readonly survivesCreator: boolean },
): Promise<{ readonly id: string; readonly slug: string } | undefined> {
  const [row] = await db.query<{ id: string; slug: string | null }>(FIND_BY_CODE, [hash, survivesCreator]);
  return row && row.slug !== null ? { id: row.id, slug: row.slug } : undefined;
}

export type Promised = { readonly groups: readonly string[]; readonly roles: readonly string[] };

/** SQL: the groups and roles that the invitation `$1` gives. */
export const PROMISED_COLUMNS = `
  array(select group_uuid::text from invitation_group where invitation = $1) as groups,
  array(select role_uuid::text from invitation_role where invitation = $1) as roles`;
const PROMISED = `select ${PROMISED_COLUMNS}`;

/** The groups and roles that the invitation gives. */
export async function findPromised(db: Queryable, id: string): Promise<Promised> {
  const [row] = await db.query<Promised>(PROMISED, [id]);
  return row ?? { groups: [], roles: [] };
}

// What the inviter may give is judged now. The locks keep groups and roles until the memberships are committed.
const INVITER = `
  select (r ->> 'isSuperuser')::boolean as super,
    array(select x::uuid from jsonb_array_elements_text(r -> 'roles') x) as held from user_rights($2) r`;
const GROUPS = `
  select g.group_uuid::text as id, (v.super or not group_exceeds(g.group_uuid, v.held)) as allowed
  from groups g cross join (${INVITER}) v where g.group_uuid = any($1::uuid[]) for key share of g`;
const ROLES = `
  select r.uuid::text as id, (v.super or not roles_exceed(array[r.uuid], v.held)) as allowed
  from roles r cross join (${INVITER}) v where r.uuid = any($1::uuid[]) for key share of r`;
const JOIN_GROUPS = `
  insert into group_members (group_uuid, user_id) select unnest($1::uuid[]), $2::integer on conflict do nothing`;
const GIVE_ROLES = `
  insert into user_roles (role_uuid, user_id) select unnest($1::uuid[]), $2::integer on conflict do nothing`;

type Judged = { readonly id: string; readonly allowed: boolean };

export type Giving = {
  readonly promised: Promised;
  readonly inviter: number;
  readonly userId: number;
};

/** Gives groups and roles to a user; false, when one is gone (T25) or more than the inviter may give (A23). */
export async function giveMemberships(tx: Transaction, { promised, inviter, userId }: Giving): Promise<boolean> {
  for (const { ids, judge, give } of [
    { ids: [...new Set(promised.groups)], judge: GROUPS, give: JOIN_GROUPS },
    { ids: [...new Set(promised.roles)], judge: ROLES, give: GIVE_ROLES },
  ]) {
    if (ids.length === 0) continue;
    const found = await tx.query<Judged>(judge, [ids, inviter]);
    if (found.length !== ids.length || !found.every(({ allowed }) => allowed)) return false;
    await tx.query(give, [ids, userId]);
  }
  return true;
}

export type Account = { readonly username: string; readonly email: string; readonly name: string };

/** An active or new account, whose row stays until the end of the transaction. */
export async function lockAccount(
  tx: Transaction,
  userId: number,
): Promise<(Account & { readonly active: boolean }) | undefined> {
  const text = 'select username, email, name, is_active as active from users where id = $1 for no key update';
  const [row] = await tx.query<Account & { active: boolean }>(text, [userId]);
  return row;
}

const JOINED = `
  insert into invitation_use (invitation, client_ip, user_id, username, email, joined)
  select $1, $2, u.id, u.username, u.email, true from users u where u.id = $3`;

/** Keeps that somebody joined with the account they had. */
export async function recordJoin(
  tx: Transaction,
  { id, clientIp, userId }: { readonly id: string; readonly clientIp: string; readonly userId: number },
): Promise<void> {
  await tx.query(JOINED, [id, clientIp, userId]);
}

/** Whether that account came by this invitation already. */
export async function hasUsed(db: Queryable, id: string, userId: number): Promise<boolean> {
  const text = 'select 1 from invitation_use where invitation = $1 and user_id = $2 limit 1';
  return (await db.query(text, [id, userId])).length > 0;
}
