import { stageBase } from '../../../../core/flows/index.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';

/** The settings of a user logout stage. */
export const UserLogoutStage = defineResource({
  name: 'UserLogoutStage',
  model: 'authentik_stages_user_logout.userlogoutstage',
  path: '/stages/user_logout/',
  table: 'user_logout_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'user_logout',
    component: 'ak-stage-user-logout-form',
    model: 'authentik_stages_user_logout.userlogoutstage',
    verboseName: 'User Logout Stage',
    description: "Ends the user's session.",
  }),
  fields: {},
  filters: ['name', 'stage_uuid'],
  search: ['name'],
  ordering: ['name'],
});
