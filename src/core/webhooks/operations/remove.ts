import { defineChange } from '../../../kernel/own-api/index.ts';
import { tellWebhook } from '../events.ts';
import { deleteWebhook } from '../store.ts';
import { ONE, TAG, accessTo, oneParams, webhook } from '../subject.ts';

/** DELETE /webhooks/{id} */
export const removeWebhook = defineChange({
  operationId: 'deleteWebhook',
  method: 'DELETE',
  path: ONE,
  tag: TAG,
  summary: 'Delete a webhook',
  description: 'With its deliveries; what waits for it is not delivered.',
  access: accessTo('view', 'delete'),
  params: oneParams,
  subject: webhook,
  responses: { 204: null },
  async handle(ctx, { tx, object }) {
    await deleteWebhook(tx, object.id);
    await tellWebhook({ ctx, tx }, 'webhook_deleted', object);
    return {};
  },
});
