import { challenge, challengeShape, defineStage, pass, replyShape } from '../../../core/flows/index.ts';
import { f } from '../../../kernel/resource/fields.ts';

/** For trying flows out: shows its name and passes, or breaks on demand. */
export const dummyStage = defineStage<{ throwError: boolean }>({
  type: 'dummy',
  table: 'dummy_stage',
  challengeComponent: 'ak-stage-dummy',
  challengeShape: challengeShape('DummyChallenge', 'ak-stage-dummy', { name: f.string() }),
  replyShape: replyShape('DummyChallengeResponse', 'ak-stage-dummy', {}),
  settings: (row) => ({ throwError: row.flag('throw_error') }),
  async challenge({ settings, stage }) {
    if (settings.throwError) throw new Error('The dummy stage was told to break.');
    return challenge({ name: stage.name });
  },
  async submit() {
    return pass();
  },
});
