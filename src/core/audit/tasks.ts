import { defineTask } from '../../kernel/tasks/task.ts';
import { purge } from './store.ts';

/** Deletes events whose time is over (`event.expires`, a year after they were written). */
export const purgeEvents = defineTask({
  name: 'audit.purge',
  schedule: '23 3 * * *',
  async run({ db }) {
    await purge(db);
  },
});
