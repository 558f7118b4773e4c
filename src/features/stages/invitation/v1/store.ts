import type { Parameter, Queryable, Transaction } from '../../../../kernel/db/types.ts';
import type { Json, JsonObject } from '../../../../kernel/schema/types.ts';
import type { Parameters } from '../../../../kernel/resource/parameters.ts';
import { wireTime } from '../../../../kernel/resource/kinds/scalar.ts';
import { linkSlug } from '../accept/store.ts';
import { stateSql } from '../store.ts';

/** An invitation, open or not, with what belongs to it. */
export type InvitationRow = {
  readonly id: string;
  readonly state: 'pending' | 'used_up' | 'expired' | 'revoked';
  readonly name: string;
  readonly expires: string | null;
  readonly fixed_data: JsonObject;
  readonly locked: boolean;
  readonly flow: string | null;
  readonly flow_id: string | null;
  /** Of the flow that its link leads to. */
  readonly link_slug: string | null;
  readonly single_use: boolean;
  readonly max_uses: number | null;
  readonly uses: number;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly restrict_to: readonly string[];
  readonly account_expires: string | null;
  readonly account_lifetime: string | null;
  readonly approval: boolean;
  readonly message: string;
  readonly message_format: string;
  readonly language: string;
  readonly on_behalf_of: string;
  readonly redirect: string;
  readonly recipients: readonly string[];
  readonly reminders: Json;
  readonly created_by: JsonObject | null;
  readonly created: string;
  readonly changed: string;
  readonly sent: string | null;
  readonly used_up: string | null;
  readonly revoked: string | null;
  readonly revoked_by: JsonObject | null;
  readonly secret_link: boolean;
  readonly has_code: boolean;
  /** Its place in the list. */
  readonly position: string;
};

/** SQL of somebody as `person` (fields.ts) has them; null where the column is. */
export const personSql = (column: string): string =>
  `(select json_build_object('id', u.id, 'username', u.username) from users u where u.id = ${column})`;

/** What an invitation has come to, by the database's clock. */
const STATE = stateSql('t');

const time = (column: string): string => `${wireTime(`t.${column}`)} as ${column}`;

const COLUMNS = `t.invite_uuid as id, ${STATE} as state, t.name, ${time('expires')}, t.fixed_data, t.locked, f.slug as flow,
    t.flow as flow_id, ${linkSlug('f.slug')} as link_slug,
    t.single_use, t.max_uses, greatest(t.uses, (
      select count(*) from invitation_use u where u.invitation = t.invite_uuid))::integer as uses,
    array(select g.group_uuid::text from invitation_group g where g.invitation = t.invite_uuid order by 1) as groups,
    array(select r.role_uuid::text from invitation_role r where r.invitation = t.invite_uuid order by 1) as roles,
    t.restrict_to, ${time('account_expires')}, t.account_lifetime, t.approval, t.message, t.message_format, t.language,
    t.on_behalf_of, t.redirect, t.recipients, t.reminders, ${personSql('t.created_by')} as created_by,
    ${time('created')},
    ${time('changed')}, ${time('sent')}, ${time('used_up')}, ${time('revoked')}, ${personSql('t.revoked_by')} as revoked_by,
    t.secret_hash is not null as secret_link, t.code_hash is not null as has_code, t.created::text as position`;

// The alias is that of the conditions which the kernel makes of permissions.
const SHOWN = `select ${COLUMNS} from invitation t left join flow f on f.flow_uuid = t.flow`;

/** An invitation by its id, whatever it has come to. */
export async function findInvitation(db: Queryable, id: string): Promise<InvitationRow | undefined> {
  const [row] = await db.query<InvitationRow>(`${SHOWN} where t.invite_uuid = $1`, [id], { brief: true });
  return row;
}

/** Invitations by their ids, in no order. */
export async function findInvitations(db: Queryable, ids: readonly string[]): Promise<InvitationRow[]> {
  if (ids.length === 0) return [];
  return db.query<InvitationRow>(`${SHOWN} where t.invite_uuid = any($1::uuid[])`, [[...ids]]);
}

/** Keeps others from changing or using it until the end of the transaction. */
export async function lockInvitation(tx: Queryable, id: string): Promise<void> {
  await tx.query('select 1 from invitation where invite_uuid = $1 for update', [id]);
}

export type ListFilter = {
  /** Conditions over alias t, with their values. */
  readonly conditions: readonly string[];
  readonly parameters: Parameters;
  readonly after: readonly string[] | undefined;
  readonly limit: number;
};

