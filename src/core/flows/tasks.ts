import { defineTask } from '../../kernel/tasks/task.ts';
import * as store from './store.ts';

/** Removes cached plans and flow tokens whose time is over. */
export const purgeFlows = defineTask({
  name: 'flows.purge',
  schedule: '*/10 * * * *',
  async run({ db }) {
    await store.purge(db);
  },
});
