import { countDue } from '../../kernel/tasks/store.ts';
import { defineTask, enqueueAll } from '../../kernel/tasks/task.ts';
import { deliverMail } from './deliver.ts';
import { listStranded, purge } from './store.ts';

const SWEPT_AT_ONCE = 1_000;

/**
 * Finds messages whose job was lost with its worker and gives them a new one. The queue's own locks of a dead worker
 * last four hours; nothing here waits for them.
 */
export const sweepOutbox = defineTask({
  name: 'outbox.sweep',
  schedule: '* * * * *',
  async run({ db }) {
    const stranded = await listStranded(db, SWEPT_AT_ONCE);
    // Messages that only wait for a place have their jobs.
    const lost = stranded.length === 0 ? 0 : stranded.length - (await countDue(db, deliverMail.name));
    if (lost <= 0) return;
    const runs = stranded.map((id) => ({ payload: { message: id } }));
    await db.transaction((tx) => enqueueAll(tx, deliverMail, runs));
  },
});

/** How long a message can be looked at and sent again, and how long is kept that it was sent. */
const RETENTION = { contentDays: 7, rowDays: 365 };

/** Removes the sealed content of finished messages after a week, and the rest after a year. */
export const purgeOutbox = defineTask({
  name: 'outbox.purge',
  schedule: '41 3 * * *',
  async run({ db }) {
    await purge(db, RETENTION);
  },
});
