import type { Context } from '../context.ts';
import type { Database, Queryable, Transaction } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { Json } from '../schema/types.ts';

/** Background work. Runs at least once: idempotent, or guarded by a key. */
export type Task = {
  readonly name: string;
  /** When it runs by itself: five cron fields, UTC. One run a tick, however many processes there are. */
  readonly schedule?: string;
  /** Seconds: besides, each worker process runs it by itself so often, past the queue. Several at once must do no harm. */
  readonly every?: number;
  /** Tries before it is given up; default 5. */
  readonly attempts?: number;
  /** It talks to the network: it runs in places of its own, so that what waits for others holds up nothing else. */
  readonly outbound?: boolean;
  run(ctx: Context, payload: Json): Promise<void>;
};

/** Declares a task; a feature lists it as `task(…)`. */
export function defineTask(definition: Task): Task {
  return definition;
}

export const task = extensionPoint<Task>('task', (value) => value.name);

export type Run = {
  readonly payload?: Json;
  /** One waiting run a key; a second call replaces its payload and time. */
  readonly key?: string;
  /** Seconds from now, by the database's clock; at once unless given. */
  readonly delay?: number;
};

/**
 * Adds a run of a task in the caller's transaction: what is rolled back is never run.
 * @param key one waiting run a key; a second call replaces its payload
 */
export async function enqueue(tx: Transaction, wanted: Task, run: Run = {}): Promise<void> {
  await enqueueAll(tx, wanted, [run]);
}

// The array's order does not matter; one call for all, because each call looks at the whole queue for the key.
const ADD = `
  select count(*) from graphile_worker.add_jobs(array(
    select row($1, j -> 'payload', null, now() + make_interval(secs => (j ->> 'delay')::double precision), $2::smallint,
      j ->> 'key', null, null)::graphile_worker.job_spec
    from json_array_elements($3::json) as j))`;

async function add(db: Queryable, wanted: Task, runs: readonly Run[]): Promise<void> {
  const list = runs.map(({ payload = null, key = null, delay = null }) => ({ payload, key, delay }));
  await db.query(ADD, [wanted.name, wanted.attempts ?? 5, JSON.stringify(list)]);
}

/** Adds several runs of a task with one statement; see {@link enqueue}. */
export function enqueueAll(tx: Transaction, wanted: Task, runs: readonly Run[]): Promise<void> {
  return add(tx, wanted, runs);
}

/** Adds a run by itself, after what it is for was committed: only where something makes good that it was lost. */
export function enqueueAlone(db: Database, wanted: Task, run: Run = {}): Promise<void> {
  return add(db, wanted, [run]);
}
