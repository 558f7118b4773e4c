import type { Queryable } from '../db/types.ts';

/** How many jobs there are: due or scheduled, at work, given up. */
export type JobCounts = { readonly waiting: number; readonly running: number; readonly failed: number };

/** Counts the jobs of the whole installation. */
export async function countJobs(db: Queryable): Promise<JobCounts> {
  const [row] = await db.query<JobCounts>(
    `select count(*) filter (where locked_at is null and attempts < max_attempts)::integer as waiting,
            count(*) filter (where locked_at is not null)::integer as running,
            count(*) filter (where locked_at is null and attempts >= max_attempts)::integer as failed
     from graphile_worker.jobs`,
  );
  return row ?? { waiting: 0, running: 0, failed: 0 };
}
