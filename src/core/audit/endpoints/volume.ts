import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { EVENT_ACTIONS } from '../actions.ts';
import { chosenEvents } from '../figures.ts';
import { Event } from '../resources/event.ts';
import { dailyVolume } from '../store.ts';

const EventVolume = defineShape(
  'EventVolume',
  {
    action: f.choice('EventActions', EVENT_ACTIONS),
    time: f.dateTime(),
    count: f.integer({ limited: false }),
  },
  { description: 'Count of events of action created on day for a single event action' },
);

/** How many events of each action there were on each day (UTC) that had any. */
export const volume = defineEndpoint({
  on: Event,
  detail: false,
  filtered: true,
  method: 'GET',
  path: 'volume/',
  operationId: 'events_events_volume_list',
  description: 'Get event volume for specified filters and timeframe',
  permission: 'authentik_events.view_event',
  query: { history_days: f.integer({ default: 7, documentDefault: true, limited: false, minimum: 1, maximum: 3660 }) },
  responses: { 200: { array: EventVolume } },
  handle: async (ctx, { request, query: { history_days: days = 7 } }) =>
    dailyVolume(ctx.db, await chosenEvents(ctx, request), days),
});
