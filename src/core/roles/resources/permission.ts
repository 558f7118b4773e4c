import type { Registry } from '../../../kernel/feature.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { defineResource, resource } from '../../../kernel/resource/resource.ts';
import { literal } from '../../../kernel/resource/sql-text.ts';

/** `authentik_stages_invitation` as people read it. */
export const appVerbose = (app: string): string =>
  `(select string_agg(case when w = 'authentik' then w else initcap(w) end, ' ') from unnest(string_to_array(${app}, '_')) w)`;

/** A model's name as people read it: its resource's label, else the name itself. In: SQL of app and model. */
export function modelVerbose(app: string, model: string, registry: Registry): string {
  const cases = registry.all(resource).map((one) => `when ${literal(one.model)} then ${literal(one.label)}`);
  return `case ${app} || '.' || ${model} ${cases.join(' ')} else ${model} end`;
}

/** A permission of the catalogue. It comes from the declarations, so it can only be read. */
export const Permission = defineResource({
  name: 'Permission',
  description: 'Global permission',
  model: 'auth.permission',
  path: '/rbac/permissions/',
  table: 'permission',
  key: 'id',
  except: ['create', 'update', 'partial_update', 'destroy', 'used_by'],
  fields: {
    id: f.integer({ readOnly: true }),
    name: f.string({ maxLength: 255 }),
    codename: f.string({ maxLength: 100 }),
    model: f.string({ readOnly: true, title: 'Python model class name' }),
    app_label: f.string({ readOnly: true }),
    app_label_verbose: f.sql(f.string(), (alias) => appVerbose(`${alias}.app_label`), {
      description: 'Human-readable app label',
    }),
    model_verbose: f.sql(
      f.string(),
      (alias, registry) => modelVerbose(`${alias}.app_label`, `${alias}.model`, registry),
      { description: 'Human-readable model name' },
    ),
  },
  filters: [
    'codename',
    {
      name: 'content_type__app_label',
      kind: textKind({ trim: false }),
      sql: (alias, value) => `${alias}.app_label = ${value}`,
    },
    {
      name: 'content_type__model',
      kind: textKind({ trim: false }),
      sql: (alias, value) => `${alias}.model = ${value}`,
    },
    {
      name: 'role',
      kind: textKind({ trim: false }),
      sql: (alias, value) =>
        `exists (select 1 from role_permission l where l.permission_id = ${alias}.id and l.role_uuid::text = lower(${value}))`,
    },
  ],
  search: ['codename', 'model', 'app_label'],
  ordering: ['name'],
});
