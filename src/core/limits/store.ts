import type { Queryable } from '../../kernel/db/types.ts';

/** A counter: its kind, and the keyed hash of its key. */
export type Place = { readonly kind: string; readonly key: string };
export type Window = { readonly points: number; readonly seconds: number };

// Every statement judges by the database's clock, and by the clock as it is: now() stands still in a transaction.
// The condition of the update is judged again on the row as the winner of a race left it, so that of any number of
// requests at once no more than the limit find it true.
const TAKE = `
  insert into limit_window as w (kind, key, points, ends)
  values ($1, $2, $3, clock_timestamp() + make_interval(secs => $5))
  on conflict (kind, key) do update set
    points = case when w.ends <= clock_timestamp() then excluded.points else w.points + excluded.points end,
    reported = w.reported and w.ends > clock_timestamp(),
    ends = case when w.ends <= clock_timestamp() then excluded.ends else w.ends end
  where w.ends <= clock_timestamp() or w.points + excluded.points <= $4
  returning points, extract(epoch from ends - clock_timestamp())::float8 as seconds`;

export type Taking = Place & { readonly cost: number; readonly limit: number; readonly seconds: number };

/** Counts, unless it would be too many; undefined then. */
export async function takePoints(db: Queryable, taking: Taking): Promise<Window | undefined> {
  const { kind, key, cost, limit, seconds } = taking;
  const [row] = await db.query<Window>(TAKE, [kind, key, cost, limit, seconds]);
  return row;
}

const FIND_WINDOW = `
  select points, extract(epoch from ends - clock_timestamp())::float8 as seconds
  from limit_window where kind = $1 and key = $2 and ends > clock_timestamp()`;

/** The window that runs, if one does. */
export async function findWindow(db: Queryable, { kind, key }: Place): Promise<Window | undefined> {
  const [row] = await db.query<Window>(FIND_WINDOW, [kind, key], { brief: true });
  return row;
}

/** Which table a counter is in. */
export type Table = 'limit_window' | 'limit_streak';

/** True once a window, or a wait: for the one who is to report it. */
export async function claimReport(db: Queryable, table: Table, { kind, key }: Place): Promise<boolean> {
  const text = `update ${table} set reported = true where kind = $1 and key = $2 and not reported returning 1`;
  return (await db.query(text, [kind, key])).length > 0;
}

export type Failing = Place & {
  readonly free: number;
  readonly most: number;
  readonly firstWait: number;
  readonly longestWait: number;
  readonly keeps: number | null;
};

/** Seconds to wait after the n-th failure. */
const waitAfter = (n: string): string =>
  `make_interval(secs => case when ${n} < $3 then 0 else least($6, $5 * 2.0 ^ (${n} - $3)) end)`;

const FAIL = `
  insert into limit_streak as s (kind, key, failures, free_at, expires)
  values ($1, $2, 1, clock_timestamp() + ${waitAfter('1')}, clock_timestamp() + make_interval(secs => $7))
  on conflict (kind, key) do update set
    failures = case when s.expires <= clock_timestamp() then 1 else s.failures + 1 end,
    free_at = clock_timestamp() + case when s.expires <= clock_timestamp() then ${waitAfter('1')}
      else ${waitAfter('(s.failures + 1)')} end,
    expires = excluded.expires,
    reported = false
  where s.expires <= clock_timestamp() or (s.free_at <= clock_timestamp() and s.failures < $4)
  returning failures, extract(epoch from free_at - clock_timestamp())::float8 as seconds`;

export type StreakRow = { readonly failures: number; readonly seconds: number };

/** Counts an attempt as failed beforehand, unless none is allowed now; undefined then. */
export async function startAttempt(db: Queryable, failing: Failing): Promise<StreakRow | undefined> {
  const { kind, key, free, most, firstWait, longestWait, keeps } = failing;
  const [row] = await db.query<StreakRow>(FAIL, [kind, key, free, most, firstWait, longestWait, keeps]);
  return row;
}

/** The streak as it stands. */
export async function findStreak(db: Queryable, { kind, key }: Place): Promise<StreakRow | undefined> {
  const [row] = await db.query<StreakRow>(
    `select failures, extract(epoch from free_at - clock_timestamp())::float8 as seconds
     from limit_streak where kind = $1 and key = $2`,
    [kind, key],
  );
  return row;
}

/** Takes an attempt back that came to no verdict. */
export async function takeBackAttempt(db: Queryable, { kind, key }: Place): Promise<void> {
  await db.query(
    `update limit_streak set failures = failures - 1, free_at = clock_timestamp()
     where kind = $1 and key = $2 and failures > 0`,
    [kind, key],
  );
}

/** Ends a streak. */
export async function deleteStreak(db: Queryable, { kind, key }: Place): Promise<void> {
  await db.query('delete from limit_streak where kind = $1 and key = $2', [kind, key]);
}

/** Deletes counters whose time is over. Out: how many. */
export async function purge(db: Queryable): Promise<number> {
  const windows = await db.query('delete from limit_window where ends < now() returning 1');
  const streaks = await db.query('delete from limit_streak where expires < now() returning 1');
  return windows.length + streaks.length;
}
