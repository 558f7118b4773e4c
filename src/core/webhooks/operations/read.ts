import { defineRead } from '../../../kernel/own-api/index.ts';
import { webhookType } from '../fields.ts';
import { ONE, TAG, accessTo, oneParams, webhook } from '../subject.ts';

/** GET /webhooks/{id} */
export const readWebhook = defineRead({
  operationId: 'readWebhook',
  path: ONE,
  tag: TAG,
  summary: 'Read a webhook',
  access: accessTo('view'),
  params: oneParams,
  subject: webhook,
  responses: { 200: webhookType },
  handle: (_ctx, { object }) => ({ value: object, represents: object }),
});
