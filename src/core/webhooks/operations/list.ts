import { cursorsOf, defineRead, t } from '../../../kernel/own-api/index.ts';
import { next, paging, webhookType } from '../fields.ts';
import { listWebhooks } from '../store.ts';
import { PATH, TAG, accessTo } from '../subject.ts';

/** GET /webhooks: the newest first. */
export const listAll = defineRead({
  operationId: 'listWebhooks',
  path: PATH,
  tag: TAG,
  summary: 'List webhooks',
  access: accessTo('view'),
  query: paging,
  responses: { 200: t.object('WebhookList', { items: t.list(webhookType), next }) },
  async handle(ctx, { query: { limit, cursor } }) {
    const cursors = cursorsOf(ctx, 'webhooks');
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const rows = await listWebhooks(ctx.db, { after, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { value: { items, next: last ? cursors.write([last.position, last.id]) : null } };
  },
});
