import { ValidationError } from '../../../kernel/errors/api-error.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import { uuidKind } from '../../../kernel/resource/kinds/scalar.ts';
import { Group, PartialGroup } from '../../groups/index.ts';
import { PartialUser, User } from '../../users/index.ts';
import { Policy, PolicyTarget } from './policy.ts';

const SUBJECTS = { policy: 'policy', group: 'group_uuid', user: 'user_id' } as const;

/** Binds a policy, a group or a user to a target (contract part 2, section 6). */
export const PolicyBinding = defineResource({
  name: 'PolicyBinding',
  label: 'Policy Binding',
  model: 'authentik_policies.policybinding',
  path: '/policies/bindings/',
  table: 'policy_binding',
  key: 'policy_binding_uuid',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'policy_binding_uuid' }),
    policy: f.pk(Policy, { nullable: true, required: false }),
    group: f.pk(() => Group, { nullable: true, required: false, column: 'group_uuid' }),
    user: f.pk(() => User, { nullable: true, required: false, column: 'user_id' }),
    policy_obj: f.nested(Policy, { via: 'policy', nullable: true }),
    group_obj: f.nested(() => PartialGroup, { via: 'group', nullable: true }),
    user_obj: f.nested(() => PartialUser, { via: 'user', nullable: true }),
    target: f.pk(PolicyTarget),
    negate: f.boolean({ required: false }),
    enabled: f.boolean({ required: false }),
    order: f.integer(),
    timeout: f.integer({ required: false, minimum: 0 }),
    failure_result: f.boolean({ required: false }),
    expires: f.dateTime({ readOnly: true, nullable: true }),
    expiring: f.boolean({ readOnly: true }),
  },
  filters: [
    'policy',
    'policy__isnull',
    'target',
    {
      name: 'target_in',
      kind: uuidKind,
      multiple: true,
      sql: (alias, value) => `${alias}.target = any(${value})`,
    },
    'enabled',
    'order',
    'timeout',
  ],
  search: ['policy__name'],
  ordering: ['order', 'pk'],
  uniqueTogether: [['policy', 'target', 'order']],
  text: (alias) => `'Policy Binding #' || ${alias}."order"`,
  validate(input, { existing }) {
    const subjects = Object.entries(SUBJECTS).map(([key, column]) =>
      Object.hasOwn(input, key) ? input[key as keyof typeof SUBJECTS] : (existing?.[column] ?? null),
    );
    const given = subjects.filter((value) => value !== null && value !== undefined).length;
    if (given === 0) throw new ValidationError({ non_field_errors: ["One of 'policy', 'group', 'user' must be set."] });
    if (given > 1)
      throw new ValidationError({ non_field_errors: ["Only one of 'policy', 'group', 'user' can be set."] });
  },
});
