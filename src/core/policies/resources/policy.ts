import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';

const EVERY_OPERATION = ['list', 'create', 'retrieve', 'update', 'partial_update', 'destroy', 'used_by'] as const;

/** The base of every policy, as bindings show it; the kinds of policies come with their features. */
export const Policy = defineResource({
  name: 'Policy',
  model: 'authentik_policies.policy',
  path: '/policies/all/',
  table: 'policy',
  key: 'policy_uuid',
  except: EVERY_OPERATION,
  fields: {
    pk: f.uuid({ readOnly: true, column: 'policy_uuid' }),
    name: f.string(),
    execution_logging: f.boolean({ default: false }),
    component: f.sql(f.string(), () => `''::text`),
    verbose_name: f.sql(f.string(), (alias) => `${alias}.type`),
    verbose_name_plural: f.sql(f.string(), (alias) => `${alias}.type`),
    meta_model_name: f.sql(f.string(), (alias) => `${alias}.type`),
    bound_to: f.sql(
      f.integer(),
      (alias) => `(select count(*)::integer from policy_binding pb where pb.policy = ${alias}.policy_uuid)`,
    ),
  },
});

/** What policies may be bound to: rows that flows and stage bindings bring, known by their `pbm_uuid`. */
export const PolicyTarget = defineResource({
  name: 'PolicyBindingModel',
  model: 'authentik_policies.policybindingmodel',
  path: '/policies/targets/',
  table: 'policy_target',
  key: 'pbm_uuid',
  except: EVERY_OPERATION,
  fields: { pk: f.uuid({ readOnly: true, column: 'pbm_uuid' }) },
  text: (alias) => `${alias}.pbm_uuid::text`,
});
