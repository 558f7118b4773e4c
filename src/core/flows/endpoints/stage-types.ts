import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { TypeCreate } from '../../../kernel/openapi/shared.ts';
import { Stage, stageMetas } from '../resources/stage.ts';

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
