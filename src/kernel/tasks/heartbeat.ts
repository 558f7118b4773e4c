import type { Pool } from 'pg';
import type { Logger } from '../log/types.ts';
import { deleteBeats, freeDead, writeBeats } from './store.ts';
import { defineTask } from './task.ts';

const BEAT_MS = 10_000;
// Longer than a process may hang, or its database may be away, without its jobs being given to another.
const DEAD_SECONDS = 90;

export type Heartbeat = { stop(): Promise<void> };

/**
 * Tells every ten seconds that this process's workers live, so that the jobs of a process that was killed need not keep
 * their locks for the queue's four hours (R09).
 * @param workers the names under which they lock jobs now
 */
export async function startHeartbeat(pool: Pool, workers: () => readonly string[], log: Logger): Promise<Heartbeat> {
  const beat = (): Promise<void> =>
    writeBeats(pool, workers()).catch((error: unknown) => log.debug('a worker could not say that it lives', { error }));
  await beat();
  const timer = setInterval(() => void beat(), BEAT_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await deleteBeats(pool, workers()).catch(() => {});
    },
  };
}

/** Frees the jobs of workers that died; they run again, which every task is made for. */
export const freeJobs = defineTask({
  name: 'queue.free',
  schedule: '* * * * *',
  async run({ db, log }) {
    const workers = await freeDead(db, DEAD_SECONDS);
    if (workers > 0) log.warn('jobs of workers that died are free again', { workers });
  },
});
