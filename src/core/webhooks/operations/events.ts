import { defineRead, t } from '../../../kernel/own-api/index.ts';
import { webhookEvent } from '../event.ts';
import { TAG, accessTo } from '../subject.ts';

const eventType = t.object('WebhookEvent', {
  type: t.text({ maxLength: 64 }),
  description: t.text({ maxLength: 500 }),
});

/** GET /webhook-events */
export const listWebhookEvents = defineRead({
  operationId: 'listWebhookEvents',
  path: '/webhook-events',
  tag: TAG,
  summary: 'List the types of events that webhooks can ask for',
  access: accessTo('view'),
  responses: { 200: t.object('WebhookEventList', { items: t.list(eventType) }) },
  handle: ({ registry }) => ({
    value: { items: registry.all(webhookEvent).map(({ type, description }) => ({ type, description })) },
  }),
});
