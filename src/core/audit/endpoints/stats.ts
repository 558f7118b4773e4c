import { ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import type { Field } from '../../../kernel/resource/field.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { parseTimedelta } from '../../../kernel/schema/timedelta.ts';
import { chosenEvents } from '../figures.ts';
import { Event } from '../resources/event.ts';
import { countSince, countUsers } from '../store.ts';

const EventStats = defineShape(
  'EventStats',
  { count_step: f.object(), unique_users: f.integer({ limited: false }) },
  { description: 'Count of unique users in events and aggregated counts per specified deltas' },
);

/** Each step is a scan of its own. */
const MAX_STEPS = 20;

/** Seconds in a hundred years: there are no older events, and longer times end before PostgreSQL's calendar begins. */
const MAX_SECONDS = 3_155_760_000;

const step: Field<string> = {
  ...f.string(),
  kind: { ...textKind({}), document: () => ({ type: 'string', minLength: 1 }) },
};

/** The steps that a query asks for, with their seconds. Throws ValidationError. */
function stepsOf(query: URLSearchParams): Map<string, number> {
  const texts = query.getAll('count_steps').filter((text) => text !== '');
  const fault = (message: string) => new ValidationError({ count_steps: [message] });
  if (texts.length === 0) throw fault('This field is required.');
  if (texts.length > MAX_STEPS) throw fault(`Ensure this field has no more than ${MAX_STEPS} elements.`);
  return new Map(
    texts.map((text) => {
      const seconds = parseTimedelta(text);
      if (seconds === undefined) throw fault(`${text} is not in the correct format of 'hours=3;minutes=1'.`);
      return [text, Math.min(seconds, MAX_SECONDS)];
    }),
  );
}

/** How many events there were within each of the given times, and of how many users all of them are. */
export const stats = defineEndpoint({
  on: Event,
  detail: false,
  filtered: true,
  method: 'GET',
  path: 'stats/',
  operationId: 'events_events_stats_retrieve',
  description: 'Get event stats for specified filters and count steps',
  permission: 'authentik_events.view_event',
  query: {
    count_steps: f.list(step, {
      required: true,
      description: "Timedelta, format of 'weeks=3;days=2;hours=3,seconds=2'",
    }),
  },
  responses: { 200: EventStats },
  async handle(ctx, { request }) {
    const counts: Record<string, number> = {};
    for (const [text, seconds] of stepsOf(request.query)) {
      counts[text] = await countSince(ctx.db, await chosenEvents(ctx, request), seconds);
    }
    return { count_step: counts, unique_users: await countUsers(ctx.db, await chosenEvents(ctx, request)) };
  },
});
