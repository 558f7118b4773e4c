import { defineTask } from '../../kernel/tasks/task.ts';
import * as store from './store.ts';

/** Removes tokens whose time is over; a request never accepts one, removed or not. Those without a date stay (D3). */
export const purgeTokens = defineTask({
  name: 'tokens.purge',
  schedule: '*/15 * * * *',
  async run({ db }) {
    await store.purge(db);
  },
});
