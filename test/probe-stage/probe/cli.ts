import type { Command } from '../../../src/kernel/cli/command.ts';
import { countAll } from './store.ts';

/** `vestibule probe answers`: how many right answers there were. */
export const probeAnswers: Command = {
  name: 'probe answers',
  description: 'Count the right answers.',
  async run({ ctx }) {
    const answers = await countAll(ctx.db);
    return { text: `${answers} right answers.`, json: { answers } };
  },
};
