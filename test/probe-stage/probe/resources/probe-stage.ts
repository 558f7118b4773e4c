import { stageBase } from '../../../../src/core/flows/index.ts';
import { f } from '../../../../src/kernel/resource/fields.ts';
import { defineResource } from '../../../../src/kernel/resource/resource.ts';

/** The settings of a probe stage. */
export const ProbeStage = defineResource({
  name: 'ProbeStage',
  model: 'vestibule_stages_probe.probestage',
  path: '/stages/probe/',
  table: 'probe_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'probe',
    component: 'ak-stage-probe-form',
    model: 'vestibule_stages_probe.probestage',
    verboseName: 'Probe Stage',
    description: 'Asks a question and passes when the answer is right.',
  }),
  fields: {
    question: f.string(),
    expected: f.string(),
    answers: f.integer({ readOnly: true }),
  },
  filters: ['name', 'question'],
  search: ['name', 'question'],
  ordering: ['name'],
});
