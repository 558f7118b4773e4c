import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { PermissionAssign, readAssignment, roleOfPath, tellAssignment } from '../assignment.ts';
import { unassign as store } from '../store.ts';

/** Takes permissions from a role, on one object or on all; nothing happens to those it does not have. */
export const unassign = defineEndpoint({
  method: 'PATCH',
  path: '/rbac/permissions/assigned_by_roles/{uuid}/unassign/',
  operationId: 'rbac_permissions_assigned_by_roles_unassign_partial_update',
  description:
    'Unassign permission(s) to role. When `object_pk` is set, the permissions\n' +
    'are only assigned to the specific object, otherwise they are assigned globally.',
  permission: 'authentik_rbac.unassign_role_permissions',
  params: { uuid: f.uuid() },
  body: PermissionAssign,
  partial: true,
  responses: { 204: null },
  // An unknown role with a broken body is a 404.
  before: async ({ db }, { params }) => void (await roleOfPath(db, params['uuid'])),
  async handle(ctx, { params, body }) {
    const role = await roleOfPath(ctx.db, params['uuid']);
    const assignment = await readAssignment(ctx, role, body);
    await ctx.db.transaction(async (tx) => {
      const changed = await store(tx, assignment);
      await tellAssignment(ctx, tx, { verb: 'remove', assignment, changed });
    });
  },
});
