import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { drawFlow } from '../diagram.ts';
import { Flow } from '../resources/flow.ts';
import { stageMetas } from '../resources/stage.ts';
import { findDiagram } from '../store.ts';

const FlowDiagram = defineShape(
  'FlowDiagram',
  { diagram: f.string({ readOnly: true }) },
  { description: "response of the flow's diagram action" },
);

/** The flow as Mermaid text. */
export const diagram = defineEndpoint({
  on: Flow,
  method: 'GET',
  path: 'diagram/',
  operationId: 'flows_instances_diagram_retrieve',
  permission: 'authentik_flows.view_flow',
  responses: { 200: FlowDiagram },
  async handle({ db, registry }, { object }) {
    const { policies, steps } = await findDiagram(db, String(object['flow_uuid']));
    const names = new Map(stageMetas(registry).map((meta) => [meta.type, meta.verboseName]));
    const named = steps.map((step) => ({ ...step, kind: names.get(step.type) ?? step.type }));
    return { diagram: drawFlow({ name: String(object['name']), policies, steps: named }) };
  },
});
