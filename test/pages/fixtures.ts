import type { FormField, PageChallenge } from '../../src/web/flow/page-input.ts';

export const flowInfo = {
  title: 'Welcome! Complete your enrollment',
  cancel_url: '/flows/-/cancel/',
  layout: 'stacked',
};

const nobody = { pending_user: '', pending_user_avatar: '' };
const mira = { pending_user: 'mira.keller', pending_user_avatar: 'https://avatars.invalid/mira.png' };

/** One prompt as the wire has it. */
export function prompt(fields: Record<string, unknown>): Record<string, unknown> {
  return {
    field_key: 'text',
    label: 'Label',
    type: 'text',
    required: true,
    placeholder: '',
    initial_value: '',
    order: 0,
    sub_text: '',
    choices: null,
    ...fields,
  };
}

function prompts(fields: readonly Record<string, unknown>[], errors?: Record<string, unknown>): PageChallenge {
  const ordered = fields.map((field, order) => prompt({ order, ...field }));
  const challenge = { component: 'ak-stage-prompt', flow_info: flowInfo, fields: ordered };
  return errors ? { ...challenge, response_errors: errors } : challenge;
}

function identification(extra: Record<string, unknown>): PageChallenge {
  return {
    component: 'ak-stage-identification',
    flow_info: { ...flowInfo, title: 'Sign in' },
    user_fields: ['username', 'email'],
    password_fields: false,
    allow_show_password: false,
    primary_action: 'Log in',
    flow_designation: 'authentication',
    show_source_labels: false,
    sources: [],
    enable_remember_me: false,
    captcha_stage: null,
    passkey_challenge: null,
    pending_user_identifier: null,
    ...extra,
  };
}

const choices = [
  { value: 'green', label: 'Green team' },
  { value: 'blue', label: 'Blue team' },
];

const credentials = [
  { field_key: 'username', label: 'Username', type: 'username', placeholder: 'Username' },
  { field_key: 'password', label: 'Password', type: 'password', placeholder: 'Password' },
  { field_key: 'password_repeat', label: 'Password (repeat)', type: 'password', placeholder: 'Password (repeat)' },
];

const everyType = [
  { field_key: 'a', type: 'alert_info', label: 'Please fill in what you know.' },
  { field_key: 'b', type: 'alert_warning', label: 'Your manager sees this.' },
  { field_key: 'c', type: 'alert_danger', label: 'The deadline is near.' },
  {
    field_key: 'd',
    type: 'static',
    label: 'House rules',
    initial_value: 'First line\n<b>second</b> <script>x</script>',
  },
  { field_key: 'text', type: 'text', label: 'Nickname', required: false, sub_text: 'As friends call you.' },
  { field_key: 'about', type: 'text_area', label: 'About you', initial_value: 'One\nTwo' },
  { field_key: 'ro', type: 'text_read_only', label: 'Department', initial_value: 'Research' },
  { field_key: 'roa', type: 'text_area_read_only', label: 'Terms', initial_value: 'Be kind.\nBe quiet.' },
  { field_key: 'username', type: 'username', label: 'Username' },
  { field_key: 'email', type: 'email', label: 'Email', initial_value: 'mira@example.com' },
  { field_key: 'password', type: 'password', label: 'Password' },
  { field_key: 'number', type: 'number', label: 'Seats', required: false, initial_value: '3' },
  { field_key: 'sep', type: 'separator', label: '' },
  { field_key: 'news', type: 'checkbox', label: 'Send me the newsletter', required: false },
  { field_key: 'team', type: 'radio-button-group', label: 'Team', choices, initial_value: 'blue' },
  { field_key: 'place', type: 'dropdown', label: 'Place', choices, initial_value: 'green' },
  { field_key: 'day', type: 'date', label: 'First day', required: false, initial_value: '2026-12-01' },
  { field_key: 'at', type: 'date-time', label: 'Arrival', required: false, initial_value: '2026-12-01T08:30:00Z' },
  { field_key: 'photo', type: 'file', label: 'Photo', required: false },
  { field_key: 'source', type: 'hidden', label: 'Source', initial_value: 'letter' },
  { field_key: 'locale', type: 'ak-locale', label: 'Language', required: false },
];

