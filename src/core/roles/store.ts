import type { Queryable } from '../../kernel/db/types.ts';
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
