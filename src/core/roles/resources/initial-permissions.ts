import type { RequestContext } from '../../../kernel/context.ts';
import type { Queryable } from '../../../kernel/db/types.ts';
import { permissionDenied } from '../../../kernel/errors/index.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import type { Row } from '../../../kernel/resource/resource.ts';
import { findInitial } from '../store.ts';
import { Permission } from './permission.ts';
import { Role } from './role.ts';

/** What a role gets on each object that its holders will create is given by who has it on all objects (A23). */
async function refuseGrant(ctx: RequestContext, db: Queryable, row: Row | undefined): Promise<void> {
  const permissions = row ? await findInitial(db, Number(row['id'])) : [];
  if (!permissions.every((permission) => ctx.actor?.can(permission) === true)) throw permissionDenied();
}

/** What a role is granted on every new object that one of its holders creates (contract part 1, 2.5). */
export const InitialPermissions = defineResource({
  name: 'InitialPermissions',
  description: 'InitialPermissions serializer',
  model: 'authentik_rbac.initialpermissions',
  path: '/rbac/initial_permissions/',
  table: 'initial_permissions',
  key: 'id',
  fields: {
    pk: f.integer({ readOnly: true, column: 'id', title: 'ID' }),
    name: f.string({ maxLength: 150, unique: 'This field must be unique.' }),
    role: f.pk(() => Role, { column: 'role_uuid' }),
    permissions: f.pkList(() => Permission, {
      table: 'initial_permissions_items',
      own: 'initial_permissions_id',
      other: 'permission_id',
      required: false,
    }),
    permissions_obj: f.nestedList(() => Permission, {
      from: (alias, item, rows) =>
        `from ${rows} join initial_permissions_items l on l.permission_id = ${item}.id where l.initial_permissions_id = ${alias}.id`,
      orderBy: (item) => `${item}.id`,
    }),
  },
  filters: ['name'],
  search: ['name'],
  ordering: ['id'],
  validate: (_input, { ctx, db, existing }) => refuseGrant(ctx, db, existing),
  onCreate: ({ ctx, tx, after }) => refuseGrant(ctx, tx, after),
  onUpdate: ({ ctx, tx, after }) => refuseGrant(ctx, tx, after),
  onDelete: ({ ctx, tx, before }) => refuseGrant(ctx, tx, before),
});
