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

const COMPONENT = 'ak-stage-plain-probe';
const GREETING = { greeting: 'The default form shows this.' };

/** Asks for a word, which may be any. */
export const plainProbeStage = defineStage<object>({
  type: 'plain_probe',
  table: 'plain_probe_stage',
  challengeComponent: COMPONENT,
  challengeShape: challengeShape('PlainProbeChallenge', COMPONENT, { greeting: f.string() }),
  replyShape: replyShape('PlainProbeChallengeResponse', COMPONENT, { word: f.string() }),
  form: [
    { key: 'greeting', type: 'message', label: '' },
    { key: 'word', type: 'text', label: 'A word of the plain probe', required: true },
  ],
  settings: () => ({}),
  async challenge() {
    return challenge(GREETING);
  },
  async submit(_request, reply) {
    if (reply['word']) return pass();
    return invalid(GREETING, { word: fieldError('This field may not be blank.', 'blank') });
  },
});
