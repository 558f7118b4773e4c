import { defineRead, pageType, paging, readPage } from '../../../kernel/own-api/index.ts';
import { webhookType } from '../fields.ts';
import { listWebhooks } from '../store.ts';
import { PATH, TAG, accessTo } from '../subject.ts';

/** GET /webhooks: the newest first. */
export const listAllWebhooks = defineRead({
  operationId: 'listWebhooks',
  path: PATH,
  tag: TAG,
  summary: 'List webhooks',
  access: accessTo('view'),
  query: paging,
  responses: { 200: pageType('WebhookList', webhookType) },
  async handle(ctx, { query }) {
    const page = await readPage(
      ctx,
      { scope: 'webhooks', ...query },
      { find: (part) => listWebhooks(ctx.db, part), place: ({ position, id }) => [position, id] },
    );
    return { value: page };
  },
});
