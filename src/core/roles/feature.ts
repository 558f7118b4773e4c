import { objectGrants } from '../../kernel/authz/object-grants.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { addUser } from './endpoints/add-user.ts';
import { assign } from './endpoints/assign.ts';
import { assignedByRoles } from './endpoints/assigned-by-roles.ts';
import { removeUser } from './endpoints/remove-user.ts';
import { unassign } from './endpoints/unassign.ts';
import { grants } from './grants.ts';
import { purgeGrants } from './purge-grants.ts';
import { InitialPermissions } from './resources/initial-permissions.ts';
import { RoleObjectPermission } from './resources/object-permission.ts';
import { Permission } from './resources/permission.ts';
import { Role } from './resources/role.ts';
import { synchronisePermissions } from './start.ts';

export default defineFeature({
  name: 'roles',
  provides: [
    resource(Role),
    resource(Permission),
    resource(RoleObjectPermission),
    resource(InitialPermissions),
    endpoint(addUser),
    endpoint(removeUser),
    endpoint(assignedByRoles),
    endpoint(assign),
    endpoint(unassign),
    objectGrants(grants),
    task(purgeGrants),
    startStep(synchronisePermissions),
  ],
});
