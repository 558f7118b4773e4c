import type { Queryable } from '../../kernel/db/types.ts';
import type { Row } from '../../kernel/resource/resource.ts';

/** The key of a row of `groups`. */
export function groupIdOf(row: Row): string {
  const id = row['group_uuid'];
  if (typeof id !== 'string') throw new Error('A row of groups has no group_uuid.');
  return id;
}

// Any number: the key of a lock that nothing else takes.
const LOCK = 'select pg_advisory_xact_lock(7463001)';

const REACHES = `
  with recursive above(group_uuid) as (
    select unnest($2::uuid[])
    union
    select p.parent from group_parents p join above a on p.child = a.group_uuid
  )
  select 1 from above where group_uuid = $1`;

/**
 * Whether the group is one of `parents` or above one of them: as its parents they would close a circle. Until the end of
 * the transaction no other one can add a link that makes the answer wrong.
 */
export async function wouldCircle(db: Queryable, group: string, parents: readonly string[]): Promise<boolean> {
  await db.query(LOCK);
  const rows = await db.query(REACHES, [group, parents]);
  return rows.length > 0;
}

const GRANTS = `
  with recursive above(group_uuid) as (
    select $1::uuid
    union
    select p.parent from group_parents p join above a on p.child = a.group_uuid
  )
  select exists (select 1 from groups g join above using (group_uuid) where g.is_superuser) as yes`;

/** Whether members of the group are superusers, by itself or by a parent. */
export async function grantsSuperuser(db: Queryable, group: string): Promise<boolean> {
  const [row] = await db.query<{ yes: boolean }>(GRANTS, [group]);
  return row?.yes === true;
}

/** Makes a user a member; nothing happens to one who is. */
export async function addMember(db: Queryable, group: string, userId: number): Promise<void> {
  await db.query('insert into group_members (group_uuid, user_id) values ($1, $2) on conflict do nothing', [
    group,
    userId,
  ]);
}

/** Ends a membership; nothing happens where there is none. */
export async function removeMember(db: Queryable, group: string, userId: number): Promise<void> {
  await db.query('delete from group_members where group_uuid = $1 and user_id = $2', [group, userId]);
}