const invalid = (string: string) => [{ string, code: 'invalid' }];

/** Challenges of every kind, as input for rendering. */
export const challenges: Readonly<Record<string, PageChallenge>> = {
  credentials: prompts(credentials),
  'credentials-taken': prompts(credentials, { username: invalid('Username is already taken.') }),
  'credentials-differ': prompts(credentials, { non_field_errors: invalid("Passwords don't match.") }),
  details: prompts([
    { field_key: 'name', label: 'Name', placeholder: 'Name' },
    { field_key: 'email', label: 'Email', type: 'email', placeholder: 'Email', initial_value: 'mira@example.com' },
  ]),
  'every-type': prompts(everyType),
  'every-type-wrong': prompts(
    everyType,
    Object.fromEntries(everyType.map((field) => [field.field_key, invalid('This field is required.')])),
  ),
  identification: identification({ recovery_url: '/if/flow/recovery/', enroll_url: '/if/flow/enroll/' }),
  'identification-full': identification({
    password_fields: true,
    allow_show_password: true,
    application_pre: 'Calendar',
    sources: [
      { name: 'Example ID', icon_url: null, challenge: { component: 'xak-flow-redirect', to: '/source/example/' } },
      { name: 'Evil', icon_url: null, challenge: { component: 'xak-flow-redirect', to: 'javascript:alert(1)' } },
    ],
    response_errors: { non_field_errors: invalid('Failed to authenticate.') },
  }),
  'identification-empty': identification({ user_fields: null }),
  password: {
    component: 'ak-stage-password',
    flow_info: { ...flowInfo, title: 'Sign in' },
    ...mira,
    recovery_url: '/if/flow/recovery/',
    allow_show_password: true,
  },
  'password-wrong': {
    component: 'ak-stage-password',
    flow_info: { ...flowInfo, title: 'Sign in' },
    ...mira,
    response_errors: { password: invalid('Invalid password') },
  },
  'user-login': { component: 'ak-stage-user-login', flow_info: { ...flowInfo, title: 'Sign in' }, ...mira },
  dummy: { component: 'ak-stage-dummy', flow_info: flowInfo, name: 'A step that only waits for you' },
  'invalid-invitation': {
    component: 'ak-stage-access-denied',
    flow_info: flowInfo,
    ...nobody,
    error_message: 'Invalid invite/invite not found',
  },
  denied: {
    component: 'ak-stage-access-denied',
    flow_info: flowInfo,
    ...mira,
    error_message: 'Flow does not apply to current user.',
  },
  'flow-error': {
    component: 'ak-stage-flow-error',
    flow_info: flowInfo,
    request_id: '4b2c8e0f5d7a4c1e9f3b6a8d2c0e7f91',
    error: 'A stage failed',
    traceback: 'Error: a stage failed\n    at stage.ts:12',
  },
  'session-end': {
    component: 'ak-stage-session-end',
    flow_info: flowInfo,
    ...mira,
    brand_name: 'Vestibule',
    application_name: 'Calendar',
    application_launch_url: 'https://calendar.example/',
    invalidation_flow_url: '/if/flow/default-invalidation-flow/',
    overview_url: '/',
  },
  'redirect-refused': { component: 'xak-flow-redirect', to: 'javascript:alert(1)' },
  described: { component: 'ak-stage-survey', flow_info: flowInfo, question: 'How did you hear of us?', ticket: 'T1' },
  undescribed: { component: 'ak-stage-unheard-of', flow_info: flowInfo },
};

/** The default form of a component without its own. */
export const forms: Readonly<Record<string, readonly FormField[]>> = {
  'ak-stage-survey': [
    { key: 'question', type: 'message', label: '' },
    { key: 'answer', type: 'text', label: 'Answer', required: true },
    { key: 'code', type: 'password', label: 'Code', required: true },
    { key: 'again', type: 'checkbox', label: 'Ask me again' },
    { key: 'who', type: 'choice', label: 'Who told you', required: true, choices },
    { key: 'ticket', type: 'hidden', label: '' },
  ],
};
