import type { Queryable } from '../../kernel/db/types.ts';

/** Notes that a seed is applied. False when it was before; of concurrent callers one gets true. */
export async function claimSeed(db: Queryable, name: string): Promise<boolean> {
  const rows = await db.query('insert into seed (name) values ($1) on conflict do nothing returning name', [name]);
  return rows.length === 1;
}

/** The seeds applied so far. */
export async function listSeeds(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ name: string }>('select name from seed');
  return rows.map(({ name }) => name);
}
