import type { Queryable } from '../../kernel/db/types.ts';
import type { Json } from '../../kernel/schema/types.ts';

/** The stored value of a setting, or undefined. */
export async function findSetting(db: Queryable, key: string): Promise<Json | undefined> {
  const [row] = await db.query<{ value: Json }>('select value from setting where key = $1', [key]);
  return row?.value;
}

/** Stores a fact that may be stated once. False when it was stated before; of concurrent callers one gets true. */
export async function claimSetting(db: Queryable, key: string, value: Json): Promise<boolean> {
  const rows = await db.query(
    'insert into setting (key, value) values ($1, $2::jsonb) on conflict (key) do nothing returning key',
    [key, JSON.stringify(value)],
  );
  return rows.length === 1;
}

/** Stores or replaces a setting. */
export async function putSetting(db: Queryable, key: string, value: Json): Promise<void> {
  await db.query(
    `insert into setting (key, value) values ($1, $2::jsonb)
     on conflict (key) do update set value = excluded.value, updated = now()`,
    [key, JSON.stringify(value)],
  );
}
