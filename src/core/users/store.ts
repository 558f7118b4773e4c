import { constraintViolation } from '../../kernel/db/errors.ts';
import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import type { Row } from '../../kernel/resource/resource.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';

/** One user, without the password. */
export type UserRow = {
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly uid: string;
  readonly type: string;
  readonly isActive: boolean;
  readonly locale: string;
  readonly path: string;
  readonly attributes: JsonObject;
  readonly isSuperuser: boolean;
};

/** What a new user is made of; what is absent takes the table's default. */
export type NewUser = {
  readonly username: string;
  readonly name?: string;
  readonly email?: string;
  /** A finished hash (`Passwords.hash`); without it no password signs in. */
  readonly passwordHash?: string;
  readonly isActive?: boolean;
  readonly locale?: string;
  readonly attributes?: JsonObject;
  readonly path?: string;
  readonly type?: string;
};

/** Another account has this username, or one that a person cannot tell from it (T09). */
export class UsernameTaken extends Error {
  constructor(options?: ErrorOptions) {
    super('The username is taken.', options);
    this.name = 'UsernameTaken';
  }
}

// Kept equal to the index users_username_key.
const NORMAL = (sql: string): string => `lower(normalize(${sql}, NFKC))`;

const COLUMNS = `id, uuid, username, name, email, uid, type, is_active as "isActive", locale, path, attributes,
  user_is_superuser(id) as "isSuperuser"`;

/** The user of that id, active or not. */
export async function findUser(db: Queryable, id: number): Promise<UserRow | undefined> {
  const [row] = await db.query<UserRow>(`select ${COLUMNS} from users where id = $1`, [id], { brief: true });
  return row;
}

/** The user of that username, compared as uniqueness does (case and compatibility forms do not count). */
export async function findUserByUsername(db: Queryable, username: string): Promise<UserRow | undefined> {
  const [row] = await db.query<UserRow>(`select ${COLUMNS} from users where ${NORMAL('username')} = ${NORMAL('$1')}`, [
    username,
  ]);
  return row;
}

/** The stored password hash; `!…` is an unusable one. Undefined for an unknown user. */
export async function findPasswordHash(db: Queryable, id: number): Promise<string | undefined> {
  const [row] = await db.query<{ password: string }>('select password from users where id = $1', [id]);
  return row?.password;
}

/** The stored password hash, which nobody else changes until the transaction ends. */
export async function lockPasswordHash(tx: Transaction, id: number): Promise<string | undefined> {
  const text = 'select password from users where id = $1 for no key update';
  const [row] = await tx.query<{ password: string }>(text, [id]);
  return row?.password;
}

/** Makes a user active; nothing happens to one who is. */
export async function activateUser(db: Queryable, id: number): Promise<void> {
  await db.query('update users set is_active = true where id = $1 and not is_active', [id]);
}

/** Notes that the user has answered a mail to this address, if it is theirs still; it then signs in nobody before them. */
export async function proveEmail(tx: Transaction, id: number, address: string): Promise<void> {
  const text = 'update users set email_proven = true where id = $1 and lower(email) = lower($2) and not email_proven';
  await tx.query(text, [id, address]);
}

/** Stores a finished hash. False when the user is gone. Whoever changes a password also ends the sessions. */
export async function setPasswordHash(db: Queryable, id: number, hash: string): Promise<boolean> {
  const rows = await db.query('update users set password = $2 where id = $1 returning id', [id, hash]);
  return rows.length === 1;
}

/** Stores a better hash of the same password. False when another password was set meanwhile: that one stays. */
export async function replacePasswordHash(
  db: Queryable,
  id: number,
  hash: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const text = 'update users set password = $3 where id = $1 and password = $2 returning id';
  return (await db.query(text, [id, hash.from, hash.to])).length === 1;
}

const TAKEN = `
  select 1 from users where ${NORMAL('username')} = ${NORMAL('$1')} and id is distinct from $2::integer limit 1`;

/** Whether somebody has this username, not counting the user `exceptId`. For early answers: the index decides. */
export async function usernameTaken(db: Queryable, username: string, exceptId?: number): Promise<boolean> {
  const rows = await db.query(TAKEN, [username, exceptId ?? null], { brief: true });
  return rows.length > 0;
}

