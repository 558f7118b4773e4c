import { defineRead, pageType, paging, readPage, t } from '../../../kernel/own-api/index.ts';
import { STATES, listDeliveries } from '../deliveries/store.ts';
import { deliveryType } from '../fields.ts';
import { ONE, TAG, accessTo, oneParams, presentDelivery, webhook } from '../subject.ts';

/** GET /webhooks/{id}/deliveries: the newest first. */
export const listWebhookDeliveries = defineRead({
  operationId: 'listWebhookDeliveries',
  path: `${ONE}/deliveries`,
  tag: TAG,
  summary: 'List what was delivered to a webhook, and what was not',
  access: accessTo('view'),
  params: oneParams,
  subject: webhook,
  query: { ...paging, state: t.optional(t.choice(STATES)) },
  responses: { 200: pageType('WebhookDeliveryList', deliveryType) },
  async handle(ctx, { object: { id }, query }) {
    const { state } = query;
    const { items, next } = await readPage(
      ctx,
      { scope: `webhook deliveries ${id} ${state ?? ''}`, ...query },
      {
        find: (part) => listDeliveries(ctx.db, { webhook: id, state, ...part }),
        place: (row) => [row.position, row.id],
      },
    );
    return { value: { items: items.map((row) => presentDelivery(ctx, row)), next } };
  },
});
