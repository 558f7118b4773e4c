import type { Queryable } from '../../kernel/db/types.ts';
import type { Row } from '../../kernel/resource/resource.ts';
import type { Rights } from '../groups/index.ts';

/** Whom an API token speaks for. */
export type TokenOwner = {
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly email: string;
  readonly type: string;
  readonly rights: Rights;
};

// `expires: null` is never (contract D3); what is not expiring ignores its date. The database's clock decides.
const UNEXPIRED = '(not t.expiring or t.expires is null or t.expires > now())';

/** SQL: whether the token under an alias may still be used. */
export const unexpired = (alias: string): string => UNEXPIRED.replaceAll('t.', `${alias}.`);

const OWNER = `
  select u.id, u.uuid, u.username, u.email, u.type, user_rights(u.id) as rights
  from token t join users u on u.id = t.user_id
  where t.key_hash = $1 and t.intent = 'api' and u.is_active and ${UNEXPIRED}`;

/** The active owner of the unexpired API token with that fingerprint. */
export async function findOwner(db: Queryable, keyHash: string): Promise<TokenOwner | undefined> {
  const [row] = await db.query<TokenOwner>(OWNER, [keyHash], { brief: true });
  return row;
}

const USER = `
  select u.id, u.uuid, u.username, u.email, u.type, user_rights(u.id) as rights from users u
  where u.id = $1 and u.is_active`;

/** An active user with what they may do. */
export async function findUserWithRights(db: Queryable, id: number): Promise<TokenOwner | undefined> {
  const [row] = await db.query<TokenOwner>(USER, [id]);
  return row;
}

const SET_KEY = 'update token set key_hash = $2, key_sealed = $3 where token_uuid = $1 returning token_uuid';

/** Replaces a token's key; the old one is worth nothing from then on. False when the token is gone. */
export async function setKey(db: Queryable, uuid: string, key: { hash: string; sealed: Buffer }): Promise<boolean> {
  const rows = await db.query(SET_KEY, [uuid, key.hash, key.sealed]);
  return rows.length === 1;
}

/** The sealed key of a token. */
export async function findSealedKey(db: Queryable, uuid: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ key_sealed: Buffer }>('select key_sealed from token where token_uuid = $1', [uuid]);
  return row?.key_sealed;
}

export type NewToken = {
  readonly identifier: string;
  readonly userId: number;
  readonly intent: string;
  readonly description: string;
  /** ISO 8601 with offset; null: never. */
  readonly expires: string | null;
  readonly key: { readonly hash: string; readonly sealed: Buffer };
};

const INSERT = `
  insert into token (identifier, user_id, intent, description, expires, expiring, key_hash, key_sealed)
  values ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz is not null, $6, $7) returning token_uuid`;

/** Stores a token; its uuid. */
export async function insert(db: Queryable, token: NewToken): Promise<string> {
  const { identifier, userId, intent, description, expires, key } = token;
  const [row] = await db.query<{ token_uuid: string }>(INSERT, [
    identifier,
    userId,
    intent,
    description,
    expires,
    key.hash,
    key.sealed,
  ]);
  if (!row) throw new Error('The insert of a token answered no row.');
  return row.token_uuid;
}

/** Deletes expired tokens, never those without a date (D3). Answers how many. */
export async function purge(db: Queryable): Promise<number> {
  const rows = await db.query('delete from token where expiring and expires < now() returning token_uuid');
  return rows.length;
}

/** Ends every token of a user, of whatever intent. Answers how many. */
export async function endTokens(db: Queryable, userId: number): Promise<number> {
  return (await db.query('delete from token where user_id = $1 returning token_uuid', [userId])).length;
}

const LIST_NAMES = `
  select t.identifier from token t where t.user_id = $1 and t.intent in ('api', 'app_password') and ${UNEXPIRED}
  order by t.identifier`;

/** The names of a user's tokens by which programs get in, as long as they may be used. */
export async function listTokenNames(db: Queryable, userId: number): Promise<string[]> {
  return (await db.query<{ identifier: string }>(LIST_NAMES, [userId])).map(({ identifier }) => identifier);
}

/** The owner of a row of `token`. */
export function userIdOf(row: Row): number {
  const id = row['user_id'];
  if (typeof id !== 'number') throw new Error('A row of token has no user_id.');
  return id;
}

/** The fingerprint of a row's key. */
export function keyHashOf(row: Row): string {
  return textOf(row, 'key_hash');
}

/** The primary key of a row of `token`. */
export function uuidOf(row: Row): string {
  return textOf(row, 'token_uuid');
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`A row of token has no ${column}.`);
  return value;
}

/** The instant so many days from now by the database's clock, in ISO 8601. */
export async function inDays(db: Queryable, days: number): Promise<string> {
  const text = "select to_json(now() + make_interval(days => $1)) #>> '{}' as at";
  const [row] = await db.query<{ at: string }>(text, [days]);
  if (!row) throw new Error('The database gave no time.');
  return row.at;
}
