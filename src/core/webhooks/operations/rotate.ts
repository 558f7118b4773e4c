import { defineChange } from '../../../kernel/own-api/index.ts';
import { tellWebhook } from '../events.ts';
import { webhookWithSecret } from '../fields.ts';
import { newSecret, sealSecret } from '../signature.ts';
import { replaceSecret } from '../store.ts';
import { ONE, TAG, accessTo, oneParams, reload, webhook } from '../subject.ts';

/** How long the secret before signs too, so that a receiver can change over. */
const OVERLAP_HOURS = 24;

/** POST /webhooks/{id}/rotate */
export const rotateWebhook = defineChange({
  operationId: 'rotateWebhook',
  method: 'POST',
  path: `${ONE}/rotate`,
  tag: TAG,
  summary: 'Make a new secret',
  description: 'It is shown in this answer and never again. For a day the one before signs as well.',
  access: accessTo('view', 'change'),
  params: oneParams,
  subject: webhook,
  responses: { 200: webhookWithSecret },
  async handle(ctx, { tx, object: { id } }) {
    const secret = newSecret(ctx);
    await replaceSecret(tx, id, { secret: sealSecret(ctx, secret), hours: OVERLAP_HOURS });
    const row = await reload(tx, id);
    await tellWebhook({ ctx, tx }, 'webhook_secret_rotated', row);
    return { value: { ...row, secret }, represents: row };
  },
});
