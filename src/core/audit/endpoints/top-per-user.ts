import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { chosenEvents } from '../figures.ts';
import { Event } from '../resources/event.ts';
import { topApplications } from '../store.ts';

const EventTopPerUser = defineShape(
  'EventTopPerUser',
  {
    application: f.object(),
    counted_events: f.integer({ limited: false }),
    unique_users: f.integer({ limited: false }),
  },
  { description: "Response object of Event's top_per_user" },
);

/** The applications that most events name, and how many users they are of. */
export const topPerUser = defineEndpoint({
  on: Event,
  detail: false,
  filtered: true,
  method: 'GET',
  path: 'top_per_user/',
  operationId: 'events_events_top_per_user_list',
  description: 'Get the top_n events grouped by user count',
  permission: 'authentik_events.view_event',
  query: { top_n: f.integer({ default: 15, documentDefault: true, limited: false, minimum: 1, maximum: 1000 }) },
  responses: { 200: { array: EventTopPerUser } },
  handle: async (ctx, { request, query: { top_n: limit = 15 } }) =>
    topApplications(ctx.db, await chosenEvents(ctx, request), limit),
});
