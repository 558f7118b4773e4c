import type { Registry } from '../../../kernel/feature.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineResource, resource } from '../../../kernel/resource/resource.ts';
import { literal } from '../../../kernel/resource/sql-text.ts';
import { PartialUser } from '../../users/index.ts';
import { filePath } from '../file-path.ts';

const ContentType = defineShape('ContentType', {
  id: f.integer({ readOnly: true }),
  app_label: f.string({ readOnly: true }),
  model: f.string({ readOnly: true }),
  verbose_name_plural: f.string({ readOnly: true }),
  fully_qualified_model: f.string({ readOnly: true }),
});

/** The kinds of objects that there are, numbered by their names; SQL of one by its model. */
function contentTypeSql(model: string, registry: Registry): string {
  const all = registry.all(resource).toSorted((a, b) => (a.model < b.model ? -1 : 1));
  const cases = all.map(({ model: name, label }, index) => {
    const [app = '', short = ''] = name.split('.');
    const shown = { id: index + 1, app_label: app, model: short, verbose_name_plural: `${label}s` };
    return `when ${literal(name)} then ${literal(JSON.stringify({ ...shown, fully_qualified_model: name }))}`;
  });
  return `(case ${model} ${cases.join(' ')} end)::json`;
}

/** An export that somebody asked for: a file of all objects of a list, made in the background, kept for a week. */
export const DataExport = defineResource({
  name: 'DataExport',
  description: 'Mixin to validate that a valid enterprise license\nexists before allowing to save the object',
  model: 'authentik_reports.dataexport',
  path: '/reports/exports/',
  table: 'data_export',
  key: 'id',
  except: ['create', 'update', 'partial_update', 'used_by'],
  fields: {
    id: f.uuid({ readOnly: true }),
    requested_by: f.nested(() => PartialUser, { column: 'requested_by', onDelete: 'cascade' }),
    requested_on: f.dateTime({ readOnly: true }),
    content_type: f.sql(f.shape(ContentType), (alias, registry) => contentTypeSql(`${alias}.model`, registry)),
    query_params: f.object(),
    file_url: f.computed(f.string(), ({ id, completed }, { config }) =>
      completed === true && typeof id === 'string' ? `${config.publicUrl ?? ''}${filePath(id)}` : '',
    ),
    completed: f.boolean({ readOnly: true }),
  },
  ordering: ['-requested_on'],
  text: (alias) => `'Data Export ' || ${alias}.id`,
});
