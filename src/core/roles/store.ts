import type { Queryable } from '../../kernel/db/types.ts';
import { keyKind } from '../../kernel/resource/kinds/reference.ts';
import type { Presentable, Row } from '../../kernel/resource/resource.ts';
import { rowsOf } from '../../kernel/resource/show-sql.ts';
import { columnOf } from '../../kernel/resource/sql-text.ts';
import type { Permission } from './catalogue.ts';

const SYNCHRONISE = `
  insert into permission as p (app_label, codename, model, name)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
  on conflict (app_label, codename) do update set model = excluded.model, name = excluded.name
  where (p.model, p.name) is distinct from (excluded.model, excluded.name)`;

/**
 * Brings the catalogue up to what is declared. What is declared no longer stays, with its grants: another version of the
 * server may run beside this one, and a feature may come back.
 */
export async function synchronise(db: Queryable, permissions: readonly Permission[]): Promise<void> {
  // In one order everywhere, so that two servers that start at once do not wait for each other in a circle.
  const sorted = permissions.toSorted((a, b) => (`${a.app}.${a.codename}` < `${b.app}.${b.codename}` ? -1 : 1));
  await db.query(SYNCHRONISE, [
    sorted.map(({ app }) => app),
    sorted.map(({ codename }) => codename),
    sorted.map(({ model }) => model),
    sorted.map(({ name }) => name),
  ]);
}

const FIND = (place: string): string => `(
  select id from permission where app_label = split_part(${place}, '.', 1) and codename = split_part(${place}, '.', 2))`;

/** SQL of the keys of the objects on which one of the roles grants the permission. */
export function grantedObjects(roles: string, permission: string): string {
  return `select g.object_pk from role_object_permission g
    where g.role_uuid = any(${roles}) and g.permission_id = ${FIND(permission)}`;
}

const GRANT_INITIAL = `
  insert into role_object_permission (role_uuid, permission_id, object_pk)
  select s.role_uuid, p.id, $3
  from initial_permissions s join initial_permissions_items i on i.initial_permissions_id = s.id
    join permission p on p.id = i.permission_id
  where s.role_uuid = any($1::uuid[]) and p.app_label || '.' || p.model = $2
  on conflict do nothing`;

/** Grants each of the roles its initial permissions on a new object. In: the model as `app_label.model`. */
export async function grantInitial(
  db: Queryable,
  roles: readonly string[],
  object: { readonly model: string; readonly key: string },
): Promise<void> {
  await db.query(GRANT_INITIAL, [[...roles], object.model, object.key]);
}

/** Whether the role grants anything that the other roles do not. */
export async function exceeds(db: Queryable, role: string, roles: readonly string[]): Promise<boolean> {
  const text = 'select roles_exceed(array[$1::uuid], $2::uuid[]) as yes';
  const [row] = await db.query<{ yes: boolean }>(text, [role, [...roles]]);
  return row?.yes !== false;
}

const HOLDS_ON = `select 1 from (${grantedObjects('$1::uuid[]', '$2::text')}) o where o.object_pk = $3`;

/** Whether one of the roles grants the permission on that object. */
export async function holdsOn(
  db: Queryable,
  roles: readonly string[],
  { permission, objectPk }: { readonly permission: string; readonly objectPk: string },
): Promise<boolean> {
  return (await db.query(HOLDS_ON, [[...roles], permission, objectPk])).length > 0;
}

/** The key of a row of `roles`. */
export function roleIdOf(row: Row): string {
  const id = row['uuid'];
  if (typeof id !== 'string') throw new Error('A row of roles has no uuid.');
  return id;
}

/** Whether there is such a role. */
export async function roleExists(db: Queryable, role: string): Promise<boolean> {
  return (await db.query('select 1 from roles where uuid = $1', [role])).length > 0;
}

/** Gives a user a role; false for one who has it already. */
export async function addHolder(db: Queryable, role: string, userId: number): Promise<boolean> {
  const text = 'insert into user_roles (role_uuid, user_id) values ($1, $2) on conflict do nothing returning 1';
  return (await db.query(text, [role, userId])).length > 0;
}

/** Takes a role from a user; false where there is none. */
export async function removeHolder(db: Queryable, role: string, userId: number): Promise<boolean> {
  const text = 'delete from user_roles where role_uuid = $1 and user_id = $2 returning 1';
  return (await db.query(text, [role, userId])).length > 0;
}

const FIND_INITIAL = `
  select p.app_label || '.' || p.codename as name
  from initial_permissions_items i join permission p on p.id = i.permission_id where i.initial_permissions_id = $1`;

/** The permissions (`app_label.codename`) of a row of `initial_permissions`. */
export async function findInitial(db: Queryable, id: number): Promise<string[]> {
  return (await db.query<{ name: string }>(FIND_INITIAL, [id])).map(({ name }) => name);
}

/** A permission by its name (`app_label.codename`): its id and its model as `app_label.model`. */
export async function findPermission(
  db: Queryable,
  name: string,
): Promise<{ readonly id: number; readonly model: string } | undefined> {
  const text = `select id, app_label || '.' || model as model from permission where id = ${FIND('$1::text')}`;
  const [row] = await db.query<{ id: number; model: string }>(text, [name]);
  return row;
}

