import type { Context, RequestContext } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { eventUser } from '../../kernel/events/event-user.ts';
import type { Claimed } from './deliveries/store.ts';

const APP = 'vestibule.core.webhooks';

export const WEBHOOK_EVENTS = [
  'webhook_created',
  'webhook_changed',
  'webhook_deleted',
  'webhook_secret_rotated',
  'webhook_failed',
].map((name) => ({ app: APP, name }));

type Told = { readonly id: string; readonly url: string };

// Of the URL no more than this is told: paths and queries of receivers often hold their secret.
const originOf = (url: string): string => new URL(url).origin;

/** Writes that somebody made, changed or removed a webhook. */
export async function tellWebhook(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  action: 'webhook_created' | 'webhook_changed' | 'webhook_deleted' | 'webhook_secret_rotated',
  { id, url }: Told,
): Promise<void> {
  const { actor, clientIp } = ctx;
  await ctx.events.record(tx, {
    app: APP,
    action,
    user: actor && eventUser(actor),
    clientIp,
    context: { webhook: id, to: originOf(url) },
  });
}

/** Writes that an event was not delivered and will not be. */
export async function recordFailure(
  ctx: Context,
  tx: Transaction,
  failed: { readonly delivery: Claimed; readonly status: number | undefined; readonly answer: string },
): Promise<void> {
  const { delivery, status } = failed;
  await ctx.events.record(tx, {
    app: APP,
    action: 'webhook_failed',
    context: {
      webhook: delivery.webhook,
      to: originOf(delivery.url),
      delivery: delivery.id,
      event: delivery.event,
      tries: delivery.tries,
      ...(status === undefined ? {} : { status }),
    },
  });
}
