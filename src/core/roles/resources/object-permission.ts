import type { Registry } from '../../../kernel/feature.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { keyKind } from '../../../kernel/resource/kinds/reference.ts';
import { uuidKind } from '../../../kernel/resource/kinds/scalar.ts';
import { visibleSql } from '../../../kernel/resource/model.ts';
import { defineResource, resource } from '../../../kernel/resource/resource.ts';
import type { Resource } from '../../../kernel/resource/resource.ts';
import { rowsOf } from '../../../kernel/resource/show-sql.ts';
import { columnOf, literal } from '../../../kernel/resource/sql-text.ts';
import { appVerbose, modelVerbose } from './permission.ts';

const permission = (alias: string, column: string): string =>
  `(select p.${column} from permission p where p.id = ${alias}.permission_id)`;

const named = (column: string, title?: string) =>
  f.sql(f.string(), (alias) => permission(alias, column), title === undefined ? {} : { title });

function describe(one: Resource, alias: string): string {
  const key = `${columnOf('d', one.key)} = ${alias}.object_pk::${keyKind(one).sqlType}`;
  return `(select ${one.text('d')} from ${rowsOf(one, 'd')} where ${key} and ${visibleSql(one, 'd')})`;
}

/** The text of the object, where the role may view it. Only the branch of the row's model is ever computed. */
function objectDescription(alias: string, registry: Registry): string {
  const models = new Map(registry.all(resource).map((one) => [one.model, one]));
  const cases = [...models.values()].map((one) => `when ${literal(one.model)} then ${describe(one, alias)}`);
  const model = `(select p.app_label || '.' || p.model from permission p where p.id = ${alias}.permission_id)`;
  const sees = `exists (
    select 1 from permission p join permission v on v.app_label = p.app_label and v.codename = 'view_' || p.model
      join role_object_permission g on g.permission_id = v.id
    where p.id = ${alias}.permission_id and g.role_uuid = ${alias}.role_uuid and g.object_pk = ${alias}.object_pk)`;
  return `case when ${sees} then case ${model} ${cases.join(' ')} end end`;
}

/** What roles are granted on single objects. It is given and taken by `assign` and `unassign`. */
export const RoleObjectPermission = defineResource({
  name: 'ExtraRoleObjectPermission',
  label: 'Role object permission',
  description: 'Role permission with additional object-related data',
  model: 'authentik_rbac.roleobjectpermission',
  path: '/rbac/permissions/roles/',
  table: 'role_object_permission',
  key: 'id',
  except: ['create', 'retrieve', 'update', 'partial_update', 'destroy', 'used_by'],
  fields: {
    id: f.integer({ readOnly: true }),
    codename: named('codename'),
    model: named('model', 'Python model class name'),
    app_label: named('app_label'),
    object_pk: f.string(),
    name: named('name'),
    app_label_verbose: f.sql(f.string(), (alias) => appVerbose(permission(alias, 'app_label')), {
      description: "Get app label from permission's model",
    }),
    model_verbose: f.sql(
      f.string(),
      (alias, registry) => modelVerbose(permission(alias, 'app_label'), permission(alias, 'model'), registry),
      { description: "Get model label from permission's model" },
    ),
    object_description: f.sql(f.string(), objectDescription, {
      nullable: true,
      description:
        'Get model description from attached model. This operation takes at least\n' +
        'one additional query, and the description is only shown if the role has the\n' +
        'view_ permission on the object',
    }),
  },
  filters: [{ name: 'uuid', kind: uuidKind, sql: (alias, value) => `${alias}.role_uuid = ${value}` }],
  search: ['codename', 'object_pk'],
  ordering: ['id'],
  text: (alias) => `${alias}.id::text`,
});
