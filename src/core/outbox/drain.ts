import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/db/types.ts';
import { CONNECTIONS } from '../../kernel/mail/smtp.ts';
import { defineTask, enqueueAlone } from '../../kernel/tasks/task.ts';
import { deliver } from './deliver.ts';

/** One waiting run is enough for all mails, whoever queued them. */
const JOB_KEY = 'outbox';
/** After this long a run takes no more mails, and leaves the rest to the next: a worker that is to stop waits for it. */
const AT_MOST_MS = 2000;

/** A run in this process. */
type Drain = {
  /** Has one more place look for mails, if there is one; false: this run takes no more. */
  add(): boolean;
  /** Resolves when all that was taken is settled. */
  done(): Promise<void>;
};

// One run a process: a mail that is queued while it goes on is taken by it.
const drains = new WeakMap<Database, Drain>();

function createDrain(ctx: Context): Drain {
  const until = ctx.clock.now().getTime() + AT_MOST_MS;
  const places = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let isOver = false;

  async function end(): Promise<void> {
    if (isOver) return;
    isOver = true;
    // Not only when all is settled: a server that hangs must not hold up who mails through another one.
    drains.delete(ctx.db);
    await enqueueDrain(ctx.db);
  }

  /** Delivers one message after the other. Another place opens with each, until nothing is left to take. */
  async function work(): Promise<void> {
    let found = true;
    while (found) {
      if (ctx.clock.now().getTime() > until) return end();
      found = await deliver(ctx, undefined, add);
    }
  }

  function add(): boolean {
    if (isOver) return false;
    if (places.size >= CONNECTIONS) return true;
    const place = work()
      .catch((failure: unknown) => void failures.push(failure))
      .finally(() => places.delete(place));
    places.add(place);
    return true;
  }

  return {
    add,
    async done() {
      while (places.size > 0) await Promise.all(places);
      if (!isOver) drains.delete(ctx.db);
      isOver = true;
      if (failures.length > 0) throw failures[0];
    },
  };
}

/**
 * Delivers the messages that are due, several at a time, until none is left. Which ones is asked of the table and not of
 * the queue: a message is there as soon as it is committed, and one run serves any number.
 */
export const drainOutbox = defineTask({
  name: 'outbox.drain',
  outbound: true,
  async run(ctx) {
    if (drains.get(ctx.db)?.add() === true) return;
    const drain = createDrain(ctx);
    drains.set(ctx.db, drain);
    drain.add();
    await drain.done();
  },
});

/** Has a worker look for mails that are due. */
export function enqueueDrain(db: Database): Promise<void> {
  return enqueueAlone(db, drainOutbox, { key: JOB_KEY });
}
