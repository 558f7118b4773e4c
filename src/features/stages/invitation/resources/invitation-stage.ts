import { noFlows, stageBase } from '../../../../core/flows/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';

/** The settings of an invitation stage (contract part 1, 2.10). */
export const InvitationStage = defineResource({
  name: 'InvitationStage',
  model: 'authentik_stages_invitation.invitationstage',
  path: '/stages/invitation/stages/',
  table: 'invitation_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'invitation',
    component: 'ak-stage-invitation-form',
    model: 'authentik_stages_invitation.invitationstage',
    verboseName: 'Invitation Stage',
    description:
      'Simplify enrollment; allow users to use a single link to create their user with pre-defined parameters.',
  }),
  fields: { continue_flow_without_invitation: f.boolean({ required: false }) },
  filters: ['name', 'stage_uuid', 'continue_flow_without_invitation', noFlows],
  search: ['name'],
  ordering: ['name'],
  orderable: ['name'],
});
