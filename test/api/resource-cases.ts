import type { TestApp } from '../app.ts';
import { FLOWS, FLOW_BINDINGS, USERS } from './urls.ts';

type Body = Readonly<Record<string, unknown>>;

/** A resource as the tests of all resources see it. */
export type ResourceCase = {
  /** The collection, below `/api/v3`. */
  readonly path: string;
  /** As in "No Flow matches the given query.". */
  readonly model: string;
  /** The request schema in the published document. */
  readonly component: string;
  /** A valid body with every key that a client may write, none with its default; each number makes another object. */
  full(number: number): Body;
  /** Keys of the body that no answer shows. */
  readonly hidden?: readonly string[];
  /** What a POST of only the required keys gives the others (contract, or the published model). */
  readonly defaults: Body;
  /** A change that every object takes. */
  readonly change: Body;
  /** The key of detail URLs. */
  readonly lookup: string;
  /** A key that must be unique, and the words for a second one. */
  readonly unique?: readonly [key: string, message: string];
};

/** Objects that the cases refer to. */
async function makeParts(app: TestApp) {
  const make = async (path: string, body: Body) => {
    const answer = await app.api('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`);
    return answer.body;
  };
  const flow = await make(FLOWS, { name: 'Part', slug: 'part', title: 'Part', designation: 'recovery' });
  const other = await make(FLOWS, { name: 'Other', slug: 'part-other', title: 'Other', designation: 'recovery' });
  const stage = await make('/api/v3/stages/dummy/', { name: 'part-dummy' });
  const password = await make('/api/v3/stages/password/', { name: 'part-password', backends: [] });
  const group = await make('/api/v3/core/groups/', { name: 'part-group' });
  const prompt = (name: string) =>
    make('/api/v3/stages/prompt/prompts/', { name, field_key: name, label: name, type: 'text' });
  const prompts = [await prompt('part-a'), await prompt('part-b')];
  const user = await make(USERS, { username: 'part', name: 'Part', path: 'users', groups: [] });
  return { flow, other, stage, password, group, prompts, user };
}

type Parts = Awaited<ReturnType<typeof makeParts>>;

const stageName = ['name', 'stage with this name already exists.'] as const;

function stageCase(
  path: string,
  model: string,
  rest: Pick<ResourceCase, 'full' | 'defaults' | 'change' | 'hidden'>,
): ResourceCase {
  return {
    path: `/api/v3/stages/${path}/`,
    model,
    component: `${model}Request`,
    lookup: 'pk',
    unique: stageName,
    ...rest,
  };
}

function flowCase(): ResourceCase {
  return {
    path: FLOWS,
    model: 'Flow',
    component: 'FlowRequest',
    lookup: 'slug',
    unique: ['slug', 'Flow with this slug already exists.'],
    full: (number) => ({
      name: `Flow ${number}`,
      slug: `flow-${number}`,
      title: `Title ${number}`,
      designation: 'enrollment',
      background: '/static/picture.jpg',
      policy_engine_mode: 'all',
      compatibility_mode: true,
      layout: 'sidebar_left',
      denied_action: 'continue',
      authentication: 'require_authenticated',
    }),
    defaults: {
      background: '',
      background_url: '/static/dist/assets/images/flow_background.jpg',
      background_themed_urls: null,
      stages: [],
      policies: [],
      cache_count: 0,
      policy_engine_mode: 'any',
      compatibility_mode: false,
      layout: 'stacked',
      denied_action: 'message_continue',
      authentication: 'none',
    },
    change: { title: 'Changed' },
  };
}

function flowBindingCase({ flow, stage }: Parts): ResourceCase {
  return {
    path: FLOW_BINDINGS,
    model: 'FlowStageBinding',
    component: 'FlowStageBindingRequest',
    lookup: 'pk',
    full: (number) => ({
      target: flow.pk,
      stage: stage.pk,
      evaluate_on_plan: true,
      re_evaluate_policies: false,
      order: 100 + number,
      policy_engine_mode: 'all',
      invalid_response_action: 'restart',
    }),
    defaults: {
      evaluate_on_plan: false,
      re_evaluate_policies: true,
      policy_engine_mode: 'any',
      invalid_response_action: 'retry',
    },
    change: { evaluate_on_plan: true, invalid_response_action: 'restart_with_context' },
  };
}

function policyBindingCase({ group, other }: Parts): ResourceCase {
  return {
    path: '/api/v3/policies/bindings/',
    model: 'PolicyBinding',
    component: 'PolicyBindingRequest',
    lookup: 'pk',
    full: (number) => ({
      policy: null,
      group: group.pk,
      user: null,
      target: other.policybindingmodel_ptr_id,
      negate: true,
      enabled: false,
      order: 100 + number,
      timeout: 45,
      failure_result: true,
    }),
    defaults: { negate: false, enabled: true, timeout: 30, failure_result: false, expires: null, expiring: false },
    change: { negate: false },
  };
}

function promptCase(): ResourceCase {
  return {
    path: '/api/v3/stages/prompt/prompts/',
    model: 'Prompt',
    component: 'PromptRequest',
    lookup: 'pk',
    unique: ['name', 'Prompt with this name already exists.'],
    full: (number) => ({
      name: `prompt-${number}`,
      field_key: `key_${number}`,
      label: 'Label',
      type: 'email',
      required: false,
      placeholder: 'somebody@example.org',
      initial_value: 'value',
      order: 7,
      sub_text: 'Below',
      placeholder_expression: false,
      initial_value_expression: false,
    }),
    defaults: {
      required: true,
      placeholder: '',
      initial_value: '',
      order: 0,
      sub_text: '',
      placeholder_expression: false,
      initial_value_expression: false,
      prompt_stages_obj: [],
    },
    change: { label: 'Changed' },
  };
}

function enrollmentStageCases({ prompts, group }: Parts): ResourceCase[] {
  return [
    stageCase('prompt/stages', 'PromptStage', {
      full: (number) => ({
        name: `ps-${number}`,
        fields: prompts.map(({ pk }) => pk).toSorted(),
        validation_policies: [],
      }),
      defaults: { validation_policies: [] },
      change: { fields: [prompts[1]?.pk] },
    }),
    stageCase('invitation/stages', 'InvitationStage', {
      full: (number) => ({ name: `is-${number}`, continue_flow_without_invitation: true }),
      defaults: { continue_flow_without_invitation: false },
      change: { continue_flow_without_invitation: false },
    }),
    stageCase('user_write', 'UserWriteStage', {
      full: (number) => ({
        name: `uws-${number}`,
        user_creation_mode: 'always_create',
        create_users_as_inactive: true,
        create_users_group: group.pk,
        user_type: 'internal',
        user_path_template: 'users/new',
      }),
      defaults: {
        user_creation_mode: 'create_when_required',
        create_users_as_inactive: false,
        create_users_group: null,
        user_type: 'external',
        user_path_template: '',
      },
      change: { create_users_group: null },
    }),
  ];
}

function sessionStageCases(): ResourceCase[] {
  return [
    stageCase('user_login', 'UserLoginStage', {
      full: (number) => ({
        name: `uls-${number}`,
        session_duration: 'hours=3',
        terminate_other_sessions: true,
        remember_me_offset: 'days=7',
        network_binding: 'bind_asn',
        geoip_binding: 'bind_continent',
        remember_device: 'days=1',
      }),
      defaults: {
        session_duration: 'seconds=0',
        terminate_other_sessions: false,
        remember_me_offset: 'seconds=0',
        network_binding: 'no_binding',
        geoip_binding: 'no_binding',
        remember_device: 'days=30',
      },
      change: { session_duration: 'minutes=5' },
    }),
    stageCase('user_logout', 'UserLogoutStage', {
      full: (number) => ({ name: `ulo-${number}` }),
      defaults: {},
      change: {},
    }),
  ];
}

function signInStageCases({ password, flow, other }: Parts): ResourceCase[] {
  return [
    stageCase('identification', 'IdentificationStage', {
      full: (number) => ({
        name: `id-${number}`,
        user_fields: ['username', 'email'],
        password_stage: password.pk,
        captcha_stage: null,
        case_insensitive_matching: false,
        show_matched_user: false,
        enrollment_flow: flow.pk,
        recovery_flow: other.pk,
        passwordless_flow: flow.pk,
        sources: [],
        show_source_labels: true,
        pretend_user_exists: false,
        enable_remember_me: true,
        webauthn_stage: null,
      }),
      defaults: {
        user_fields: [],
        password_stage: null,
        captcha_stage: null,
        case_insensitive_matching: true,
        show_matched_user: true,
        enrollment_flow: null,
        recovery_flow: null,
        passwordless_flow: null,
        sources: [],
        show_source_labels: false,
        pretend_user_exists: true,
        enable_remember_me: false,
        webauthn_stage: null,
      },
      change: { password_stage: null },
    }),
    stageCase('password', 'PasswordStage', {
      full: (number) => ({
        name: `pw-${number}`,
        backends: ['authentik.core.auth.InbuiltBackend'],
        configure_flow: flow.pk,
        failed_attempts_before_cancel: 3,
        allow_show_password: true,
      }),
      defaults: { configure_flow: null, failed_attempts_before_cancel: 5, allow_show_password: false },
      change: { configure_flow: null },
    }),
  ];
}

function emailStageCase(): ResourceCase {
  return stageCase('email', 'EmailStage', {
    hidden: ['password'],
    full: (number) => ({
      name: `email-${number}`,
      use_global_settings: false,
      host: 'mail.example.org',
      port: 587,
      username: 'mailer',
      password: 'a password for mail',
      use_tls: true,
      use_ssl: true,
      timeout: 20,
      from_address: 'from@example.org',
      token_expiry: 'minutes=10',
      subject: 'Subject',
      template: 'email/account_confirmation.html',
      activate_user_on_success: true,
      recovery_max_attempts: 3,
      recovery_cache_timeout: 'minutes=1',
    }),
    defaults: {
      use_global_settings: true,
      host: 'localhost',
      port: 25,
      username: '',
      use_tls: false,
      use_ssl: false,
      timeout: 10,
      from_address: '',
      token_expiry: 'minutes=30',
      subject: '',
      template: 'email/password_reset.html',
      activate_user_on_success: false,
      recovery_max_attempts: 5,
      recovery_cache_timeout: 'minutes=5',
    },
    change: { subject: 'Changed', activate_user_on_success: false },
  });
}

function simpleStageCases(): ResourceCase[] {
  return [
    stageCase('deny', 'DenyStage', {
      full: (number) => ({ name: `deny-${number}`, deny_message: 'No.' }),
      defaults: { deny_message: '' },
      change: { deny_message: 'Never.' },
    }),
    stageCase('dummy', 'DummyStage', {
      full: (number) => ({ name: `dummy-${number}`, throw_error: true }),
      defaults: { throw_error: false },
      change: { throw_error: false },
    }),
  ];
}

/** Every resource that is served and not tested beside its code. */
export async function resourceCases(app: TestApp): Promise<ResourceCase[]> {
  const parts = await makeParts(app);
  return [
    flowCase(),
    flowBindingCase(parts),
    policyBindingCase(parts),
    promptCase(),
    ...enrollmentStageCases(parts),
    ...sessionStageCases(),
    ...signInStageCases(parts),
    emailStageCase(),
    ...simpleStageCases(),
  ];
}
