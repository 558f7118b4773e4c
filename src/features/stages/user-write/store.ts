import type { Queryable, Transaction } from '../../../kernel/db/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';

export type Existing = {
  readonly attributes: JsonObject;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
};

/** A user as they are, whose row stays locked until the end of the transaction. */
export async function lockUser(tx: Transaction, userId: number): Promise<Existing | undefined> {
  const text = 'select attributes, username, name, email, locale from users where id = $1 for update';
  const [row] = await tx.query<Existing>(text, [userId]);
  return row;
}

export type UserUpdate = {
  readonly username: string | undefined;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly passwordHash: string | undefined;
  readonly locale: string | undefined;
  readonly attributes: JsonObject;
};

const UPDATE = `
  update users set username = coalesce($2, username), name = coalesce($3, name), email = coalesce($4, email),
    password = coalesce($5, password), locale = coalesce($6, locale), attributes = $7::jsonb
  where id = $1 returning username, email`;

/** Changes a user; what is undefined stays. */
export async function updateUser(
  tx: Transaction,
  userId: number,
  update: UserUpdate,
): Promise<{ username: string; email: string } | undefined> {
  const [row] = await tx.query<{ username: string; email: string }>(UPDATE, [
    userId,
    update.username ?? null,
    update.name ?? null,
    update.email ?? null,
    update.passwordHash ?? null,
    update.locale ?? null,
    JSON.stringify(update.attributes),
  ]);
  return row;
}

/**
 * Whether the text is the address of a user other than `exceptId`, also in letters that only look so: whoever types the
 * address to sign in would be taken for the user of that name, since names are found in every such spelling.
 */
export async function isAddressOfAnother(db: Queryable, text: string, exceptId: number | undefined): Promise<boolean> {
  const rows = await db.query(
    `select 1 from users where lower(email) in (lower($1), lower(normalize($1, NFKC)))
       and id is distinct from $2::integer limit 1`,
    [text, exceptId ?? null],
  );
  return rows.length > 0;
}

export type Owner = {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
};

/** Whose the address of a user is besides: the active account that has proved it, or has had it longest (decision 0250). */
export async function findOwnerOfAddress(db: Queryable, userId: number): Promise<Owner | undefined> {
  const [row] = await db.query<Owner>(
    `select o.username, o.name, o.email, o.locale from users u
     join users o on lower(o.email) = lower(u.email) and o.id <> u.id and o.is_active
     where u.id = $1 and u.email <> ''
     order by o.email_proven desc, coalesce(o.email_since, o.date_joined), o.id limit 1`,
    [userId],
  );
  return row;
}

/** The oldest active account with an address, also in letters that only look so; see {@link isAddressOfAnother}. */
export async function findOwnerId(db: Queryable, address: string): Promise<number | undefined> {
  const [row] = await db.query<{ id: number }>(
    `select id from users where lower(email) in (lower($1), lower(normalize($1, NFKC))) and is_active
     order by id limit 1`,
    [address],
  );
  return row?.id;
}

/** The active account of that id. */
export async function findOwner(db: Queryable, userId: number): Promise<Owner | undefined> {
  const text = 'select username, name, email, locale from users where id = $1 and is_active';
  return (await db.query<Owner>(text, [userId]))[0];
}

/** Puts a user into groups; false when one of the groups does not exist (any more). */
export async function joinGroups(tx: Transaction, userId: number, groups: readonly string[]): Promise<boolean> {
  const wanted = [...new Set(groups)];
  // The lock keeps the groups until the memberships are committed.
  const found = await tx.query('select group_uuid from groups where group_uuid = any($1::uuid[]) for key share', [
    wanted,
  ]);
  if (found.length !== wanted.length) return false;
  await tx.query(
    `insert into group_members (group_uuid, user_id) select unnest($1::uuid[]), $2::integer on conflict do nothing`,
    [wanted, userId],
  );
  return true;
}
