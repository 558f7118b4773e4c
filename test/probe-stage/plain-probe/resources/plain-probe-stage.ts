import { stageBase } from '../../../../src/core/flows/index.ts';
import { defineResource } from '../../../../src/kernel/resource/resource.ts';

/** A plain probe stage; it has no settings. */
export const PlainProbeStage = defineResource({
  name: 'PlainProbeStage',
  model: 'vestibule_stages_plain_probe.plainprobestage',
  path: '/stages/plain_probe/',
  table: 'plain_probe_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'plain_probe',
    component: 'ak-stage-plain-probe-form',
    model: 'vestibule_stages_plain_probe.plainprobestage',
    verboseName: 'Plain Probe Stage',
    description: 'Asks for a word and passes.',
  }),
  fields: {},
  filters: ['name'],
  search: ['name'],
  ordering: ['name'],
});