/** Invitations, the newest first. */
export async function listInvitations(db: Queryable, filter: ListFilter): Promise<InvitationRow[]> {
  const { conditions, parameters, after, limit } = filter;
  const where = [...conditions];
  if (after) {
    const [created = '', id = ''] = after;
    const place = `(${parameters.add(created, 'timestamptz')}, ${parameters.add(id, 'uuid')})`;
    where.push(`(t.created, t.invite_uuid) < ${place}`);
  }
  const text = `${SHOWN} ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
    order by t.created desc, t.invite_uuid desc limit ${parameters.add(limit, 'integer')}`;
  // The conditions are many: each combination is another text.
  return db.query<InvitationRow>(text, parameters.values, { prepare: false });
}

/** Conditions of the list's filters, over alias t. In: SQL of the value. */
export const filters = {
  from: (place: string): string => `t.created >= ${place}`,
  to: (place: string): string => `t.created < ${place}`,
  state: (place: string): string => `${STATE} = any(${place})`,
  created_by: (place: string): string => `t.created_by = (select u.id from users u where u.username = ${place})`,
  maker: (place: string): string => `t.created_by = ${place}`,
  flow: (place: string): string =>
    `t.flow = (select e.flow_uuid from flow e where e.slug = ${place} or e.flow_uuid::text = ${place})`,
  group: (place: string): string =>
    `exists (select 1 from invitation_group g where g.invitation = t.invite_uuid and g.group_uuid = ${place})`,
  recipient: (place: string): string =>
    `exists (select 1 from unnest(t.recipients || array[t.fixed_data ->> 'email']) a where lower(a) = lower(${place}))`,
  text: (place: string): string =>
    `(t.name ilike ${place} or t.message ilike ${place} or t.on_behalf_of ilike ${place} or t.fixed_data::text ilike ${place}
      or array_to_string(t.recipients, ' ') ilike ${place})`,
} as const;

/** What is stored of an invitation besides its groups and roles, by column. */
export type Columns = Readonly<Record<string, { readonly value: Parameter; readonly type: string }>>;

export type Making = {
  readonly parameters: Parameters;
  readonly columns: Columns;
  readonly gifts: { readonly groups: readonly string[]; readonly roles: readonly string[] };
  /** The insertion of the event, from `made` under alias t. */
  readonly tell: string;
  /** A change that answers a row if the invitation is still to be made, and is written with it or not at all. */
  readonly take?: string | undefined;
};

/** @param select what the statement answers, from `made` */
function insertSql({ parameters, columns, gifts, tell, take }: Making, select: string): string {
  const names = Object.keys(columns);
  const values = Object.values(columns).map(({ value, type }) => parameters.add(value, type));
  const given = (ids: readonly string[]): string => `unnest(${parameters.add([...ids], 'uuid[]')})`;
  return `with ${take === undefined ? '' : `taken as (${take}), `}
     made as (insert into invitation (${names.join(', ')})
       select ${values.join(', ')}${take === undefined ? '' : ' from taken'} returning *),
     of_groups as (insert into invitation_group (invitation, group_uuid)
       select t.invite_uuid, g from made t, ${given(gifts.groups)} g on conflict do nothing),
     of_roles as (insert into invitation_role (invitation, role_uuid)
       select t.invite_uuid, r from made t, ${given(gifts.roles)} r on conflict do nothing),
     told as (${tell})
     ${select}`;
}

/** Makes an invitation with its groups and roles, by one statement. Out: whether it was still to be made. */
export async function insertInvitation(db: Queryable, making: Making): Promise<boolean> {
  const rows = await db.query(insertSql(making, 'select 1 from made'), making.parameters.values);
  return rows.length > 0;
}

/** The same of one that is to be made, whatever was before. Out: the invitation; groups and roles are those given. */
export async function insertShown(db: Queryable, making: Making): Promise<InvitationRow> {
  const text = insertSql(making, `select ${COLUMNS} from made t left join flow f on f.flow_uuid = t.flow`);
  const [row] = await db.query<InvitationRow>(text, making.parameters.values);
  if (!row) throw new Error('The invitation was not made.');
  // These are in the tables only after the statement.
  const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted();
  return { ...row, groups: sorted(making.gifts.groups), roles: sorted(making.gifts.roles) };
}

/** Sets columns of an invitation. */
export async function updateInvitation(tx: Transaction, id: string, columns: Columns): Promise<void> {
  const sets = Object.entries(columns).map(([name, { type }], at) => `${name} = $${at + 2}::${type}`);
  const values = Object.values(columns).map(({ value }) => value);
  await tx.query(`update invitation set ${sets.join(', ')} where invite_uuid = $1`, [id, ...values]);
}

