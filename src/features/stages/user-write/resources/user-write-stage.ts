import { stageBase } from '../../../../core/flows/index.ts';
import { Group, groupPolicy } from '../../../../core/groups/index.ts';
import { permissionDenied } from '../../../../kernel/errors/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import type { Validation } from '../../../../kernel/resource/resource.ts';
import { CREATION_MODES, USER_TYPES } from '../settings.ts';

/**
 * Who puts new users into a group gives them what its members may (A23), and so does who changes how a stage that has
 * such a group makes its users.
 */
async function validate(
  { create_users_group: group }: { readonly create_users_group?: string | number | null },
  { ctx, db, existing }: Validation,
): Promise<void> {
  for (const one of [existing?.['create_users_group'], group]) {
    if (typeof one === 'string' && !(await groupPolicy.mayShape(db, ctx.actor, one))) throw permissionDenied();
  }
}

/** The settings of a user write stage. */
export const UserWriteStage = defineResource({
  name: 'UserWriteStage',
  model: 'authentik_stages_user_write.userwritestage',
  path: '/stages/user_write/',
  table: 'user_write_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'user_write',
    component: 'ak-stage-user-write-form',
    model: 'authentik_stages_user_write.userwritestage',
    verboseName: 'User Write Stage',
    description:
      'Writes currently pending data into the pending user, or if no user exists, creates a new user with the data.',
  }),
  fields: {
    user_creation_mode: f.choice('UserCreationModeEnum', CREATION_MODES, { required: false }),
    create_users_as_inactive: f.boolean({
      required: false,
      description: 'When set, newly created users are inactive and cannot login.',
    }),
    create_users_group: f.pk(() => Group, {
      nullable: true,
      onDelete: 'left_dangling',
      description: 'Optionally add newly created users to this group.',
    }),
    user_type: f.choice('UserTypeEnum', USER_TYPES, { required: false }),
    user_path_template: f.string({ blank: true }),
  },
  filters: [
    'name',
    'stage_uuid',
    'user_creation_mode',
    'create_users_as_inactive',
    'create_users_group',
    'user_type',
    'user_path_template',
  ],
  search: ['name'],
  ordering: ['name'],
  validate,
});
