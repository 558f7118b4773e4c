import { groupPolicy } from '../../../../core/groups/index.ts';
import { rolePolicy } from '../../../../core/roles/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Queryable } from '../../../../kernel/db/types.ts';
import type { ValueProblem } from '../../../../kernel/own-api/index.ts';
import { findExisting } from './store.ts';

type Gifts = { readonly groups: readonly string[]; readonly roles: readonly string[] };

const GIVE_GROUP = 'authentik_core.add_user_to_group';
const GIVE_ROLE = 'authentik_rbac.add_user_to_role';

/**
 * What of the groups and roles the caller may not give, as they could not by `add_user` of group or role (A23, T11). One
 * that is not there looks the same, so that nobody finds out by trying.
 */
export async function refusedGifts(ctx: RequestContext, db: Queryable, gifts: Gifts): Promise<ValueProblem[]> {
  const { groups, roles } = gifts;
  if (groups.length + roles.length === 0) return [];
  const { actor } = ctx;
  const there = await findExisting(db, gifts);
  const found: ValueProblem[] = [];
  const refuse = (pointer: string): void =>
    void found.push({ pointer, code: 'not_yours_to_give', detail: 'There is no such one, or you may not give it.' });
  for (const [at, group] of groups.entries()) {
    const may = await rolePolicy.mayGrant(db, actor, { permission: GIVE_GROUP, objectPk: group });
    if (!there.has(group) || !may || !(await groupPolicy.mayShape(db, actor, group))) refuse(`/groups/${at}`);
  }
  for (const [at, role] of roles.entries()) {
    const may = await rolePolicy.mayGrant(db, actor, { permission: GIVE_ROLE, objectPk: role });
    if (!there.has(role) || !may || !(await rolePolicy.mayShape(db, actor, role))) refuse(`/roles/${at}`);
  }
  return found;
}
