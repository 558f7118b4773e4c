import type { Queryable } from '../../kernel/db/types.ts';
import type { SessionOwner } from './session-user.ts';

export type SessionRow = {
  session_uuid: string;
  version: number;
  data: Buffer | null;
  /** Found by the key it had before. */
  superseded: boolean;
  user: SessionOwner | null;
};

const USER = `(
  select json_build_object('id', u.id, 'uuid', u.uuid, 'username', u.username, 'name', u.name, 'email', u.email,
    'uid', u.uid, 'type', u.type, 'isSuperuser', r.rights -> 'isSuperuser', 'rights', r.rights, 'impersonator',
    (select json_build_object('id', i.id, 'username', i.username, 'email', i.email) from users i where i.id = s.impersonator_id))
  from users u cross join lateral user_rights(u.id) r(rights) where u.id = s.user_id and u.is_active
    and (s.impersonator_id is null or may_impersonate(s.impersonator_id, u.id))
)`;

// A replaced key is remembered for as long as a request that crossed the replacement may take.
const FIND = `
  select s.session_uuid, s.version, s.data, s.key_hash <> $1 as superseded, ${USER} as "user" from session s
  where (s.key_hash = $1 or (s.previous_key_hash = $1 and s.rotated > now() - interval '30 seconds'))
    and s.expires > now()`;

const BRIEF = { brief: true };

/** The unexpired session with that key hash, or, as `superseded`, the one that had it a moment ago. */
export async function find(db: Queryable, keyHash: Buffer): Promise<SessionRow | undefined> {
  const [row] = await db.query<SessionRow>(FIND, [keyHash], BRIEF);
  return row;
}

export type SessionWrite = {
  keyHash: Buffer;
  data: Buffer;
  ip: string;
  userAgent: string;
  login?: { userId: number } | null | undefined;
  seconds: number;
};

const INSERT = `
  insert into session as s (key_hash, data, last_ip, last_user_agent, user_id, expires)
  values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
  returning s.session_uuid, s.version, s.data, false as superseded, ${USER} as "user"`;

const BRIEF_CHANGE = { brief: true, changes: true };

/** Stores a session for the first time. */
export async function insert(db: Queryable, write: SessionWrite): Promise<SessionRow | undefined> {
  const { keyHash, data, ip, userAgent, login, seconds } = write;
  const values = [keyHash, data, ip, userAgent, login?.userId ?? null, seconds];
  const [row] = await db.query<SessionRow>(INSERT, values, BRIEF_CHANGE);
  return row;
}

const UPDATE = `
  update session s set key_hash = $1, data = $2, last_ip = $3, last_user_agent = $4, last_used = now(),
    version = version + 1,
    previous_key_hash = case when $5 then key_hash else previous_key_hash end,
    rotated = case when $5 then now() else rotated end,
    user_id = case when $5 then $6 else user_id end,
    impersonator_id = case when $5 then null else impersonator_id end,
    expires = case when $5 then now() + make_interval(secs => $7) else expires end
  where session_uuid = $8 and version = $9
  returning s.session_uuid, s.version, s.data, false as superseded, case when $5 then ${USER} end as "user"`;

/** Stores a session again, and tells whose it is if that may have changed; undefined when its version is another by now. */
export async function update(
  db: Queryable,
  write: SessionWrite & { uuid: string; version: number },
): Promise<SessionRow | undefined> {
  const { keyHash, data, ip, userAgent, login, seconds, uuid, version } = write;
  const rotates = login !== undefined;
  const values = [keyHash, data, ip, userAgent, rotates, login?.userId ?? null, seconds, uuid, version];
  const [row] = await db.query<SessionRow>(UPDATE, values, BRIEF_CHANGE);
  return row;
}

/** Ends the sessions of a user, but for one. Answers how many. */
export async function endOthers(db: Queryable, userId: number, keep: string | undefined): Promise<number> {
  const rows = await db.query(
    `delete from session where (user_id = $1 or impersonator_id = $1) and session_uuid is distinct from $2::uuid
      returning session_uuid`,
    [userId, keep ?? null],
  );
  return rows.length;
}

/** Ends a session with what was begun in it, unless somebody else than the user is signed in there. */
export async function endBegun(db: Queryable, session: string, userId: number): Promise<void> {
  const text = `delete from session where session_uuid = nullif($1, '')::uuid and coalesce(user_id, $2::integer) = $2::integer`;
  await db.query(text, [session, userId]);
}

/** Deletes expired sessions. Answers how many. */
export async function purge(db: Queryable): Promise<number> {
  const rows = await db.query('delete from session where expires < now() returning session_uuid');
  return rows.length;
}

export type Acting = {
  readonly session: string;
  readonly userId: number;
  readonly username: string;
  readonly selfId: number;
};

const FIND_ACTING = `
  select s.session_uuid as session, u.id as "userId", u.username, s.impersonator_id as "selfId"
  from session s join users u on u.id = s.user_id
  where s.key_hash = $1 and s.expires > now() and s.impersonator_id is not null`;

/** As whom somebody acts in the session with that key hash, also where they may not any more. */
export async function findActing(db: Queryable, keyHash: Buffer): Promise<Acting | undefined> {
  const [row] = await db.query<Acting>(FIND_ACTING, [keyHash], BRIEF);
  return row;
}

export type Switch = {
  readonly session: string;
  /** Whose session it must be still. */
  readonly from: number;
  readonly to: number;
  /** Who acts as `to` from now on; null: they do. */
  readonly impersonator: number | null;
};

const SWITCH = `
  update session s set key_hash = $1, data = null, last_used = now(), version = version + 1,
    user_id = u.id, impersonator_id = $2
  from users u
  where s.session_uuid = $3 and s.user_id = $4 and u.id = $5 and u.is_active
    and s.impersonator_id is not distinct from case when $2::integer is null then u.id end
    and ($2::integer is null or may_impersonate($2::integer, u.id))
  returning u.uid`;

/** Gives a session to another user; the `uid` of that user. Undefined when it may not be, or is another's by now. */
export async function switchUser(
  db: Queryable,
  { session, from, to, impersonator, keyHash }: Switch & { readonly keyHash: Buffer },
): Promise<string | undefined> {
  const [row] = await db.query<{ uid: string }>(SWITCH, [keyHash, impersonator, session, from, to]);
  return row?.uid;
}
