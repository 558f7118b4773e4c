import type { Queryable } from '../../kernel/db/types.ts';

/** Whether a server has worked on this database: it made its first user. */
export async function isInUse(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ used: boolean }>('select exists (select from users) as used');
  return row?.used === true;
}

/** How many active superusers there are, and which of them have no password. */
export async function countSuperusers(db: Queryable): Promise<{ active: number; unable: string[] }> {
  const rows = await db.query<{ username: string; able: boolean }>(
    `select username, password not like '!%' and password <> '' as able from users
     where is_active and user_is_superuser(id) order by username`,
  );
  return { active: rows.length, unable: rows.filter(({ able }) => !able).map(({ username }) => username) };
}

/** Whether the link of the first start was not used yet, and still works. */
export async function isSetUpOpen(db: Queryable): Promise<boolean> {
  const text = `select exists (select from flow_token t join users u on u.id = t.user_id
    where t.identifier = 'initial-setup' and u.is_active) as open`;
  const [row] = await db.query<{ open: boolean }>(text);
  return row?.open === true;
}

/** Which of these designations no flow with at least one stage has. */
export async function missingDesignations(db: Queryable, wanted: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ designation: string }>(
    `select w.designation from unnest($1::text[]) as w(designation)
     where not exists (select from flow f join flow_stage_binding b on b.target = f.flow_uuid
                       where f.designation = w.designation)`,
    [wanted],
  );
  return rows.map(({ designation }) => designation);
}