/** Takes back that it has expired, where that does not hold any more. */
export async function renewExpiry(tx: Transaction, id: string): Promise<void> {
  await tx.query('update invitation set expired = case when expires <= now() then expires end where invite_uuid = $1', [
    id,
  ]);
}

/** Judges anew whether it is used up; a limit that is new counts the uses that were made without one. */
export async function renewLimit(tx: Transaction, id: string): Promise<void> {
  await tx.query(
    `update invitation t set uses = n.uses,
       used_up = case when n.uses >= t.max_uses then coalesce(t.used_up, now()) end
     from (select greatest(i.uses, (select count(*) from invitation_use u where u.invitation = i.invite_uuid))::integer as uses
       from invitation i where i.invite_uuid = $1) n
     where t.invite_uuid = $1`,
    [id],
  );
}

/** Replaces the groups and roles of an invitation. */
export async function replaceGifts(
  tx: Transaction,
  id: string,
  { groups, roles }: { readonly groups: readonly string[]; readonly roles: readonly string[] },
): Promise<void> {
  await tx.query('delete from invitation_group where invitation = $1 and group_uuid <> all($2::uuid[])', [
    id,
    [...groups],
  ]);
  await tx.query('delete from invitation_role where invitation = $1 and role_uuid <> all($2::uuid[])', [
    id,
    [...roles],
  ]);
  await tx.query(
    'insert into invitation_group (invitation, group_uuid) select $1, unnest($2::uuid[]) on conflict do nothing',
    [id, [...groups]],
  );
  await tx.query(
    'insert into invitation_role (invitation, role_uuid) select $1, unnest($2::uuid[]) on conflict do nothing',
    [id, [...roles]],
  );
}

export type FlowName = { readonly id: string; readonly slug: string };

/** The flow of a slug or an id. */
export async function findFlow(db: Queryable, text: string): Promise<FlowName | undefined> {
  const [row] = await db.query<FlowName>(
    `select flow_uuid as id, slug from flow where slug = $1 or flow_uuid::text = lower($1)
     order by slug = $1 desc limit 1`,
    [text],
    { brief: true },
  );
  return row;
}

/** Which of the groups and roles there are. */
export async function findExisting(
  db: Queryable,
  { groups, roles }: { readonly groups: readonly string[]; readonly roles: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ id: string }>(
    `select group_uuid::text as id from groups where group_uuid = any($1::uuid[])
     union all select uuid::text from roles where uuid = any($2::uuid[])`,
    [[...groups], [...roles]],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Ends an invitation for good. */
export async function revoke(tx: Transaction, id: string, by: number | null): Promise<void> {
  await tx.query('update invitation set revoked = now(), revoked_by = $2 where invite_uuid = $1', [id, by]);
}

export type Secrets = { readonly code?: Buffer | null; readonly secret?: Buffer | null };

/** Sets the hashes of code and link's secret that are given. */
export async function setSecrets(tx: Transaction, id: string, { code, secret }: Secrets): Promise<void> {
  await tx.query(
    `update invitation set code_hash = case when $2 then $3 else code_hash end,
       secret_hash = case when $4 then $5 else secret_hash end where invite_uuid = $1`,
    [id, code !== undefined, code ?? null, secret !== undefined, secret ?? null],
  );
}

export type UseRow = {
  readonly id: string;
  readonly used: string;
  readonly client_ip: string | null;
  readonly user: JsonObject | null;
  readonly username: string | null;
  readonly email: string | null;
  readonly joined: boolean;
  readonly position: string;
};

type PageOf = { readonly id: string; readonly after: readonly string[] | undefined; readonly limit: number };

/** Who used an invitation, the latest first. */
export async function listUses(db: Queryable, { id, after, limit }: PageOf): Promise<UseRow[]> {
  const [used = null, use = null] = after ?? [];
  return db.query<UseRow>(
    `select n.use_uuid as id, ${wireTime('n.used')} as used, n.client_ip, ${personSql('n.user_id')} as user,
       coalesce(u.username, n.username) as username, coalesce(u.email, n.email) as email, n.joined,
       n.used::text as position
     from invitation_use n left join users u on u.id = n.user_id
     where n.invitation = $1 and ($2::timestamptz is null or (n.used, n.use_uuid) < ($2::timestamptz, $3::uuid))
     order by n.used desc, n.use_uuid desc limit $4`,
    [id, used, use, limit],
  );
}
