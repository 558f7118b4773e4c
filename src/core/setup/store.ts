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
