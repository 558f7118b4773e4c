import { OWN_API, defineChange, etagOf } from '../../../kernel/own-api/index.ts';
import { tellWebhook } from '../events.ts';
import { webhookInput, webhookWithSecret } from '../fields.ts';
import { newSecret, sealSecret } from '../signature.ts';
import { insertWebhook } from '../store.ts';
import { PATH, TAG, accessTo, checked, reload, webhook } from '../subject.ts';

/** POST /webhooks */
export const createWebhook = defineChange({
  operationId: 'createWebhook',
  method: 'POST',
  path: PATH,
  tag: TAG,
  summary: 'Make a webhook',
  description: 'The secret that signs is shown in this answer and never again.',
  access: accessTo('add'),
  body: webhookInput,
  responses: { 201: webhookWithSecret },
  tells: ['ETag', 'Location'],
  async handle(ctx, { tx, body }) {
    const secret = newSecret(ctx);
    const createdBy = ctx.actor?.id ?? null;
    const id = await insertWebhook(tx, checked(ctx, body), { secret: sealSecret(ctx, secret), createdBy });
    const row = await reload(tx, id);
    await tellWebhook({ ctx, tx }, 'webhook_created', row);
    return {
      value: { ...row, secret },
      headers: { location: `${OWN_API}${PATH}/${id}`, etag: etagOf(webhook.type.present(row)) },
    };
  },
});
