import type { Context } from '../context.ts';
import type { Transaction } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { Json } from '../schema/types.ts';

/** Background work. Runs at least once: idempotent, or guarded by a key. */
export type Task = {
  readonly name: string;
  /** When it runs by itself: five cron fields, UTC. One run a tick, however many processes there are. */
  readonly schedule?: string;
  /** Tries before it is given up; default 5. */
  readonly attempts?: number;
  run(ctx: Context, payload: Json): Promise<void>;
};

/** Declares a task; a feature lists it as `task(…)`. */
export function defineTask(definition: Task): Task {
  return definition;
}

export const task = extensionPoint<Task>('task', (value) => value.name);

/**
 * Adds a run of a task in the caller's transaction: what is rolled back is never run.
 * @param key one waiting run a key; a second call replaces its payload
 */
export async function enqueue(
  tx: Transaction,
  wanted: Task,
  run: { payload?: Json; key?: string } = {},
): Promise<void> {
  await tx.query('select graphile_worker.add_job($1, $2::json, max_attempts => $3, job_key => $4)', [
    wanted.name,
    JSON.stringify(run.payload ?? null),
    wanted.attempts ?? 5,
    run.key ?? null,
  ]);
}
