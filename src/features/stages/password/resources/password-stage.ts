import { Flow, stageBase } from '../../../../core/flows/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import { BACKENDS } from '../backends.ts';

/** The settings of a password stage. */
export const PasswordStage = defineResource({
  name: 'PasswordStage',
  model: 'authentik_stages_password.passwordstage',
  path: '/stages/password/',
  table: 'password_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'password',
    component: 'ak-stage-password-form',
    model: 'authentik_stages_password.passwordstage',
    verboseName: 'Password Stage',
    description: 'Prompts the user for their password, and validates it against the configured backends.',
  }),
  fields: {
    backends: f.list(f.choice('BackendsEnum', BACKENDS), {
      description: 'Selection of backends to test the password against.',
    }),
    configure_flow: f.pk(() => Flow, {
      nullable: true,
      onDelete: 'set_null',
      description:
        'Flow used by an authenticated user to configure this Stage. If empty, user will not be able to configure this stage.',
    }),
    failed_attempts_before_cancel: f.integer({
      required: false,
      description:
        'How many attempts a user has before the flow is canceled. To lock the user out, use a reputation policy and a user_write stage.',
    }),
    allow_show_password: f.boolean({
      required: false,
      description: "When enabled, provides a 'show password' button with the password input field.",
    }),
  },
  filters: ['name', 'configure_flow', 'failed_attempts_before_cancel', 'allow_show_password'],
  search: ['name'],
  ordering: ['name'],
});
