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

/** Which of these keys have a run whose time has come and that nobody has begun: it needs no other one. */
export async function listDueKeys(db: Queryable, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ key: string }>(
    `select key from graphile_worker.jobs
     where key = any($1) and locked_at is null and attempts < max_attempts and run_at <= now()`,
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** Whether the queue's database answers. @throws the driver's error when it does not */
export async function ping(pool: Pool): Promise<void> {
  await pool.query('select 1');
}

/** Frees the jobs that a worker locked which works no more; else they wait four hours. */
export async function unlockJobs(pool: Pool, lockedBy: string): Promise<void> {
  await pool.query('select graphile_worker.force_unlock_workers(array[$1])', [lockedBy]);
}

/** Tells that workers live, by the names under which they lock jobs. */
export async function writeBeats(pool: Pool, workers: readonly string[]): Promise<void> {
  await pool.query(
    `insert into worker_beat (worker, beat) select unnest($1::text[]), clock_timestamp()
     on conflict (worker) do update set beat = excluded.beat`,
    [workers],
  );
}

/** Workers that ended in order need no watching. */
export async function deleteBeats(pool: Pool, workers: readonly string[]): Promise<void> {
  await pool.query('delete from worker_beat where worker = any($1)', [workers]);
}

const FREE_DEAD = `
  with dead as (
    select array(
      select distinct j.locked_by from graphile_worker.jobs j
      where j.locked_at < clock_timestamp() - make_interval(secs => $1) and not exists (
        select from worker_beat b
        where b.worker = j.locked_by and b.beat > clock_timestamp() - make_interval(secs => $1))
    ) as workers
  ), gone as (
    delete from worker_beat where beat < clock_timestamp() - make_interval(secs => $1)
  ), freed as (
    select graphile_worker.force_unlock_workers(workers) from dead where cardinality(workers) > 0
  )
  select cardinality(workers) as workers from dead, (select count(*) from freed) f`;

/** Frees the jobs of workers that gave no sign for so many seconds. Out: how many such workers there were. */
export async function freeDead(db: Queryable, seconds: number): Promise<number> {
  const [row] = await db.query<{ workers: number }>(FREE_DEAD, [seconds]);
  return row?.workers ?? 0;
}
