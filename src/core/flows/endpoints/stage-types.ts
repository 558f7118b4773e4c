import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { Stage, stageMetas } from '../resources/stage.ts';

const TypeCreate = defineShape(
  'TypeCreate',
  {
    name: f.string(),
    description: f.string(),
    component: f.string(),
    model_name: f.string(),
    icon_url: f.string({ required: false }),
    requires_enterprise: f.boolean({ default: false, documentDefault: true }),
    deprecated: f.boolean({ default: false, documentDefault: true }),
  },
  { description: 'Types of an object that can be created' },
);

/** The kinds of stages that can be created: what the features brought. */
export const stageTypes = defineEndpoint({
  on: Stage,
  detail: false,
  method: 'GET',
  path: 'types/',
  operationId: 'stages_all_types_list',
  permission: null,
  responses: { 200: { array: TypeCreate } },
  handle: ({ registry }) =>
    stageMetas(registry).map((meta) => ({
      name: meta.verboseName,
      description: meta.description,
      component: meta.component,
      model_name: meta.model.split('.')[1] ?? '',
      requires_enterprise: false,
      deprecated: false,
    })),
});
