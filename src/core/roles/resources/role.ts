import { permissionDenied } from '../../../kernel/errors/index.ts';
import type { Fields } from '../../../kernel/resource/field.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { booleanKind, integerKind, uuidKind } from '../../../kernel/resource/kinds/scalar.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import type { Change, Filter, Validation } from '../../../kernel/resource/resource.ts';
import { policy } from '../policy.ts';
import { roleIdOf } from '../store.ts';

const inherits = (query: URLSearchParams): boolean => query.getAll('inherited').at(-1)?.toLowerCase() === 'true';

// The tables and functions belong to core/groups; the list is filtered here because it is this resource's.
const filters: readonly Filter[] = [
  {
    name: 'groups',
    kind: uuidKind,
    sql: (alias, value, query) =>
      inherits(query)
        ? `${alias}.uuid in (select group_role_uuids(${value}))`
        : `exists (select 1 from group_roles l where l.role_uuid = ${alias}.uuid and l.group_uuid = ${value})`,
  },
  {
    name: 'inherited',
    kind: booleanKind,
    description: 'Include inherited roles (requires users or groups filter)',
    // Read by the filters beside it; by itself it leaves everything.
    sql: (_alias, value) => `${value} is not null`,
  },
  {
    name: 'managed',
    kind: textKind({ trim: false }),
    multiple: true,
    sql: (alias, value) => `${alias}.managed = any(${value})`,
  },
  { name: 'managed__isnull', kind: booleanKind, sql: (alias, value) => `(${alias}.managed is null) = ${value}` },
  'name',
  {
    name: 'users',
    kind: integerKind({ documented: false }),
    sql: (alias, value, query) =>
      inherits(query)
        ? `${alias}.uuid in (select user_role_uuids(${value}))`
        : `exists (select 1 from user_roles l where l.role_uuid = ${alias}.uuid and l.user_id = ${value})`,
  },
];

async function validate(_input: object, { ctx, db, existing }: Validation): Promise<void> {
  if (existing && !(await policy.mayShape(db, ctx.actor, roleIdOf(existing)))) throw permissionDenied();
}

async function refuseStronger({ tx, ctx, before }: Pick<Change<Fields>, 'tx' | 'ctx' | 'before'>): Promise<void> {
  if (before && !(await policy.mayShape(tx, ctx.actor, roleIdOf(before)))) throw permissionDenied();
}

/** A role: what it grants, its holders may do. Users hold it themselves, or by their groups and those above. */
export const Role = defineResource({
  name: 'Role',
  description: 'Role serializer',
  model: 'authentik_rbac.role',
  path: '/rbac/roles/',
  table: 'roles',
  key: 'uuid',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'uuid', title: 'Uuid' }),
    name: f.string({ unique: 'This field must be unique.' }),
  },
  filters,
  search: ['name'],
  ordering: ['name'],
  validate,
  onDelete: refuseStronger,
});
