import { loadCatalogue, wireName } from '../../../../core/outbox/index.ts';
import { defineEndpoint } from '../../../../kernel/http/endpoint.ts';
import { TypeCreate } from '../../../../kernel/openapi/shared.ts';
import { EmailStage } from '../resources/email-stage.ts';

/** Every mail template, the operator's among them. */
export const templates = defineEndpoint({
  on: EmailStage,
  detail: false,
  method: 'GET',
  path: 'templates/',
  operationId: 'stages_email_templates_list',
  description: 'Get all available templates, including custom templates',
  // Whoever may send mail needs the names; they are no secret.
  permission: null,
  responses: { 200: { array: TypeCreate } },
  async handle(ctx) {
    const { templates: all } = await loadCatalogue(ctx);
    return [...all.values()].map(({ name, description }) => ({
      name: wireName(name),
      description,
      component: '',
      model_name: '',
      requires_enterprise: false,
      deprecated: false,
    }));
  },
});
