import { errorCode } from '../../kernel/db/errors.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import type { Row } from '../../kernel/resource/resource.ts';

/** The key of a row of `groups`. */
export function groupIdOf(row: Row): string {
  const id = row['group_uuid'];
  if (typeof id !== 'string') throw new Error('A row of groups has no group_uuid.');
  return id;
}

// The lock's key may be any number that nothing else takes.
const LOCK = 'select pg_advisory_xact_lock(7463001)';
const LIMIT = `
  select current_setting('lock_timeout') as before, set_config('lock_timeout', '4s', true)`;
const UNLIMIT = "select set_config('lock_timeout', $1, true)";
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Keeps others from linking groups until the end of the transaction, so that what {@link wouldCircle} answers stays
 * true. False when others hold it for longer than four seconds, which is below a statement's deadline; the transaction is
 * lost then. Who holds it does not wait for us: a group that is only changed may still be referred to.
 */
export async function lockLinks(tx: Queryable): Promise<boolean> {
  const [limit] = await tx.query<{ before: string }>(LIMIT);
  try {
    await tx.query(LOCK);
  } catch (error) {
    if (errorCode(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
  await tx.query(UNLIMIT, [limit?.before ?? '0']);
  return true;
}

const REACHES = `
  with recursive above(group_uuid) as (
    select unnest($2::uuid[])
    union
    select p.parent from group_parents p join above a on p.child = a.group_uuid
  )
  select 1 from above where group_uuid = $1`;

/** Whether the group is one of `parents` or above one of them: as its parents they would close a circle. */
export async function wouldCircle(tx: Queryable, group: string, parents: readonly string[]): Promise<boolean> {
  const rows = await tx.query(REACHES, [group, parents]);
  return rows.length > 0;
}

/** Whether members of the group, by itself or by a parent, may do anything that somebody with just those roles may not. */
export async function exceeds(db: Queryable, group: string, roles: readonly string[]): Promise<boolean> {
  const [row] = await db.query<{ yes: boolean }>('select group_exceeds($1, $2::uuid[]) as yes', [group, [...roles]]);
  return row?.yes !== false;
}

/** Makes a user a member; false for one who is already. */
export async function addMember(db: Queryable, group: string, userId: number): Promise<boolean> {
  const text = 'insert into group_members (group_uuid, user_id) values ($1, $2) on conflict do nothing returning 1';
  return (await db.query(text, [group, userId])).length > 0;
}

/** Ends a membership; false where there is none. */
export async function removeMember(db: Queryable, group: string, userId: number): Promise<boolean> {
  const text = 'delete from group_members where group_uuid = $1 and user_id = $2 returning 1';
  return (await db.query(text, [group, userId])).length > 0;
}

/** Creates a plain group; its key, or undefined where the name is taken. */
export async function insertGroup(db: Queryable, name: string): Promise<string | undefined> {
  const text = 'insert into groups (name) values ($1) on conflict (name) do nothing returning group_uuid';
  const [row] = await db.query<{ group_uuid: string }>(text, [name]);
  return row?.group_uuid;
}
