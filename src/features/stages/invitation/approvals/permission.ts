import { objectGrants } from '../../../../kernel/authz/object-grants.ts';
import type { OwnPermission } from '../../../../kernel/authz/permission.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Registry } from '../../../../kernel/feature.ts';
import { Problem, problems } from '../../../../kernel/own-api/index.ts';
import type { Access } from '../../../../kernel/own-api/index.ts';
import * as store from './store.ts';
import type { Eyes } from './store.ts';

/** May approve and reject accounts that wait: of all invitations, or of one. */
export const APPROVE = 'authentik_stages_invitation.approve_invitation';

export const approvePermission: OwnPermission = {
  permission: APPROVE,
  model: 'authentik_stages_invitation.invitation',
  name: 'Can approve accounts of invitation',
};

/** SQL of the invitations on which roles `$2` grant the permission `$3`. */
export const grantedInvitations = (registry: Registry): string =>
  registry.find(objectGrants, 'object-grants')?.objects('$2::uuid[]', '$3::text') ?? 'select null::text where false';

/** Which approvals the caller may see and decide. */
export function eyesOf({ actor, registry }: Pick<RequestContext, 'actor' | 'registry'>): Eyes {
  return {
    granted: grantedInvitations(registry),
    values: [actor?.can(APPROVE) === true, [...(actor?.roles ?? [])], APPROVE],
  };
}

/** Whether the caller may decide on any account at all. */
export async function mayApprove(ctx: Pick<RequestContext, 'actor' | 'registry' | 'db'>): Promise<boolean> {
  const { actor, db } = ctx;
  if (!actor) return false;
  return actor.can(APPROVE) || store.holdsAny(db, eyesOf(ctx));
}

/** Who may approve on all invitations or on one; what they see is theirs to decide. */
export const approvers: Access = {
  open: false,
  permissions: [APPROVE],
  async check(ctx) {
    if (!(await mayApprove(ctx))) throw new Problem(problems.forbidden);
  },
};
