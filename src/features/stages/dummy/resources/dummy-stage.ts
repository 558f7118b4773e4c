import { stageBase } from '../../../../core/flows/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';

/** The settings of a dummy stage. */
export const DummyStage = defineResource({
  name: 'DummyStage',
  model: 'authentik_stages_dummy.dummystage',
  path: '/stages/dummy/',
  table: 'dummy_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'dummy',
    component: 'ak-stage-dummy-form',
    model: 'authentik_stages_dummy.dummystage',
    verboseName: 'Dummy Stage',
    description: 'Shows its name and goes on; for trying flows out.',
  }),
  fields: { throw_error: f.boolean({ required: false }) },
  filters: ['name', 'stage_uuid', 'throw_error'],
  search: ['name'],
  ordering: ['name'],
});
