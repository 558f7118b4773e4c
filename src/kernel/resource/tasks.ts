import { defineTask } from '../tasks/task.ts';
import { foldCounts } from './count-store.ts';

/** Adds up the counters' differences, so that reading one stays a matter of a few rows. */
export const foldRowCounts = defineTask({
  name: 'row-count.fold',
  schedule: '* * * * *',
  async run({ db }) {
    await foldCounts(db);
  },
});
