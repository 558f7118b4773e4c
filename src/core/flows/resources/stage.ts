import type { Registry } from '../../../kernel/feature.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { defineResource, resource } from '../../../kernel/resource/resource.ts';
import type { Filter } from '../../../kernel/resource/resource.ts';
import { booleanKind } from '../../../kernel/resource/kinds/scalar.ts';
import { FlowSet } from './flow.ts';

/** What a kind of stage is called. */
export type StageMeta = {
  /** The value of `stage.type`. */
  readonly type: string;
  /** The admin form, on the wire: `ak-stage-prompt-form`. */
  readonly component: string;
  /** `app_label.model`. */
  readonly model: string;
  readonly verboseName: string;
  /** By default the name with an s. */
  readonly verboseNamePlural?: string;
  readonly description: string;
};

const identity = {
  pk: f.uuid({ readOnly: true, column: 'stage_uuid' }),
  name: f.string({ unique: 'stage with this name already exists.' }),
};

const flowSet = f.nestedList(FlowSet, {
  from: (alias, item) => `from flow ${item} where exists (
    select 1 from flow_stage_binding b where b.target = ${item}.flow_uuid and b.stage = ${alias}.stage_uuid)`,
  orderBy: (item) => `${item}.slug collate "C"`,
});

/** The `base` of a stage's resource: the shared row, what it is called, and the flows it is bound to. */
export function stageBase(meta: StageMeta) {
  return {
    table: 'stage',
    key: 'stage_uuid',
    type: { column: 'type', value: meta.type },
    meta,
    fields: {
      ...identity,
      component: f.constant(meta.component),
      verbose_name: f.constant(meta.verboseName),
      verbose_name_plural: f.constant(meta.verboseNamePlural ?? `${meta.verboseName}s`),
      meta_model_name: f.constant(meta.model),
      flow_set: flowSet,
    },
  } as const;
}

/** The list filter `no_flows`: stages bound to none. */
export const noFlows: Filter = {
  name: 'no_flows',
  kind: booleanKind,
  sql: (alias, value) =>
    `(not exists (select 1 from flow_stage_binding b where b.stage = ${alias}.stage_uuid)) = ${value}`,
};

/** The kinds of stages that features brought, by type. */
export function stageMetas(registry: Registry): StageMeta[] {
  return registry
    .all(resource)
    .map(({ base }) => base)
    .filter((base) => base !== undefined && base.table === 'stage' && 'meta' in base)
    .map((base) => (base as ReturnType<typeof stageBase>).meta)
    .toSorted((a, b) => (a.component < b.component ? -1 : 1));
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A text that depends on the row's type; stages of a kind that is gone have an empty one. */
function byType(of: (meta: StageMeta) => string) {
  return f.sql(f.string(), (alias, registry) => {
    const cases = stageMetas(registry).map((meta) => `when ${quote(meta.type)} then ${quote(of(meta))}`);
    return cases.length === 0 ? `''` : `case ${alias}.type ${cases.join(' ')} else '' end`;
  });
}

/** Every stage, whatever its kind. */
export const Stage = defineResource({
  name: 'Stage',
  model: 'authentik_flows.stage',
  path: '/stages/all/',
  table: 'stage',
  key: 'stage_uuid',
  except: ['create', 'update', 'partial_update'],
  fields: {
    ...identity,
    component: byType((meta) => meta.component),
    verbose_name: byType((meta) => meta.verboseName),
    verbose_name_plural: byType((meta) => meta.verboseNamePlural ?? `${meta.verboseName}s`),
    meta_model_name: byType((meta) => meta.model),
    flow_set: flowSet,
  },
  filters: ['name'],
  search: ['name'],
  ordering: ['name'],
});
