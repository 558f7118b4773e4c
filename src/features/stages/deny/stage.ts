import { Denial, defineStage } from '../../../core/flows/index.ts';

/** Always denies, with the message of its settings. */
export const denyStage = defineStage<{ message: string }>({
  type: 'deny',
  table: 'deny_stage',
  settings: (row) => ({ message: row.text('deny_message') }),
  async challenge({ settings }) {
    throw new Denial(settings.message);
  },
});
