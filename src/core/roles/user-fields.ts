import { f } from '../../kernel/resource/fields.ts';
import type { ResourceExtension } from '../../kernel/resource/resource.ts';
import { User } from '../users/index.ts';
import { Role } from './resources/role.ts';

/** What roles add to users. */
export const userRoles: ResourceExtension = {
  name: 'user-roles',
  of: User,
  after: 'is_superuser',
  fields: {
    roles: f.pkList(() => Role, { table: 'user_roles', own: 'user_id', other: 'role_uuid', required: false }),
    roles_obj: f.nestedList(() => Role, {
      nullable: true,
      include: { parameter: 'include_roles', default: true },
      from: (alias, item, rows) =>
        `from ${rows} join user_roles l on l.role_uuid = ${item}.role_uuid where l.user_id = ${alias}.id`,
      orderBy: (item) => `${item}.name, ${item}.role_uuid`,
    }),
  },
};
