import type { Pool } from 'pg';
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

/** Whether the queue's database answers. @throws the driver's error when it does not */
export async function ping(pool: Pool): Promise<void> {
  await pool.query('select 1');
}

/** Frees the jobs that a worker locked which works no more; else they wait four hours. */
export async function unlockJobs(pool: Pool, lockedBy: string): Promise<void> {
  await pool.query('select graphile_worker.force_unlock_workers(array[$1])', [lockedBy]);
}

/** How many runs of a task are due and wait for a place. */
export async function countDue(db: Queryable, task: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::integer as count from graphile_worker.jobs
     where task_identifier = $1 and locked_at is null and run_at <= now() and attempts < max_attempts`,
    [task],
  );
  return row?.count ?? 0;
}
