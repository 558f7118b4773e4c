import { defineTask } from '../../../src/kernel/tasks/task.ts';
import * as answers from './store.ts';

/** Counts each stage's answers: after an answer, and once a night. */
export const countAnswers = defineTask({
  name: 'probe.count',
  schedule: '41 4 * * *',
  async run({ db }) {
    await answers.count(db);
  },
});
