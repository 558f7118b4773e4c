import { cursorsOf, defineRead, t } from '../../../kernel/own-api/index.ts';
import { STATES, listDeliveries } from '../deliveries/store.ts';
import { deliveryType, next, paging } from '../fields.ts';
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
  responses: { 200: t.object('WebhookDeliveryList', { items: t.list(deliveryType), next }) },
  async handle(ctx, { object: { id }, query: { limit, cursor, state } }) {
    const cursors = cursorsOf(ctx, `webhook deliveries ${id} ${state ?? ''}`);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const rows = await listDeliveries(ctx.db, { webhook: id, state, after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      value: {
        items: shown.map((row) => presentDelivery(ctx, row)),
        next: last ? cursors.write([last.position, last.id]) : null,
      },
    };
  },
});
