import { keyOf } from '../seed.ts';
import type { Seed, SeedEntry } from '../seed.ts';

const FLOW = 'authentik_flows.flow';
const BINDING = 'authentik_flows.flowstagebinding';
const PROMPT = 'authentik_stages_prompt.prompt';
const PROMPT_STAGE = 'authentik_stages_prompt.promptstage';
const IDENTIFICATION = 'authentik_stages_identification.identificationstage';
const PASSWORD = 'authentik_stages_password.passwordstage';
const LOGIN = 'authentik_stages_user_login.userloginstage';
const LOGOUT = 'authentik_stages_user_logout.userlogoutstage';
const WRITE = 'authentik_stages_user_write.userwritestage';
const INVITATION = 'authentik_stages_invitation.invitationstage';

const entry = (model: string, id: string, attrs: SeedEntry['attrs']): SeedEntry => ({ model, id, attrs });

/** The bindings of a flow: order, stage and, where they are not the defaults, flags. */
function bind(flow: string, stages: readonly (readonly [number, string, SeedEntry['attrs']?])[]): SeedEntry[] {
  return stages.map(([order, stage, flags]) => ({
    model: BINDING,
    attrs: { target: keyOf(flow), stage: keyOf(stage), order, ...flags },
  }));
}

/** Sign-in: who you are, your password, logged in. */
const authentication: readonly SeedEntry[] = [
  entry(FLOW, 'authentication', {
    name: 'Sign in',
    slug: 'default-authentication-flow',
    title: 'Welcome back',
    designation: 'authentication',
  }),
  entry(IDENTIFICATION, 'identification', {
    name: 'default-authentication-identification',
    user_fields: ['username', 'email'],
    pretend_user_exists: true,
  }),
  entry(PASSWORD, 'password', {
    name: 'default-authentication-password',
    backends: ['authentik.core.auth.InbuiltBackend'],
    allow_show_password: true,
  }),
  entry(LOGIN, 'login', { name: 'default-authentication-login' }),
  ...bind('authentication', [
    [10, 'identification'],
    [20, 'password'],
    [100, 'login'],
  ]),
];

const invalidation: readonly SeedEntry[] = [
  entry(FLOW, 'invalidation', {
    name: 'Sign out',
    slug: 'default-invalidation-flow',
    title: 'Sign out',
    designation: 'invalidation',
  }),
  entry(LOGOUT, 'logout', { name: 'default-invalidation-logout' }),
  ...bind('invalidation', [[0, 'logout']]),
];

const prompt = (id: string, attrs: SeedEntry['attrs']): SeedEntry =>
  entry(PROMPT, id, { name: `invitation-enrollment-field-${id}`, required: true, ...attrs });

/** Enrollment by invitation (contract part 2, 13.1: the minimal variant of the documented recipe). */
const enrollment: readonly SeedEntry[] = [
  entry(FLOW, 'enrollment', {
    name: 'Enrollment by invitation',
    slug: 'invitation-enrollment-flow',
    title: 'Welcome! Complete your enrollment',
    designation: 'enrollment',
    authentication: 'require_unauthenticated',
  }),
  entry(INVITATION, 'invitation', {
    name: 'invitation-enrollment-invitation',
    continue_flow_without_invitation: false,
  }),
  prompt('username', {
    field_key: 'username',
    label: 'Username',
    placeholder: 'Username',
    type: 'username',
    order: 0,
  }),
  prompt('password', {
    field_key: 'password',
    label: 'Password',
    placeholder: 'Password',
    type: 'password',
    order: 1,
  }),
  prompt('password-repeat', {
    field_key: 'password_repeat',
    label: 'Password (repeat)',
    placeholder: 'Password (repeat)',
    type: 'password',
    order: 2,
  }),
  prompt('name', { field_key: 'name', label: 'Name', placeholder: 'Name', type: 'text', order: 0 }),
  prompt('email', { field_key: 'email', label: 'Email', placeholder: 'Email', type: 'email', order: 1 }),
  entry(PROMPT_STAGE, 'credentials', {
    name: 'invitation-enrollment-prompt-credentials',
    fields: [keyOf('username'), keyOf('password'), keyOf('password-repeat')],
  }),
  entry(PROMPT_STAGE, 'details', {
    name: 'invitation-enrollment-prompt-details',
    fields: [keyOf('name'), keyOf('email')],
  }),
  entry(WRITE, 'write', {
    name: 'invitation-enrollment-user-write',
    user_creation_mode: 'always_create',
    user_type: 'external',
    user_path_template: 'users/external',
  }),
  entry(LOGIN, 'enrollment-login', { name: 'invitation-enrollment-user-login' }),
  ...bind('enrollment', [
    [5, 'invitation', { evaluate_on_plan: true }],
    [10, 'credentials'],
    [15, 'details'],
    [20, 'write'],
    [100, 'enrollment-login'],
  ]),
];

/** The administrator's set-up: opened by the one-time link that the first start prints, and by nothing else. */
const setup: readonly SeedEntry[] = [
  entry(FLOW, 'setup', {
    name: 'Set up this installation',
    slug: 'initial-setup',
    title: 'Become the administrator',
    designation: 'stage_configuration',
    authentication: 'require_token',
  }),
  entry(PROMPT, 'setup-email', {
    name: 'initial-setup-field-email',
    field_key: 'email',
    label: 'Email',
    placeholder: 'Email',
    type: 'email',
    required: true,
    order: 0,
  }),
  entry(PROMPT_STAGE, 'setup-prompt', {
    name: 'initial-setup-prompt',
    fields: [keyOf('setup-email'), keyOf('password'), keyOf('password-repeat')],
  }),
  entry(WRITE, 'setup-write', { name: 'initial-setup-user-write', user_creation_mode: 'never_create' }),
  entry(LOGIN, 'setup-login', { name: 'initial-setup-user-login' }),
  ...bind('setup', [
    [10, 'setup-prompt'],
    [20, 'setup-write'],
    [100, 'setup-login'],
  ]),
];

/** The flows that every fresh installation has. */
export const defaultFlows: Seed = {
  name: 'default-flows',
  entries: [...authentication, ...invalidation, ...enrollment, ...setup],
};
