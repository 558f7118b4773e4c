import { ValidationError } from '../../../kernel/errors/api-error.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import { uuidKind } from '../../../kernel/resource/kinds/scalar.ts';
import { PolicyTarget } from '../../policies/index.ts';
import { Flow, POLICY_MODES } from './flow.ts';
import { Stage } from './stage.ts';

const INVALID_RESPONSE_ACTIONS = ['retry', 'restart', 'restart_with_context'] as const;

/** A stage's place in a flow (contract part 1, 3.4). */
export const FlowStageBinding = defineResource({
  name: 'FlowStageBinding',
  label: 'Flow Stage Binding',
  model: 'authentik_flows.flowstagebinding',
  path: '/flows/bindings/',
  table: 'flow_stage_binding',
  key: 'fsb_uuid',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'fsb_uuid' }),
    policybindingmodel_ptr_id: f.uuid({ readOnly: true, column: 'pbm_uuid', owns: PolicyTarget }),
    target: f.pk(Flow),
    stage: f.pk(Stage),
    stage_obj: f.nested(Stage, { via: 'stage' }),
    evaluate_on_plan: f.boolean({ required: false }),
    re_evaluate_policies: f.boolean({ required: false }),
    order: f.integer(),
    policy_engine_mode: f.choice('PolicyEngineMode', POLICY_MODES, { required: false }),
    invalid_response_action: f.choice('InvalidResponseActionEnum', INVALID_RESPONSE_ACTIONS, { required: false }),
  },
  filters: [
    'pbm_uuid',
    'policy_engine_mode',
    {
      name: 'policies',
      kind: uuidKind,
      multiple: true,
      sql: (alias, value) =>
        `exists (select 1 from policy_binding p where p.target = ${alias}.pbm_uuid and p.policy = any(${value}))`,
    },
    'fsb_uuid',
    'target',
    'stage',
    'evaluate_on_plan',
    're_evaluate_policies',
    'order',
    'invalid_response_action',
  ],
  search: ['stage__name'],
  ordering: ['order'],
  uniqueTogether: [['target', 'stage', 'order']],
  text: (alias) =>
    `'Flow-stage binding #' || ${alias}."order" || ' to ' || (select x.name from flow x where x.flow_uuid = ${alias}.target)`,
  // Only the submitted keys count, with their defaults (contract part 1, 3.4).
  validate(input) {
    if ((input.evaluate_on_plan ?? false) || (input.re_evaluate_policies ?? true)) return;
    throw new ValidationError({
      non_field_errors: ['Either evaluation on plan or evaluation on run must be enabled'],
    });
  },
});