const INSERT = `
  insert into users (username, name, email, password, is_active, locale, attributes, path, type)
  values ($1, coalesce($2, ''), coalesce($3, ''), coalesce($4, '!'), coalesce($5::boolean, true), coalesce($6, ''),
    coalesce($7::jsonb, '{}'), coalesce($8, 'users'), coalesce($9, 'internal'))
  returning id, uuid, uid`;

/**
 * Creates a user. Of concurrent calls with one username one succeeds; after a failure the transaction is lost.
 * @throws UsernameTaken
 */
export async function insertUser(
  tx: Queryable,
  user: NewUser,
): Promise<{ readonly id: number; readonly uuid: string; readonly uid: string }> {
  try {
    const [row] = await tx.query<{ id: number; uuid: string; uid: string }>(INSERT, [
      user.username,
      user.name ?? null,
      user.email ?? null,
      user.passwordHash ?? null,
      user.isActive ?? null,
      user.locale ?? null,
      user.attributes ? JSON.stringify(user.attributes) : null,
      user.path ?? null,
      user.type ?? null,
    ]);
    if (!row) throw new Error('The insert of a user answered no row.');
    return row;
  } catch (error) {
    if (isUsernameViolation(error)) throw new UsernameTaken({ cause: error });
    throw error;
  }
}

/** Whether a statement failed because the username is taken, for those who write users in their own way. */
export function isUsernameViolation(error: unknown): boolean {
  const violation = constraintViolation(error);
  return violation?.kind === 'unique' && violation.constraint === 'users_username_key';
}

/** Notes that the user signed in now. */
export function touchLogin(tx: Transaction, id: number): void {
  tx.send('update users set last_login = now() where id = $1', [id]);
}

/** Whether the user may do anything that somebody with just those roles may not. */
export async function exceeds(db: Queryable, id: number, roles: readonly string[]): Promise<boolean> {
  const [row] = await db.query<{ yes: boolean }>('select user_exceeds($1, $2::uuid[]) as yes', [id, [...roles]]);
  return row?.yes !== false;
}

/** The key of a row of `users`. */
export function userIdOf(row: Row): number {
  const id = row['id'];
  if (typeof id !== 'number') throw new Error('A row of users has no id.');
  return id;
}

const END_SESSIONS =
  'delete from session where (user_id = $1 or impersonator_id = $1) and session_uuid is distinct from $2::uuid';

/**
 * Ends every session of a user, but for one: who knew the old password is out (E09). The table belongs to core/sessions,
 * which stands after this module; the statement is here because a changed password must not leave them open.
 */
export async function endSessions(tx: Transaction, userId: number, keep?: string): Promise<void> {
  await tx.query(END_SESSIONS, [userId, keep ?? null]);
}

/** What users see of themselves. */
export type SelfRow = {
  readonly pk: number;
  readonly username: string;
  readonly name: string;
  readonly is_active: boolean;
  readonly is_superuser: boolean;
  readonly groups: readonly { readonly name: string; readonly pk: string }[];
  readonly roles: readonly { readonly name: string; readonly pk: string }[];
  readonly email: string;
  readonly uid: string;
  readonly type: string;
  /** The user's own attributes last. */
  readonly attributes: readonly JsonObject[];
};

const SELF = `
  select id as pk, username, name, is_active, user_is_superuser(id) as is_superuser, email, uid, type,
    (select coalesce(json_agg(json_build_object('name', g.name, 'pk', g.group_uuid) order by g.name), '[]')
      from groups g join group_members m using (group_uuid) where m.user_id = users.id) as groups,
    (select coalesce(json_agg(json_build_object('name', r.name, 'pk', r.uuid) order by r.name), '[]')
      from roles r join user_roles l on l.role_uuid = r.uuid where l.user_id = users.id) as roles,
    (select coalesce(jsonb_agg(g.attributes order by g.name), '[]')
      from groups g where g.group_uuid in (select user_group_uuids(users.id))) || attributes as attributes
  from users where id = $1 and is_active`;

/** An active user with groups, roles and the attributes of both. */
export async function findSelf(db: Queryable, id: number): Promise<SelfRow | undefined> {
  const [row] = await db.query<SelfRow>(SELF, [id]);
  return row;
}

const PATHS = `
  select distinct path from users where strpos(lower(path), lower($1)) > 0 order by path`;

/** The paths that contain a text, each once. */
export async function findPaths(db: Queryable, search: string): Promise<string[]> {
  return (await db.query<{ path: string }>(PATHS, [search])).map(({ path }) => path);
}
