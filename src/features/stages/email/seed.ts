import { keyOf } from '../../../core/blueprints/index.ts';
import type { Seed, SeedEntry } from '../../../core/blueprints/index.ts';

const BINDING = 'authentik_flows.flowstagebinding';
const PROMPT = 'authentik_stages_prompt.prompt';
const IDENTIFICATION = 'authentik_stages_identification.identificationstage';

const field = (id: string, attrs: SeedEntry['attrs']): SeedEntry => ({
  model: PROMPT,
  id,
  attrs: { name: `default-recovery-field-${id}`, type: 'password', required: true, ...attrs },
});

const bind = (order: number, stage: string): SeedEntry => ({
  model: BINDING,
  attrs: { target: keyOf('recovery'), stage: keyOf(stage), order },
});

/**
 * Recovery of a forgotten password: who you are, a mail, a new password, signed in. Made at the first start with a mail
 * server, and linked from the default sign-in unless that leads elsewhere by then.
 */
export const recoverySeed: Seed = {
  name: 'default-recovery',
  when: ({ mail }) => mail.configured,
  entries: [
    {
      model: 'authentik_flows.flow',
      id: 'recovery',
      attrs: {
        name: 'Reset the password',
        slug: 'default-recovery-flow',
        title: 'Reset your password',
        designation: 'recovery',
      },
    },
    {
      model: IDENTIFICATION,
      id: 'who',
      attrs: { name: 'default-recovery-identification', user_fields: ['username', 'email'], pretend_user_exists: true },
    },
    { model: 'authentik_stages_email.emailstage', id: 'email', attrs: { name: 'default-recovery-email' } },
    field('password', { field_key: 'password', label: 'Password', placeholder: 'Password', order: 0 }),
    field('password-repeat', {
      field_key: 'password_repeat',
      label: 'Password (repeat)',
      placeholder: 'Password (repeat)',
      order: 1,
    }),
    {
      model: 'authentik_stages_prompt.promptstage',
      id: 'prompt',
      attrs: { name: 'default-recovery-prompt', fields: [keyOf('password'), keyOf('password-repeat')] },
    },
    {
      model: 'authentik_stages_user_write.userwritestage',
      id: 'write',
      attrs: { name: 'default-recovery-user-write', user_creation_mode: 'never_create' },
    },
    {
      model: 'authentik_stages_user_login.userloginstage',
      id: 'login',
      attrs: { name: 'default-recovery-user-login' },
    },
    bind(10, 'who'),
    bind(20, 'email'),
    bind(30, 'prompt'),
    bind(40, 'write'),
    bind(100, 'login'),
    {
      model: IDENTIFICATION,
      identifiers: { name: 'default-authentication-identification', recovery_flow: null },
      attrs: { recovery_flow: keyOf('recovery') },
    },
  ],
};
