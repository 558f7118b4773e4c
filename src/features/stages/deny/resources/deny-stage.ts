import { stageBase } from '../../../../core/flows/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';

/** The settings of a deny stage. */
export const DenyStage = defineResource({
  name: 'DenyStage',
  model: 'authentik_stages_deny.denystage',
  path: '/stages/deny/',
  table: 'deny_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'deny',
    component: 'ak-stage-deny-form',
    model: 'authentik_stages_deny.denystage',
    verboseName: 'Deny Stage',
    description: 'Statically deny the current flow.',
  }),
  fields: { deny_message: f.string({ blank: true }) },
  filters: ['name', 'stage_uuid', 'deny_message'],
  search: ['name'],
  ordering: ['name'],
});
