import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import type { Outgoing, Verdict } from '../../kernel/mail/types.ts';
import type { Counter } from '../../kernel/metrics/metrics.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json } from '../../kernel/schema/types.ts';
import { defineTask, enqueue } from '../../kernel/tasks/task.ts';
import { findTemplate } from './catalogue.ts';
import { mailCause } from './cause.ts';
import type { Filling, Route } from './cause.ts';
import { openContent } from './content.ts';
import type { Content } from './content.ts';
import { recordOutcome } from './events.ts';
import { renderMail } from './render.ts';
import { delayAfter } from './retry.ts';
import * as store from './store.ts';
import type { Change, Claimed, State } from './store.ts';

const deliveries: Counter = {
  name: 'vestibule_mail_deliveries_total',
  help: 'Tries to hand mail to a server, by recipient and result.',
  labels: ['result'],
};

type Claim = {
  readonly message: Claimed;
  readonly lease: string;
  readonly route: Route | undefined;
  readonly filling: Filling | undefined;
};

const open = ({ recipients }: Claimed) => recipients.filter(({ state }) => state === 'queued' || state === 'deferred');

/** Asks the cause of a claimed message whether it is still wanted; where not, writes why. */
async function confirm(
  ctx: Context,
  tx: Transaction,
  claimed: Pick<Claim, 'message' | 'lease'>,
): Promise<Claim | undefined> {
  const { message, lease } = claimed;
  const { id } = message;
  const cause = ctx.registry.find(mailCause, message.cause);
  const leaving = { ctx, tx, object: message.object ?? undefined, message: id, mark: message.mark };
  const unwanted = cause ? await cause.unwanted?.(leaving) : `No feature sends mails of the kind ${message.cause}.`;
  const filling = unwanted ?? (await cause?.fill?.(leaving));
  if (typeof filling !== 'string') return { message, lease, filling, route: await cause?.route?.(leaving) };
  const changes = open(message).map(({ position }): Change => ({ position, state: 'cancelled', answer: filling }));
  await store.record(tx, { id, lease }, { changes, delay: undefined });
  return undefined;
}

/** The content with what the cause knows besides. */
function filled({ origin = '', ...content }: Content, filling: Filling | undefined): Content {
  if (!filling) return content;
  return { ...content, values: { url: `${origin}${filling.path}`, ...filling.values, ...content.values } };
}

async function compose(ctx: Context, { message, route, filling }: Claim): Promise<Outgoing> {
  const template = await findTemplate(ctx, message.template);
  if (!template) throw new Error(`There is no mail template ${message.template}.`);
  if (!message.content) throw new Error('The content was removed.');
  const content = filled(openContent(ctx, message.content), filling);
  const { subject, html, text, language } = await renderMail(ctx, template, { ...content, language: message.language });
  const cc = message.recipients.filter(({ header }) => header === 'cc').map(({ address }) => address);
  return {
    messageId: message.messageId,
    from: route?.from ?? ctx.mail.from,
    to: message.recipients.find(({ header }) => header === 'to')?.address ?? '',
    cc,
    recipients: open(message).map(({ address }) => address),
    subject,
    html,
    text,
    language,
    date: ctx.clock.now(),
  };
}

/** Talks to the server, outside of any transaction. What goes wrong on our side is tried again as well. */
async function send(ctx: Context, claim: Claim): Promise<readonly Verdict[]> {
  let outgoing: Outgoing;
  try {
    outgoing = await compose(ctx, claim);
  } catch (error) {
    const answer = error instanceof Error ? error.message : 'The mail could not be made.';
    ctx.log.error('a mail could not be made', { message: claim.message.id, error });
    return open(claim.message).map(() => ({ outcome: 'again', answer }));
  }
  return ctx.mail.send(outgoing, claim.route?.server);
}

function changeOf({ outcome, answer }: Verdict, position: number, delay: number | undefined): Change {
  const states: Record<Verdict['outcome'], State> = { sent: 'sent', refused: 'failed', again: 'deferred' };
  if (outcome !== 'again' || delay !== undefined) return { position, state: states[outcome], answer };
  return { position, state: 'failed', answer: `Given up. ${answer}` };
}

/** Writes what became of the try, with its events and the job of the next one. */
async function settle(ctx: Context, { message, lease }: Claim, verdicts: readonly Verdict[]): Promise<void> {
  const { id, tries } = message;
  const again = verdicts.some(({ outcome }) => outcome === 'again') ? delayAfter(tries, ctx.random) : undefined;
  const changes = open(message).map(({ position }, at): Change => {
    return changeOf(verdicts[at] ?? { outcome: 'again', answer: '' }, position, again);
  });
  await ctx.db.transaction(async (tx) => {
    // What the other worker came to counts.
    if (!(await store.record(tx, { id, lease }, { changes, delay: again }))) return;
    await recordOutcome(ctx, tx, { message, changes });
    if (again !== undefined) await enqueue(tx, deliverMail, { payload: { message: id }, delay: again });
    tx.afterCommit(() => changes.forEach(({ state }) => ctx.metrics.count(deliveries, [state])));
  });
}

function messageOf(payload: Json): string {
  const message = isJsonObject(payload) ? payload['message'] : undefined;
  if (typeof message !== 'string') throw new TypeError('The job names no message.');
  return message;
}

/**
 * One try to deliver the message of that id, or without one the next that is due. Out: whether there was one to take.
 * @param onTaken called when it was taken, before anything else is done
 */
export async function deliver(ctx: Context, which?: string, onTaken?: () => void): Promise<boolean> {
  const lease = ctx.random.uuid();
  // By itself: a message that its cause cannot be asked about is held up by the lease, and not the ones behind it.
  const message = await store.claim(ctx.db, lease, which);
  if (!message) return false;
  onTaken?.();
  const claim = await ctx.db.transaction((tx) => confirm(ctx, tx, { message, lease }));
  if (claim) await settle(ctx, claim, await send(ctx, claim));
  return true;
}

/**
 * One try to deliver one message, at the time of its next try or when somebody asks for it. Of several workers one gets it, for as long as its lease; a worker that dies leaves
 * the lease to run out, and `outbox.sweep` has the message tried again, with the same Message-ID.
 */
export const deliverMail = defineTask({
  name: 'outbox.deliver',
  outbound: true,
  async run(ctx, payload) {
    await deliver(ctx, messageOf(payload));
  },
});
