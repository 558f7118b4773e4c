import type { Context } from '../../../kernel/context.ts';
import type { Queryable } from '../../../kernel/db/types.ts';
import { webhookEvent } from '../event.ts';
import type { WebhookObject } from '../event.ts';
import { TEST_SOURCE } from './store.ts';
import type { Claimed } from './store.ts';

/** The type of an event by what the audit log calls it. */
export function typeOf({ registry }: Pick<Context, 'registry'>, source: string): string {
  if (source === TEST_SOURCE) return TEST_SOURCE;
  return registry.all(webhookEvent).find(({ sources }) => sources.includes(source))?.type ?? source;
}

async function aboutOf(ctx: Context, db: Queryable, claimed: Claimed): Promise<WebhookObject | undefined> {
  if (claimed.source === TEST_SOURCE) return { type: 'webhook', id: claimed.webhook };
  const known = ctx.registry.all(webhookEvent).find(({ sources }) => sources.includes(claimed.source));
  return known?.about(db, { context: claimed.context ?? {}, occurred: claimed.occurred });
}

/** What a receiver gets, as JSON: what happened, when, by whom and to what; never a link, code or secret. */
export async function makeBody(ctx: Context, db: Queryable, claimed: Claimed): Promise<string> {
  return JSON.stringify({
    id: claimed.event,
    type: typeOf(ctx, claimed.source),
    occurred_at: claimed.occurred,
    actor: claimed.actor,
    object: (await aboutOf(ctx, db, claimed)) ?? null,
  });
}
