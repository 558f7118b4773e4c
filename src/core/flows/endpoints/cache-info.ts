import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { Flow } from '../resources/flow.ts';
import { countCachedPlans } from '../store.ts';

const Cache = defineShape('Cache', { count: f.integer({ readOnly: true }) }, { description: 'Generic cache stats' });

/** How many plans are cached, over all flows (contract part 1, 3.2). */
export const cacheInfo = defineEndpoint({
  on: Flow,
  detail: false,
  method: 'GET',
  path: 'cache_info/',
  operationId: 'flows_instances_cache_info_retrieve',
  permission: 'authentik_flows.view_flow_cache',
  responses: { 200: Cache },
  handle: async ({ db }) => ({ count: await countCachedPlans(db) }),
});
