import { Problem, defineChange, t } from '../../../kernel/own-api/index.ts';
import type { Subject } from '../../../kernel/own-api/index.ts';
import { enqueue } from '../../../kernel/tasks/task.ts';
import { deliverWebhook, jobKey } from '../deliveries/deliver.ts';
import { findDelivery, reopen } from '../deliveries/store.ts';
import type { DeliveryRow } from '../deliveries/store.ts';
import { deliveryType } from '../fields.ts';
import { ONE, TAG, accessTo, notOver, oneParams, presentDelivery } from '../subject.ts';

const delivery: Subject<DeliveryRow> = {
  type: deliveryType,
  load: (_ctx, { db, params, lock }) =>
    findDelivery(db, { webhook: params['id'] ?? '', id: params['delivery'] ?? '', lock }),
  represent: (ctx, row) => presentDelivery(ctx, row),
};

/** POST /webhooks/{id}/deliveries/{delivery}/redeliver */
export const redeliver = defineChange({
  operationId: 'redeliverWebhook',
  method: 'POST',
  path: `${ONE}/deliveries/{delivery}/redeliver`,
  tag: TAG,
  summary: 'Deliver an event again',
  description: 'With the same id and body, and a new timestamp and signature.',
  access: accessTo('view', 'change'),
  params: { ...oneParams, delivery: t.uuid() },
  subject: delivery,
  responses: { 202: deliveryType },
  problems: [notOver],
  async handle(ctx, { tx, object: { id, webhook } }) {
    if (!(await reopen(tx, id))) throw new Problem(notOver);
    await enqueue(tx, deliverWebhook, { payload: { delivery: id }, key: jobKey(id) });
    const row = await findDelivery(tx, { webhook, id });
    if (!row) throw new Error('The delivery is gone.');
    const shown = presentDelivery(ctx, row);
    return { value: shown, represents: shown };
  },
});
