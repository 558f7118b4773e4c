import {
  challenge,
  challengeShape,
  defineStage,
  fieldError,
  invalid,
  pass,
  replyShape,
} from '../../../src/core/flows/index.ts';
import { f } from '../../../src/kernel/resource/fields.ts';
import { enqueue } from '../../../src/kernel/tasks/task.ts';
import { recordAnswered } from './events.ts';
import { COMPONENT } from './schema.ts';
import { recordAnswer } from './store.ts';
import { countAnswers } from './tasks.ts';

type Settings = { readonly question: string; readonly expected: string };

/** Asks the question; the right answer passes, and is kept with its event and its task in one transaction. */
export const probeStage = defineStage<Settings>({
  type: 'probe',
  table: 'probe_stage',
  challengeComponent: COMPONENT,
  challengeShape: challengeShape('ProbeChallenge', COMPONENT, { question: f.string() }),
  replyShape: replyShape('ProbeChallengeResponse', COMPONENT, { answer: f.string() }),
  settings: (row) => ({ question: row.text('question'), expected: row.text('expected') }),
  async challenge({ settings }) {
    return challenge({ question: settings.question });
  },
  async submit(request, reply) {
    const { settings, stage } = request;
    if (reply['answer'] !== settings.expected) {
      return invalid({ question: settings.question }, { answer: fieldError('That is not it.', 'invalid') });
    }
    return pass(async ({ tx }) => {
      await recordAnswer(tx, stage.pk);
      await recordAnswered(tx, request);
      await enqueue(tx, countAnswers);
    });
  },
});
