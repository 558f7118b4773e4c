import { f } from '../../kernel/resource/fields.ts';
import type { ResourceExtension } from '../../kernel/resource/resource.ts';
import { userRoleFields } from '../roles/index.ts';
import { User } from '../users/index.ts';
import { Group, PartialGroup } from './resources/group.ts';

/** What groups, and roles after them, add to users. */
export const userGroups: ResourceExtension = {
  name: 'user-groups-and-roles',
  of: User,
  after: 'is_superuser',
  fields: {
    groups: f.pkList(() => Group, { table: 'group_members', own: 'user_id', other: 'group_uuid', required: false }),
    groups_obj: f.nestedList(() => PartialGroup, {
      nullable: true,
      include: { parameter: 'include_groups', default: true, detail: false },
      from: (alias, item, rows) =>
        `from ${rows} join group_members l on l.group_uuid = ${item}.group_uuid where l.user_id = ${alias}.id`,
      orderBy: (item) => `${item}.name, ${item}.group_uuid`,
    }),
    ...userRoleFields,
  },
};
