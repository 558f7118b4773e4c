import type { Database } from '../db/types.ts';

/** A value, or a combination of values, by which rows are counted: as `row_count` names it. */
export type CountedValue = { readonly counted: string; readonly value: string };

/** With fewer rows a value has no counter any more. */
const LIGHT = 1000;

const NAME = 'insert into counted_value (counted, value) values ($1, $2) on conflict do nothing returning 1';

// How often it is looked whether those who wrote before have ended.
const LOOKS = 100;
const OVER = 'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as over';

const FORGET = `with light as (
    delete from counted_value v where v.exact and $1 > coalesce(
      (select sum(c.rows) from row_count c where c.counted = v.counted and c.value = v.value), 0)
    returning v.counted, v.value
  ) delete from row_count c using light where c.counted = light.counted and c.value = light.value`;

/** Names a value that very many rows have, so that it gets a counter, and does something more if nobody had. */
export async function nameValue(
  db: Database,
  { counted, value }: CountedValue,
  more: Parameters<Database['transaction']>[0],
): Promise<void> {
  await db.transaction(async (tx) => {
    const named = await tx.query(NAME, [counted, value]);
    if (named.length > 0) await more(tx);
  });
}

/**
 * Makes the counters of named values exact (decision 0090), and forgets those of values that few rows have. Where
 * somebody writes for longer than ten seconds it is left to the next run. Out: how many became exact.
 */
export async function settleValues(db: Database): Promise<number> {
  await db.query(FORGET, [LIGHT]);
  const waiting = await db.query<CountedValue>('select counted, value from counted_value where not exact');
  if (waiting.length === 0) return 0;
  // Who writes and has not seen the names began before this transaction.
  const [own] = await db.query<{ id: string }>('select pg_current_xact_id()::text as id');
  if (!own || !(await areOver(db, own.id))) return 0;
  for (const { counted, value } of waiting) await db.query('select settle_value($1, $2)', [counted, value]);
  return waiting.length;
}

async function areOver(db: Database, id: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const [seen] = await db.query<{ over: boolean }>(OVER, [id]);
    if (seen?.over) return true;
    await db.query('select pg_sleep(0.1)');
  }
  return false;
}
