import type { Queryable } from './types.ts';

/**
 * Now by the database's clock, in milliseconds since 1970: for every verdict on an expiry, because the clocks of processes
 * need not agree with it, nor with one another (R13).
 */
export async function databaseNow(db: Queryable): Promise<number> {
  const text = 'select extract(epoch from clock_timestamp())::float8 * 1000 as now';
  const [row] = await db.query<{ now: number }>(text, [], { brief: true });
  if (!row) throw new Error('The database gave no time.');
  return row.now;
}
