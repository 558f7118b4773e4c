import { defineProblem, holders, invalidFields, t } from '../../kernel/own-api/index.ts';
import type { Subject, ValueProblem } from '../../kernel/own-api/index.ts';
import type { RequestContext } from '../../kernel/context.ts';
import { typeOf } from './deliveries/body.ts';
import type { DeliveryRow } from './deliveries/store.ts';
import { webhookEvent } from './event.ts';
import { webhookType } from './fields.ts';
import type { WebhookInput } from './fields.ts';
import { findWebhook } from './store.ts';
import type { Wanted, WebhookRow } from './store.ts';

export const TAG = 'webhooks';
export const PATH = '/webhooks';
export const ONE = `${PATH}/{id}`;
export const oneParams = { id: t.uuid() };

/** Who may do that with all webhooks: they see everybody's events, so there is no right on a single one. */
export const accessTo = (...verbs: readonly ('view' | 'add' | 'change' | 'delete')[]) =>
  holders(...verbs.map((verb) => `vestibule_webhooks.${verb}_webhook`));

/** The webhook of a path. */
export const webhook: Subject<WebhookRow> = {
  type: webhookType,
  load: (_ctx, { db, params, lock }) => findWebhook(db, params['id'] ?? '', lock),
  represent: (_ctx, row) => row,
};

export const notOver = defineProblem({
  code: 'delivery_under_way',
  status: 409,
  title: 'The delivery is under way',
  about: 'Only a delivery that is over (delivered, failed or cancelled) can be sent again.',
});

/** What is stored of the input. Throws 422 for events that there are not, and a URL that can never be called. */
export function checked({ registry, outbound }: RequestContext, input: WebhookInput): Wanted {
  const known = registry.all(webhookEvent);
  const faults: ValueProblem[] = [];
  const refusal = outbound.refusal(input.url);
  if (refusal !== undefined) faults.push({ pointer: '/url', code: 'refused', detail: refusal });
  if (input.events.length === 0) faults.push({ pointer: '/events', code: 'required', detail: 'Say at least one.' });
  for (const [at, type] of input.events.entries()) {
    if (known.some((one) => one.type === type)) continue;
    faults.push({ pointer: `/events/${at}`, code: 'not_found', detail: 'There is no such event.' });
  }
  if (faults.length > 0) throw invalidFields(faults);
  const events = [...new Set(input.events)];
  return { ...input, events, sources: known.filter(({ type }) => events.includes(type)).flatMap((one) => one.sources) };
}

/** A delivery as the API shows it. */
export const presentDelivery = (ctx: RequestContext, { source, occurred, ...row }: DeliveryRow): object => ({
  ...row,
  type: typeOf(ctx, source),
  occurred_at: occurred,
});

/** The webhook after a change. Throws when it is gone, which nothing does. */
export async function reload(db: Parameters<typeof findWebhook>[0], id: string): Promise<WebhookRow> {
  const row = await findWebhook(db, id);
  if (!row) throw new Error('The webhook is gone.');
  return row;
}
