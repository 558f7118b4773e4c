import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { PermissionAssign, readAssignment, roleOfPath, tellAssignment } from '../assignment.ts';
import { assign as store } from '../store.ts';

const PermissionAssignResult = defineShape(
  'PermissionAssignResult',
  { id: f.string() },
  { description: 'Result from assigning permissions to a user/role' },
);

/** Grants permissions to a role, on one object or on all; those it has already stay. */
export const assign = defineEndpoint({
  method: 'POST',
  path: '/rbac/permissions/assigned_by_roles/{uuid}/assign/',
  operationId: 'rbac_permissions_assigned_by_roles_assign',
  description:
    'Assign permission(s) to role. When `object_pk` is set, the permissions\n' +
    'are only assigned to the specific object, otherwise they are assigned globally.',
  permission: 'authentik_rbac.assign_role_permissions',
  params: { uuid: f.uuid() },
  body: PermissionAssign,
  responses: { 200: { array: PermissionAssignResult } },
  // An unknown role with a broken body is a 404.
  before: async ({ db }, { params }) => void (await roleOfPath(db, params['uuid'])),
  async handle(ctx, { params, body }) {
    const role = await roleOfPath(ctx.db, params['uuid']);
    const assignment = await readAssignment(ctx, role, body);
    const ids = await ctx.db.transaction(async (tx) => {
      const granted = await store(tx, assignment);
      await tellAssignment(ctx, tx, { verb: 'add', assignment, changed: granted.changed });
      return granted.ids;
    });
    return ids.map((id) => ({ id: String(id) }));
  },
});