/** The primary key of an object as the database writes it; undefined when there is none, or the text cannot be one. */
export async function findObjectKey(db: Queryable, of: Presentable, text: string): Promise<string | undefined> {
  const kind = keyKind(of);
  const checked = kind.check(text);
  if ('faults' in checked) return undefined;
  const key = columnOf('t', of.key);
  const sql = `select ${key}::text as key from ${rowsOf(of, 't')} where ${key} = $1::${kind.sqlType}`;
  const [row] = await db.query<{ key: string }>(sql, [kind.encode(checked.value)]);
  return row?.key;
}

/** What is given to a role or taken from it: permissions by id, on one object or on all. */
export type Assignment = {
  readonly role: string;
  readonly permissions: readonly number[];
  readonly objectPk: string | undefined;
};

// The update changes nothing; without it an existing row would not be answered.
const ASSIGN = `
  insert into role_permission as g (role_uuid, permission_id) select $1::uuid, id from unnest($2::integer[]) id
  on conflict (role_uuid, permission_id) do update set role_uuid = g.role_uuid
  returning id, permission_id, g.xmax = 0 as made`;
const ASSIGN_OBJECT = `
  insert into role_object_permission as g (role_uuid, permission_id, object_pk)
  select $1::uuid, id, $3 from unnest($2::integer[]) id
  on conflict (role_uuid, permission_id, object_pk) do update set role_uuid = g.role_uuid
  returning id, permission_id, g.xmax = 0 as made`;

type Granted = { readonly id: number; readonly permission_id: number; readonly made: boolean };

/** Grants; the ids of the grants in the order of the permissions, and which permissions the role had not. */
export async function assign(
  tx: Queryable,
  { role, permissions, objectPk }: Assignment,
): Promise<{ ids: number[]; changed: number[] }> {
  const values = [role, permissions.map(String)];
  const rows = await tx.query<Granted>(
    objectPk === undefined ? ASSIGN : ASSIGN_OBJECT,
    objectPk === undefined ? values : [...values, objectPk],
  );
  const ids = new Map(rows.map((row) => [row.permission_id, row.id]));
  return {
    ids: permissions.flatMap((permission) => ids.get(permission) ?? []),
    changed: rows.filter(({ made }) => made).map((row) => row.permission_id),
  };
}

const UNASSIGN =
  'delete from role_permission where role_uuid = $1 and permission_id = any($2::integer[]) returning permission_id';
const UNASSIGN_OBJECT = `
  delete from role_object_permission where role_uuid = $1 and permission_id = any($2::integer[]) and object_pk = $3
  returning permission_id`;

/** Takes grants back; which permissions the role had. */
export async function unassign(tx: Queryable, { role, permissions, objectPk }: Assignment): Promise<number[]> {
  const values = [role, permissions.map(String)];
  const rows = await (objectPk === undefined
    ? tx.query<{ permission_id: number }>(UNASSIGN, values)
    : tx.query<{ permission_id: number }>(UNASSIGN_OBJECT, [...values, objectPk]));
  return rows.map((row) => row.permission_id);
}

/** A model as `app_label.model`, one of its objects, and a text that the roles' names contain. */
export type AssignedQuery = {
  readonly model: string;
  readonly objectPk: string | null;
  readonly search: string | null;
};

const ON_OBJECT = `
  from role_object_permission g join permission p on p.id = g.permission_id
  where g.role_uuid = r.uuid and p.app_label || '.' || p.model = $1 and g.object_pk = $2::text`;
const ON_MODEL = `
  from role_permission g join permission p on p.id = g.permission_id
  where g.role_uuid = r.uuid and p.app_label || '.' || p.model = $1`;
const ASSIGNED = `
  from roles r where (exists (select 1 ${ON_OBJECT}) or exists (select 1 ${ON_MODEL}))
    and ($3::text is null or strpos(lower(r.name), lower($3)) > 0)`;
const DESCRIBED = `'id', g.id, 'codename', p.codename, 'model', p.model, 'app_label', p.app_label, 'name', p.name`;

const valuesOf = ({ model, objectPk, search }: AssignedQuery) => [model, objectPk, search];

/** How many roles are granted something on the model or the object. */
export async function countAssigned(db: Queryable, asked: AssignedQuery): Promise<number> {
  const [row] = await db.query<{ count: number }>(`select count(*)::integer as count ${ASSIGNED}`, valuesOf(asked));
  return row?.count ?? 0;
}

const FIND_ASSIGNED = `
  select r.uuid as role_pk, r.name,
    (select coalesce(json_agg(json_build_object(${DESCRIBED}, 'object_pk', g.object_pk) order by p.codename), '[]')
      ${ON_OBJECT}) as object_permissions,
    (select coalesce(json_agg(json_build_object(${DESCRIBED}) order by p.codename), '[]') ${ON_MODEL}) as model_permissions
  ${ASSIGNED} order by r.name collate "C", r.uuid limit $4 offset $5`;

/** Those roles with what they are granted, in the form of the wire. */
export async function findAssigned(
  db: Queryable,
  asked: AssignedQuery,
  { size, offset }: { readonly size: number; readonly offset: number },
): Promise<object[]> {
  return db.query<object>(FIND_ASSIGNED, [...valuesOf(asked), size, offset]);
}
