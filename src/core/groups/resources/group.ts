import { permissionDenied, ValidationError } from '../../../kernel/errors/index.ts';
import type { Fields } from '../../../kernel/resource/field.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { integerKind } from '../../../kernel/resource/kinds/scalar.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import { defineResource, defineView } from '../../../kernel/resource/resource.ts';
import type { Change, Presentable, Validation } from '../../../kernel/resource/resource.ts';
import { Role } from '../../roles/index.ts';
import { attributesFilter, PartialUser, User } from '../../users/index.ts';
import { policy } from '../policy.ts';
import { groupIdOf, lockLinks, wouldCircle } from '../store.ts';

const PARENTS = { table: 'group_parents', own: 'child', other: 'parent' } as const;
const MEMBERS = { table: 'group_members', own: 'group_uuid', other: 'user_id' } as const;
const ROLES = { table: 'group_roles', own: 'group_uuid', other: 'role_uuid' } as const;

const byName = (item: string): string => `${item}.name, ${item}.group_uuid`;
const roleByName = (item: string): string => `${item}.name, ${item}.uuid`;

const inheritedRoles = (alias: string, item: string, rows: string): string => `
  from ${rows} where ${item}.uuid in (
    with recursive above(group_uuid) as (
      select p.parent from group_parents p where p.child = ${alias}.group_uuid
      union
      select p.parent from group_parents p join above a on p.child = a.group_uuid
    )
    select l.role_uuid from group_roles l join above a using (group_uuid)
  ) and not exists (
    select 1 from group_roles l where l.group_uuid = ${alias}.group_uuid and l.role_uuid = ${item}.uuid
  )`;

async function refuseEscalation(ctx: Validation['ctx'], db: Validation['db'], group: string): Promise<void> {
  if (await policy.mayShape(db, ctx.actor, group)) return;
  throw permissionDenied();
}

async function validate(
  { parents }: { readonly parents?: readonly (string | number)[] },
  { ctx, db, existing }: Validation,
): Promise<void> {
  if (!existing) return;
  const group = groupIdOf(existing);
  await refuseEscalation(ctx, db, group);
  if (!parents || parents.length === 0) return;
  if (!(await lockLinks(db))) throw new ValidationError({ parents: [messages.changedMeanwhile] });
  if (await wouldCircle(db, group, parents.map(String))) {
    throw new ValidationError({ parents: ['A group cannot be its own parent, nor that of one above it.'] });
  }
}

// After the change: what the group is now is what was given.
async function checkGrant({ tx, ctx, before, after }: Pick<Change<Fields>, 'tx' | 'ctx' | 'before' | 'after'>) {
  const row = after ?? before;
  if (row) await refuseEscalation(ctx, tx, groupIdOf(row));
}

/** A group of users; its members have its roles and those of the groups above it. */
export const Group = defineResource({
  name: 'Group',
  model: 'authentik_core.group',
  path: '/core/groups/',
  table: 'groups',
  key: 'group_uuid',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'group_uuid', title: 'Group uuid' }),
    num_pk: f.integer({ readOnly: true }),
    name: f.string({ unique: 'This field must be unique.' }),
    is_superuser: f.boolean({ required: false, description: 'Users added to this group will be superusers.' }),
    parents: f.pkList((): Presentable => Group, { ...PARENTS, required: false }),
    parents_obj: f.nestedList((): Presentable => RelatedGroup, {
      nullable: true,
      include: { parameter: 'include_parents', default: false },
      from: (alias, item, rows) =>
        `from ${rows} join group_parents l on l.parent = ${item}.group_uuid where l.child = ${alias}.group_uuid`,
      orderBy: byName,
    }),
    users: f.pkList(() => User, { ...MEMBERS, required: false }),
    users_obj: f.nestedList(() => PartialUser, {
      nullable: true,
      include: { parameter: 'include_users', default: true },
      from: (alias, item, rows) =>
        `from ${rows} join group_members l on l.user_id = ${item}.id where l.group_uuid = ${alias}.group_uuid`,
      orderBy: (item) => `${item}.id`,
    }),
    attributes: f.object({ required: false }),
    roles: f.pkList(() => Role, { ...ROLES, required: false }),
    roles_obj: f.nestedList(() => Role, {
      from: (alias, item, rows) =>
        `from ${rows} join group_roles l on l.role_uuid = ${item}.uuid where l.group_uuid = ${alias}.group_uuid`,
      orderBy: roleByName,
    }),
    inherited_roles_obj: f.nestedList(() => Role, {
      nullable: true,
      include: { parameter: 'include_inherited_roles', default: false },
      from: inheritedRoles,
      orderBy: roleByName,
    }),
    children: f.sql(
      f.list(f.uuid()),
      (alias) =>
        `select coalesce(json_agg(l.child order by l.child), '[]') from group_parents l where l.parent = ${alias}.group_uuid`,
    ),
    children_obj: f.nestedList((): Presentable => RelatedGroup, {
      nullable: true,
      include: { parameter: 'include_children', default: false },
      from: (alias, item, rows) =>
        `from ${rows} join group_parents l on l.child = ${item}.group_uuid where l.parent = ${alias}.group_uuid`,
      orderBy: byName,
    }),
  },
  filters: [
    attributesFilter,
    'is_superuser',
    {
      name: 'members_by_pk',
      kind: integerKind({ documented: false }),
      multiple: true,
      sql: (alias, value) =>
        `exists (select 1 from group_members l where l.group_uuid = ${alias}.group_uuid and l.user_id = any(${value}))`,
    },
    {
      name: 'members_by_username',
      kind: textKind({ trim: false }),
      multiple: true,
      description: 'Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.',
      sql: (alias, value) =>
        `exists (select 1 from group_members l join users u on u.id = l.user_id` +
        ` where l.group_uuid = ${alias}.group_uuid and u.username = any(${value}))`,
    },
    'name',
  ],
  search: ['name', 'is_superuser'],
  ordering: ['name'],
  validate,
  onCreate: checkGrant,
  onUpdate: checkGrant,
  onDelete: checkGrant,
});

/** A group as nested in users and bindings. */
export const PartialGroup = defineView(Group, {
  name: 'PartialGroup',
  description: 'Partial Group Serializer, does not include child relations.',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'group_uuid', title: 'Group uuid' }),
    num_pk: f.integer({ readOnly: true, description: 'Get a numerical, int32 ID for the group' }),
    name: f.string(),
    is_superuser: f.boolean({ required: false, description: 'Users added to this group will be superusers.' }),
    attributes: f.object({ required: false }),
  },
});

/** A group as its parents and children show it. */
const RelatedGroup = defineView(Group, {
  name: 'RelatedGroup',
  description: 'Stripped down group serializer to show relevant children/parents for groups',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'group_uuid', title: 'Group uuid' }),
    name: f.string(),
    is_superuser: f.boolean({ required: false, description: 'Users added to this group will be superusers.' }),
    attributes: f.object({ required: false }),
    group_uuid: f.uuid({ readOnly: true }),
  },
});
