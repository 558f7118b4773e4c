import type { Queryable } from '../../kernel/db/types.ts';

/** Makes the group of superusers, if need be, and puts a user in. */
export async function insertAdministrators(tx: Queryable, userId: number): Promise<void> {
  await tx.query(
    `with made as (
       insert into groups (name, is_superuser) values ('authentik Admins', true)
       on conflict (name) do update set name = excluded.name returning group_uuid
     )
     insert into group_members (group_uuid, user_id) select group_uuid, $1 from made on conflict do nothing`,
    [userId],
  );
}

const NAMES = ['authentik Admins', 'Recovered administrators'];

const JOIN = `
  with chosen as (
    select group_uuid, name from groups where is_superuser
    order by name <> 'authentik Admins', num_pk limit 1 for share
  ), made as (
    insert into groups (name, is_superuser)
    select free.name, true from unnest($2::text[]) with ordinality as free(name, place)
    where not exists (select from chosen) and not exists (select from groups g where g.name = free.name)
    order by free.place limit 1 returning group_uuid, name
  ), joined as (select * from chosen union all select * from made),
  member as (insert into group_members (group_uuid, user_id) select group_uuid, $1 from joined on conflict do nothing)
  select name from joined`;

/**
 * Makes a user a superuser by a group that makes superusers, or by a new one: a group that only bears the name would
 * make all of its members superusers. Out: the group's name.
 * @param spare a name that no group has
 */
export async function joinSuperusers(tx: Queryable, userId: number, spare: string): Promise<string> {
  const [row] = await tx.query<{ name: string }>(JOIN, [userId, [...NAMES, spare]]);
  if (!row) throw new Error('No group of superusers could be made.');
  return row.name;
}
