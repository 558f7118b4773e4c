import type { Queryable } from '../../kernel/db/types.ts';

export type PolicyBindingRow = {
  policy: string | null;
  policy_type: string | null;
  /** Of a group or user binding: whether the user is the one, or in the group or one below it. */
  matches: boolean;
  negate: boolean;
  timeout: number;
  failure_result: boolean;
};

const select = (target: string, user: string): string => `
  select b.policy, p.type as policy_type, b.negate, b.timeout, b.failure_result,
    case when b.user_id is not null then coalesce(b.user_id = ${user}::integer, false)
         when b.group_uuid is not null then b.group_uuid in (select user_group_uuids(${user}::integer))
         else false end as matches
  from policy_binding b left join policy p on p.policy_uuid = b.policy
  where b.target = ${target} and b.enabled
  order by b."order", b.policy_binding_uuid`;

/**
 * The enabled bindings of a target as an expression of a larger statement: a JSON array of {@link PolicyBindingRow}.
 * @param target the parameter with it, such as `$1`
 * @param user the parameter with the user's id or null
 */
export const boundPolicies = (target: string, user: string): string =>
  `(select coalesce(json_agg(b), '[]') from (${select(target, user)}) b)`;

const LIST = select('$1', '$2');

/** The enabled bindings of a target, with what group and user bindings say of the user. */
export function listBindings(db: Queryable, target: string, userId: number | undefined): Promise<PolicyBindingRow[]> {
  return db.query<PolicyBindingRow>(LIST, [target, userId ?? null], { brief: true });
}
