import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { Flow } from '../resources/flow.ts';
import { clearPlanCache } from '../store.ts';

/** Drops every cached plan. */
export const cacheClear = defineEndpoint({
  on: Flow,
  detail: false,
  method: 'POST',
  path: 'cache_clear/',
  operationId: 'flows_instances_cache_clear_create',
  permission: 'authentik_flows.clear_flow_cache',
  responses: { 204: null, 400: null },
  async handle({ db, log }) {
    const cleared = await clearPlanCache(db);
    log.debug('the plan cache was cleared', { cleared });
  },
});
