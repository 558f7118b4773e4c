import type { Fields } from '../../kernel/resource/field.ts';
import { f } from '../../kernel/resource/fields.ts';
import { Role } from './resources/role.ts';

/** What roles add to users; core/groups contributes them, because on the wire they stand after its own. */
export const userRoleFields: Fields = {
  roles: f.pkList(() => Role, { table: 'user_roles', own: 'user_id', other: 'role_uuid', required: false }),
  roles_obj: f.nestedList(() => Role, {
    nullable: true,
    include: { parameter: 'include_roles', default: true, detail: false },
    from: (alias, item, rows) =>
      `from ${rows} join user_roles l on l.role_uuid = ${item}.uuid where l.user_id = ${alias}.id`,
    orderBy: (item) => `${item}.name, ${item}.uuid`,
  }),
};
