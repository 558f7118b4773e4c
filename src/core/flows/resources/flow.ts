import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineResource, defineView } from '../../../kernel/resource/resource.ts';
import { PolicyTarget } from '../../policies/index.ts';
import { DEFAULT_BACKGROUND } from '../challenges.ts';

const DESIGNATIONS = [
  'authentication',
  'authorization',
  'invalidation',
  'enrollment',
  'unenrollment',
  'recovery',
  'stage_configuration',
] as const;
export const LAYOUTS = [
  'stacked',
  'content_left',
  'content_right',
  'sidebar_left',
  'sidebar_right',
  'sidebar_left_frame_background',
  'sidebar_right_frame_background',
] as const;
const DENIED_ACTIONS = ['message_continue', 'message', 'continue'] as const;
const AUTHENTICATIONS = [
  'none',
  'require_authenticated',
  'require_unauthenticated',
  'require_superuser',
  'require_redirect',
  'require_outpost',
  'require_token',
] as const;
export const POLICY_MODES = ['all', 'any'] as const;

/** Pictures for light and dark; nothing here has them yet, so the field is null. */
export const ThemedUrls = defineShape('ThemedUrls', {
  light: f.string({ nullable: true, required: false }),
  dark: f.string({ nullable: true, required: false }),
});

const identity = {
  pk: f.uuid({ readOnly: true, column: 'flow_uuid' }),
  policybindingmodel_ptr_id: f.uuid({ readOnly: true, column: 'pbm_uuid', owns: PolicyTarget }),
  name: f.string(),
  slug: f.slug({ unique: 'Flow with this slug already exists.' }),
  title: f.string(),
  designation: f.choice('FlowDesignationEnum', DESIGNATIONS),
};
const backgroundUrl = f.sql(
  f.string(),
  (alias) => `case when ${alias}.background = '' then '${DEFAULT_BACKGROUND}' else ${alias}.background end`,
);
const exportUrl = f.sql(f.string(), (alias) => `'/api/v3/flows/instances/' || ${alias}.slug || '/export/'`);
const behaviour = {
  policy_engine_mode: f.choice('PolicyEngineMode', POLICY_MODES, { required: false }),
  compatibility_mode: f.boolean({ required: false }),
};
const layout = f.choice('FlowLayoutEnum', LAYOUTS, { required: false });
const deniedAction = f.choice('DeniedActionEnum', DENIED_ACTIONS, { required: false });

/** A flow (contract part 1, 3.2); detail URLs go by slug. */
export const Flow = defineResource({
  name: 'Flow',
  model: 'authentik_flows.flow',
  path: '/flows/instances/',
  table: 'flow',
  key: 'flow_uuid',
  lookup: 'slug',
  fields: {
    ...identity,
    background: f.string({ blank: true }),
    background_url: backgroundUrl,
    background_themed_urls: f.sql(f.shape(ThemedUrls), () => 'null::json', { nullable: true }),
    stages: f.sql(
      f.list(f.uuid()),
      (alias) => `(select coalesce(json_agg(b.stage order by b."order"), '[]')
        from flow_stage_binding b where b.target = ${alias}.flow_uuid)`,
    ),
    policies: f.sql(
      f.list(f.uuid()),
      (alias) => `(select coalesce(json_agg(b.policy order by b."order"), '[]')
        from policy_binding b where b.target = ${alias}.pbm_uuid and b.policy is not null)`,
    ),
    cache_count: f.sql(
      f.integer(),
      (alias) => `(select count(*)::integer from flow_plan_cache c
        where c.flow_uuid = ${alias}.flow_uuid and c.expires > now())`,
    ),
    ...behaviour,
    export_url: exportUrl,
    layout,
    denied_action: deniedAction,
    authentication: f.choice('AuthenticationEnum', AUTHENTICATIONS, { required: false }),
  },
  filters: ['flow_uuid', 'name', 'slug', 'designation', 'denied_action'],
  search: ['name', 'slug', 'designation', 'title', 'denied_action'],
  ordering: ['slug'],
  orderable: ['slug', 'name'],
  text: (alias) => `'Flow ' || ${alias}.name || ' (' || ${alias}.slug || ')'`,
});

/** A flow as stages show those they are bound to (contract part 1, 3.3). */
export const FlowSet = defineView(Flow, {
  name: 'FlowSet',
  description: 'Stripped down flow serializer',
  fields: {
    ...identity,
    background_url: backgroundUrl,
    ...behaviour,
    export_url: exportUrl,
    layout,
    denied_action: deniedAction,
  },
});
