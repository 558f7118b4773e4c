import { challenge, defineStage, pass } from '../../../core/flows/index.ts';

/** For trying flows out: shows its name and passes, or breaks on demand. */
export const dummyStage = defineStage<{ throwError: boolean }>({
  type: 'dummy',
  table: 'dummy_stage',
  challengeComponent: 'ak-stage-dummy',
  settings: (row) => ({ throwError: row.flag('throw_error') }),
  async challenge({ settings, stage }) {
    if (settings.throwError) throw new Error('The dummy stage was told to break.');
    return challenge({ name: stage.name });
  },
  async submit() {
    return pass();
  },
});
