import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { reply } from '../../../kernel/http/message.ts';
import { Flow } from '../../flows/index.ts';
import { exportFlow } from '../export-flow.ts';

/** The flow and what it is made of, as a YAML blueprint. */
export const exportEndpoint = defineEndpoint({
  on: Flow,
  method: 'GET',
  path: 'export/',
  operationId: 'flows_instances_export_retrieve',
  permission: 'authentik_flows.export_flow',
  responses: { 200: { schema: { type: 'string', format: 'binary' } } },
  async handle(ctx, { object }) {
    const slug = String(object['slug']);
    return reply({
      body: await exportFlow(ctx, slug),
      headers: {
        'content-type': 'application/yaml',
        'content-disposition': `attachment; filename="${slug}.yaml"`,
      },
    });
  },
});
