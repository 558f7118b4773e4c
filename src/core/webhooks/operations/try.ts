import { defineChange } from '../../../kernel/own-api/index.ts';
import { enqueue } from '../../../kernel/tasks/task.ts';
import { deliverWebhook, jobKey } from '../deliveries/deliver.ts';
import { findDelivery, insertTest } from '../deliveries/store.ts';
import { deliveryType } from '../fields.ts';
import { ONE, TAG, accessTo, oneParams, presentDelivery, webhook } from '../subject.ts';

/** POST /webhooks/{id}/test */
export const testWebhook = defineChange({
  operationId: 'testWebhook',
  method: 'POST',
  path: `${ONE}/test`,
  tag: TAG,
  summary: 'Send a test event',
  description: 'An event of the type webhook_test, signed as all are, also while the webhook is not active.',
  access: accessTo('view', 'change'),
  params: oneParams,
  subject: webhook,
  responses: { 202: deliveryType },
  async handle(ctx, { tx, object }) {
    const { id: of } = object;
    const { actor } = ctx;
    const id = await insertTest(tx, of, actor ? { id: actor.id, username: actor.username } : null);
    await enqueue(tx, deliverWebhook, { payload: { delivery: id }, key: jobKey(id) });
    const delivery = await findDelivery(tx, { webhook: of, id });
    if (!delivery) throw new Error('The delivery is gone.');
    return { value: presentDelivery(ctx, delivery), represents: object };
  },
});
