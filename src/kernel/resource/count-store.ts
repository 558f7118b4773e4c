import type { Queryable } from '../db/types.ts';

/** Differences that one statement adds up. */
const AT_ONCE = 20_000;

// What another process adds up meanwhile is left to it. A reader sees the differences or their sum, never both.
const FOLD = `with folded as (
  delete from row_count where ctid = any(array(
    select r.ctid from row_count r
    where (r.counted, r.value) in (select counted, value from row_count group by 1, 2 having count(*) > 1)
    limit $1 for update skip locked))
  returning counted, value, rows
), summed as (
  insert into row_count (counted, value, rows)
  select counted, value, sum(rows) from folded group by 1, 2 having sum(rows) <> 0
) select count(*)::integer as count from folded`;

/** Adds up the differences of the counters (decision 0055), a batch at a time. Out: how many there were. */
export async function foldCounts(db: Queryable): Promise<number> {
  let total = 0;
  for (;;) {
    const [folded] = await db.query<{ count: number }>(FOLD, [AT_ONCE]);
    const count = folded?.count ?? 0;
    total += count;
    if (count < AT_ONCE) return total;
  }
}
