import { t } from '../../kernel/own-api/index.ts';
import type { ValueOf } from '../../kernel/own-api/index.ts';
import { STATES } from './deliveries/store.ts';

const MAX_EVENTS = 100;

const writable = {
  url: t.text({ minLength: 1, maxLength: 2000, description: 'Where events are posted to: an http or https URL.' }),
  events: t.list(t.text({ minLength: 1, maxLength: 64 }), {
    maxItems: MAX_EVENTS,
    description: 'Types of events, at least one; GET /webhook-events lists them.',
  }),
  description: t.optional(t.text({ maxLength: 500 }), ''),
  active: t.optional(t.boolean({ description: 'Whether events are delivered.' }), true),
} as const;

/** What a client says of a webhook. */
export const webhookInput = t.object('Webhook', writable);
export type WebhookInput = ValueOf<typeof webhookInput>;

const shown = {
  id: t.uuid(),
  url: writable.url,
  events: writable.events,
  description: t.text({ maxLength: 500 }),
  active: t.boolean(),
  created_by: t.nullable(
    t.object('Person', {
      id: t.integer({ description: 'As in /api/v3/core/users/.' }),
      username: t.text({ maxLength: 150 }),
    }),
  ),
  created: t.dateTime(),
  changed: t.dateTime(),
} as const;

export const webhookType = t.object('Webhook', shown);

/** A webhook with its secret, which is shown once. */
export const webhookWithSecret = t.object('WebhookWithSecret', {
  ...shown,
  secret: t.text({ maxLength: 100, description: 'Signs what is delivered (Standard Webhooks); never shown again.' }),
});

export const deliveryType = t.object('WebhookDelivery', {
  id: t.uuid(),
  event: t.uuid({ description: 'The webhook-id that the receiver gets.' }),
  type: t.text({ maxLength: 200 }),
  occurred_at: t.dateTime(),
  state: t.choice(STATES),
  status: t.nullable(t.integer({ description: 'The HTTP status of the last answer; null: there was none.' })),
  answer: t.text({ maxLength: 500, description: 'How the last answer begins, or what went wrong.' }),
  tries: t.integer(),
  next_try: t.nullable(t.dateTime()),
  created: t.dateTime(),
  changed: t.dateTime(),
});
