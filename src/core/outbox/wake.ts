import { setTimeout } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/db/types.ts';
import { enqueueDrain } from './drain.ts';

// A job added tells the database's listeners, and such transactions are committed one after the other: so not more often.
const PAUSE_MS = 100;

type Waking = { again: boolean };

const waking = new WeakMap<Database, Waking>();

/**
 * Has a worker look for mails that were committed just now: at once, and for all that follow within a moment once more.
 * A wake-up that is lost, with this process or its database, is made good by `outbox.sweep`.
 */
export function wakeWorker(ctx: Pick<Context, 'db' | 'log'>): void {
  const current = waking.get(ctx.db);
  if (current) {
    current.again = true;
    return;
  }
  const own = { again: false };
  waking.set(ctx.db, own);
  void wakeUntilQuiet(ctx, own);
}

async function wakeUntilQuiet(ctx: Pick<Context, 'db' | 'log'>, own: Waking): Promise<void> {
  try {
    do {
      own.again = false;
      await enqueueDrain(ctx.db);
      await setTimeout(PAUSE_MS, undefined, { ref: false });
    } while (own.again);
  } catch (error) {
    ctx.log.warn('no worker was woken for mail; it is found within some ten seconds', { error });
  } finally {
    waking.delete(ctx.db);
  }
}
