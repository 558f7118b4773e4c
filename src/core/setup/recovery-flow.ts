import { keyOf } from '../blueprints/index.ts';
import type { Seed, SeedEntry } from '../blueprints/index.ts';

/** The flow of the links that `vestibule user recover` prints. */
export const RECOVERY_FLOW = 'account-recovery';

const PROMPT = 'authentik_stages_prompt.prompt';

const field = (id: string, label: string, order: number): SeedEntry => ({
  model: PROMPT,
  id,
  attrs: {
    name: `${RECOVERY_FLOW}-field-${id}`,
    field_key: id.replace('-', '_'),
    label,
    placeholder: label,
    type: 'password',
    required: true,
    order,
  },
});

const bind = (order: number, stage: string): SeedEntry => ({
  model: 'authentik_flows.flowstagebinding',
  attrs: { target: keyOf('flow'), stage: keyOf(stage), order },
});

/** A new password for the account that a printed link names; nothing else opens it. */
export const recoveryFlow: Seed = {
  name: RECOVERY_FLOW,
  entries: [
    {
      model: 'authentik_flows.flow',
      id: 'flow',
      attrs: {
        name: 'Recover an account by a printed link',
        slug: RECOVERY_FLOW,
        title: 'Choose a new password',
        designation: 'stage_configuration',
        authentication: 'require_token',
      },
    },
    field('password', 'Password', 0),
    field('password-repeat', 'Password (repeat)', 1),
    {
      model: 'authentik_stages_prompt.promptstage',
      id: 'prompt',
      attrs: { name: `${RECOVERY_FLOW}-prompt`, fields: [keyOf('password'), keyOf('password-repeat')] },
    },
    {
      model: 'authentik_stages_user_write.userwritestage',
      id: 'write',
      attrs: { name: `${RECOVERY_FLOW}-user-write`, user_creation_mode: 'never_create' },
    },
    {
      model: 'authentik_stages_user_login.userloginstage',
      id: 'login',
      attrs: { name: `${RECOVERY_FLOW}-user-login` },
    },
    bind(10, 'prompt'),
    bind(20, 'write'),
    bind(100, 'login'),
  ],
};
