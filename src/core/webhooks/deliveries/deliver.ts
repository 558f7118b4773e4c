import type { Context } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import type { Counter } from '../../../kernel/metrics/metrics.ts';
import { OutboundError } from '../../../kernel/outbound/types.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import { defineTask, enqueue } from '../../../kernel/tasks/task.ts';
import { delayAfter } from '../../outbox/index.ts';
import { recordFailure } from '../events.ts';
import { openSecret, signatureOf } from '../signature.ts';
import { deactivate } from '../store.ts';
import { makeBody } from './body.ts';
import * as store from './store.ts';
import { TEST_SOURCE } from './store.ts';
import type { Claimed, Outcome } from './store.ts';

const deliveries: Counter = {
  name: 'vestibule_webhook_deliveries_total',
  help: 'Tries to deliver an event to a webhook, by result.',
  labels: ['result'],
};

/** How much of an answer is kept, in characters. */
const MAX_ANSWER = 300;
/** What a receiver says that wants no more (Standard Webhooks 1.0). */
const GONE = 410;

type Claim = { readonly delivery: Claimed; readonly lease: string; readonly body: string };

/** The key of a delivery's job: there is one at a time. */
export const jobKey = (id: string): string => `webhook:${id}`;

/** Takes the delivery, with what is sent; or writes that nobody wants it any more. */
async function take(ctx: Context, tx: Transaction, id: string): Promise<Claim | undefined> {
  const lease = ctx.random.uuid();
  const delivery = await store.claim(tx, id, lease);
  if (!delivery) return undefined;
  if (!delivery.active && delivery.source !== TEST_SOURCE) {
    const answer = 'The webhook is not active.';
    await store.record(tx, { id, lease }, { state: 'cancelled', status: undefined, answer, delay: undefined });
    return undefined;
  }
  if (delivery.body !== null) return { delivery, lease, body: delivery.body };
  const body = await makeBody(ctx, tx, delivery);
  await store.keepBody(tx, id, body);
  return { delivery, lease, body };
}

type Said = { readonly status: number | undefined; readonly answer: string };

const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_ANSWER);

/** Talks to the receiver, outside of any transaction. */
async function send(ctx: Context, { delivery, body }: Claim): Promise<Said> {
  const { event: id, url, secret, old_secret: old } = delivery;
  try {
    const secrets = [secret, ...(old === null ? [] : [old])].map((sealed) => openSecret(ctx, sealed));
    const timestamp = Math.floor(ctx.clock.now().getTime() / 1000);
    const { status, body: answer } = await ctx.outbound.send({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatureOf({ id, timestamp, body }, secrets),
      },
      body,
    });
    return { status, answer: oneLine(answer.toString('utf8')) };
  } catch (error) {
    if (error instanceof OutboundError) return { status: undefined, answer: error.message };
    ctx.log.error('a webhook could not be called', { delivery: delivery.id, error });
    return { status: undefined, answer: 'The request could not be made; the log says why.' };
  }
}

function judge(ctx: Context, { delivery: { tries } }: Claim, { status, answer }: Said): Outcome {
  const over = { status, answer, delay: undefined };
  if (status !== undefined && status >= 200 && status < 300) return { ...over, state: 'delivered' };
  if (status === GONE) return { ...over, state: 'failed' };
  const delay = delayAfter(tries, ctx.random);
  return delay === undefined ? { ...over, state: 'failed' } : { state: 'deferred', status, answer, delay };
}

/** Writes what became of the try, with the job of the next one, or the event that there is none. */
async function settle(ctx: Context, claim: Claim, said: Said): Promise<void> {
  const { delivery, lease } = claim;
  const { id, webhook } = delivery;
  const outcome = judge(ctx, claim, said);
  await ctx.db.transaction(async (tx) => {
    // What the other worker came to counts.
    if (!(await store.record(tx, { id, lease }, outcome))) return;
    if (outcome.delay !== undefined) {
      await enqueue(tx, deliverWebhook, { payload: { delivery: id }, key: jobKey(id), delay: outcome.delay });
    }
    if (said.status === GONE) await deactivate(tx, webhook);
    if (outcome.state === 'failed') await recordFailure(ctx, tx, { delivery, ...said });
    tx.afterCommit(() => ctx.metrics.count(deliveries, [outcome.state]));
  });
}

function deliveryOf(payload: Json): string {
  const delivery = isJsonObject(payload) ? payload['delivery'] : undefined;
  if (typeof delivery !== 'string') throw new TypeError('The job names no delivery.');
  return delivery;
}

/**
 * One try to deliver one event to one webhook. Of several workers one gets it, for as long as its lease; a worker that
 * dies leaves the lease to run out, and `webhooks.sweep` has it tried again, with the same id. The trigger on the audit
 * log names this task.
 */
export const deliverWebhook = defineTask({
  name: 'webhooks.deliver',
  outbound: true,
  async run(ctx, payload) {
    const id = deliveryOf(payload);
    const claim = await ctx.db.transaction((tx) => take(ctx, tx, id));
    if (claim) await settle(ctx, claim, await send(ctx, claim));
  },
});
