import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';

/** A role, as users and groups refer to it. Its operations come with `/rbac/`. */
export const Role = defineResource({
  name: 'Role',
  description: 'Role serializer',
  model: 'authentik_rbac.role',
  path: '/rbac/roles/',
  table: 'roles',
  key: 'role_uuid',
  except: ['list', 'create', 'retrieve', 'update', 'partial_update', 'destroy', 'used_by'],
  fields: {
    pk: f.uuid({ readOnly: true, column: 'role_uuid', title: 'Uuid' }),
    name: f.string({ unique: 'This field must be unique.' }),
  },
  ordering: ['name'],
});
