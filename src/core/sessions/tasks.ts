import { defineTask } from '../../kernel/tasks/task.ts';
import * as store from './store.ts';

/** Removes sessions whose time is over; a request never accepts one, removed or not. */
export const purgeSessions = defineTask({
  name: 'sessions.purge',
  schedule: '*/15 * * * *',
  async run({ db }) {
    await store.purge(db);
  },
});
