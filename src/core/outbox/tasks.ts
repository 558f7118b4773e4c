import { defineTask } from '../../kernel/tasks/task.ts';
import { enqueueDrain } from './drain.ts';
import { hasStranded, purge } from './store.ts';

/**
 * Finds messages that nobody was woken for, or whose worker died with their lease. The queue's own locks of a dead
 * worker last four hours; nothing here waits for them. Who is woken in vain finds nothing to claim.
 */
export const sweepOutbox = defineTask({
  name: 'outbox.sweep',
  every: 5,
  async run({ db }) {
    if (await hasStranded(db)) await enqueueDrain(db);
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
