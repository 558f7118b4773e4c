import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { wireTime } from '../../../../kernel/resource/kinds/scalar.ts';

/** The limits of a role. Times are seconds. */
export type LimitsRow = {
  readonly role: string;
  readonly name: string;
  /** Whether the role has the permission, without which the limits mean nothing. */
  readonly may_invite: boolean;
  readonly flows: readonly { readonly id: string; readonly slug: string }[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly max_uses: number;
  readonly max_lifetime: string;
  readonly open_invitations: number;
  readonly per_day: number;
  readonly max_account_lifetime: string | null;
  readonly may_mail: boolean;
  readonly approval: boolean;
  readonly attributes: readonly string[];
  readonly changed: string;
};

const SHOWN = `
  select l.role, r.name, l.max_uses, l.max_lifetime::text as max_lifetime, l.open_invitations, l.per_day,
    l.max_account_lifetime::text as max_account_lifetime, l.may_mail, l.approval, l.attributes,
    ${wireTime('l.changed')} as changed,
    (select coalesce(json_agg(json_build_object('id', f.flow_uuid, 'slug', f.slug) order by f.slug), '[]')
      from inviter_role_flow i join flow f on f.flow_uuid = i.flow where i.role = l.role) as flows,
    array(select i.group_uuid::text from inviter_role_group i where i.role = l.role order by 1) as groups,
    array(select i.gives::text from inviter_role_gives i where i.role = l.role order by 1) as roles,
    exists (select 1 from role_permission h join permission p on p.id = h.permission_id
      where h.role_uuid = l.role and p.app_label || '.' || p.codename = $1) as may_invite
  from inviter_role l join roles r on r.uuid = l.role`;

/** The limits of those of the roles that have the permission. */
export async function findLimits(db: Queryable, permission: string, roles: readonly string[]): Promise<LimitsRow[]> {
  const rows = await db.query<LimitsRow>(`${SHOWN} where l.role = any($2::uuid[]) order by l.role`, [
    permission,
    [...roles],
  ]);
  return rows.filter(({ may_invite: may }) => may);
}

/** The limits of one role. */
export async function findRole(db: Queryable, permission: string, role: string): Promise<LimitsRow | undefined> {
  const [row] = await db.query<LimitsRow>(`${SHOWN} where l.role = $2`, [permission, role]);
  return row;
}

/** The limits of all roles that have some, by the role's id. */
export function listRoles(
  db: Queryable,
  permission: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<LimitsRow[]> {
  const text = `${SHOWN} where $2::uuid is null or l.role > $2 order by l.role limit $3`;
  return db.query<LimitsRow>(text, [permission, after ?? null, limit]);
}

export type NewLimits = {
  readonly flows: readonly string[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly maxUses: number;
  readonly maxLifetime: number;
  readonly openInvitations: number;
  readonly perDay: number;
  readonly maxAccountLifetime: number | null;
  readonly mayMail: boolean;
  readonly approval: boolean;
  readonly attributes: readonly string[];
};

const PUT = `
  insert into inviter_role (role, max_uses, max_lifetime, open_invitations, per_day, max_account_lifetime, may_mail,
    approval, attributes)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (role) do update set max_uses = excluded.max_uses, max_lifetime = excluded.max_lifetime,
    open_invitations = excluded.open_invitations, per_day = excluded.per_day,
    max_account_lifetime = excluded.max_account_lifetime, may_mail = excluded.may_mail, approval = excluded.approval,
    attributes = excluded.attributes, changed = now()`;

/** Sets the limits of a role, all of them. */
export async function putLimits(tx: Transaction, role: string, limits: NewLimits): Promise<void> {
  const { maxUses, maxLifetime, openInvitations, perDay, maxAccountLifetime, mayMail, approval, attributes } = limits;
  const values = [maxUses, maxLifetime, openInvitations, perDay, maxAccountLifetime, mayMail, approval];
  await tx.query(PUT, [role, ...values, [...attributes]]);
  for (const [table, column, ids] of [
    ['inviter_role_flow', 'flow', limits.flows],
    ['inviter_role_group', 'group_uuid', limits.groups],
    ['inviter_role_gives', 'gives', limits.roles],
  ] as const) {
    await tx.query(`delete from ${table} where role = $1`, [role]);
    await tx.query(`insert into ${table} (role, ${column}) select distinct $1::uuid, unnest($2::uuid[])`, [
      role,
      [...ids],
    ]);
  }
}

/** Takes the limits away; false where there were none. */
export async function deleteLimits(tx: Transaction, role: string): Promise<boolean> {
  return (await tx.query('delete from inviter_role where role = $1 returning 1', [role])).length > 0;
}

/** Whether there is such a role; it stays until the end of the transaction, and nobody else sets its limits meanwhile. */
export async function lockRole(tx: Queryable, role: string): Promise<boolean> {
  return (await tx.query('select 1 from roles where uuid = $1 for no key update', [role])).length > 0;
}

// Any number; together with a user's id it is the name of a lock.
const LOCK = 1_178_421;

/** Lets nobody else count what the user has made until the end of the transaction. */
export async function lockInviter(tx: Transaction, userId: number): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1::integer, $2::integer)', [LOCK, userId]);
}

export type Made = { readonly open: number; readonly today: number; readonly secondsLeft: number };

const COUNT = `
  select count(*) filter (where open and (expires is null or expires > now()))::integer as open,
    count(*) filter (where created > now() - interval '1 day')::integer as today,
    coalesce(ceil(extract(epoch from min(created) filter (where created > now() - interval '1 day')
      + interval '1 day' - now())), 1)::integer as "secondsLeft"
  from invitation where created_by = $1 and (open or created > now() - interval '1 day')`;

/** How many invitations the user has open, and has made within a day; seconds until the first of these is a day old. */
export async function countMade(db: Queryable, userId: number): Promise<Made> {
  const [row] = await db.query<Made>(COUNT, [userId]);
  return row ?? { open: 0, today: 0, secondsLeft: 1 };
}

/** Whether the user made the invitation. */
export async function isOwn(db: Queryable, invitation: string, userId: number): Promise<boolean> {
  const text = 'select 1 from invitation where invite_uuid = $1 and created_by = $2';
  return (await db.query(text, [invitation, userId])).length > 0;
}
