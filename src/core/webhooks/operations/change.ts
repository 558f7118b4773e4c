import { defineChange } from '../../../kernel/own-api/index.ts';
import { tellWebhook } from '../events.ts';
import { webhookInput, webhookType } from '../fields.ts';
import { updateWebhook } from '../store.ts';
import type { WebhookRow } from '../store.ts';
import { ONE, TAG, accessTo, checked, oneParams, reload, webhook } from '../subject.ts';

/** PATCH /webhooks/{id} */
export const patchWebhook = defineChange({
  operationId: 'changeWebhook',
  method: 'PATCH',
  path: ONE,
  tag: TAG,
  summary: 'Change a webhook',
  description:
    'Takes a JSON merge patch. What waits for a webhook that is not active is cancelled when its turn comes.',
  access: accessTo('view', 'change'),
  params: oneParams,
  subject: webhook,
  needsIfMatch: true,
  body: webhookInput,
  merges: (_ctx, { url, events, description, active }: WebhookRow) => ({
    url,
    events: [...events],
    description,
    active,
  }),
  responses: { 200: webhookType },
  async handle(ctx, { tx, object: { id }, body }) {
    await updateWebhook(tx, id, checked(ctx, body));
    const row = await reload(tx, id);
    await tellWebhook({ ctx, tx }, 'webhook_changed', row);
    return { value: row, represents: row };
  },
});
