import { defineTask } from '../../kernel/tasks/task.ts';
import * as store from './store.ts';

/** Removes counters whose time is over; they count for nothing already. */
export const purgeLimits = defineTask({
  name: 'limits.purge',
  schedule: '*/10 * * * *',
  async run({ db }) {
    await store.purge(db);
  },
});
