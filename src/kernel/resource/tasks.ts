import { defineTask } from '../tasks/task.ts';
import { foldCounts } from './count-store.ts';
import { settleValues } from './count-values.ts';

/** Adds up the counters' differences, so that reading one stays a matter of a few rows. */
export const foldRowCounts = defineTask({
  name: 'row-count.fold',
  schedule: '* * * * *',
  async run({ db }) {
    await foldCounts(db);
  },
});

/** Makes the counters exact of values that very many rows have; a list that meets such a value asks for it. */
export const settleRowCounts = defineTask({
  name: 'row-count.settle',
  schedule: '* * * * *',
  async run({ db }) {
    await settleValues(db);
  },
});
