import { setTimeout } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { task } from './task.ts';
import type { Task } from './task.ts';

export type Repeating = { stop(): Promise<void> };

async function repeat(ctx: Context, { name, every = 0, run }: Task, signal: AbortSignal): Promise<void> {
  for (;;) {
    await setTimeout(every * 1000, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    await run(ctx, null).catch((error: unknown) =>
      ctx.log.debug('a task that is repeated failed', { task: name, error }),
    );
  }
}

/** Runs the tasks that each worker process repeats by itself. Not for what must be noticed when it fails. */
export function startRepeating(ctx: Context): Repeating {
  const stopping = new AbortController();
  const tasks = ctx.registry.all(task).filter(({ every }) => every !== undefined);
  const running = tasks.map((one) => repeat(ctx, one, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
