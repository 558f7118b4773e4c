import type { Context } from '../../kernel/context.ts';

/** What a role for a test grants: permissions on everything, and `[permission, primary key]` on single objects. */
export type Grants = {
  readonly permissions?: readonly string[];
  readonly objects?: readonly (readonly [string, string | number])[];
};

const ROLE = 'insert into roles (name) values ($1) returning uuid';
const PERMISSION = `(
  select id from permission where app_label = split_part($2, '.', 1) and codename = split_part($2, '.', 2))`;
const EVERYWHERE = `insert into role_permission (role_uuid, permission_id) values ($1, ${PERMISSION})`;
const ON_ONE = `insert into role_object_permission (role_uuid, permission_id, object_pk) values ($1, ${PERMISSION}, $3)`;

let made = 0;

/** A role that grants that; its uuid. */
export async function buildRole(
  { db }: Pick<Context, 'db'>,
  { permissions = [], objects = [] }: Grants,
): Promise<string> {
  made += 1;
  const [row] = await db.query<{ uuid: string }>(ROLE, [`role-${made}`]);
  if (!row) throw new Error('The insert of a role answered no row.');
  for (const permission of permissions) await db.query(EVERYWHERE, [row.uuid, permission]);
  for (const [permission, key] of objects) await db.query(ON_ONE, [row.uuid, permission, String(key)]);
  return row.uuid;
}

/** Gives a user a role. */
export async function giveRole({ db }: Pick<Context, 'db'>, userId: number, role: string): Promise<void> {
  await db.query('insert into user_roles (user_id, role_uuid) values ($1, $2)', [userId, role]);
}
