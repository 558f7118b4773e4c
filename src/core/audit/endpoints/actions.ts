import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { TypeCreate } from '../../../kernel/openapi/shared.ts';
import { actionLabel, knownActions } from '../actions.ts';
import { Event } from '../resources/event.ts';

/** What events of this installation may tell of: what its features registered. */
export const actions = defineEndpoint({
  on: Event,
  detail: false,
  method: 'GET',
  path: 'actions/',
  operationId: 'events_events_actions_list',
  description: 'Get all actions',
  permission: 'authentik_events.view_event',
  responses: { 200: { array: TypeCreate } },
  handle: ({ registry }) =>
    knownActions(registry).map((name) => ({
      name: actionLabel(name),
      description: '',
      component: name,
      model_name: '',
      requires_enterprise: false,
      deprecated: false,
    })),
});
