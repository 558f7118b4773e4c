import { listLastDeliveries } from '../../../../../core/outbox/index.ts';
import { ApiError } from '../../../../../kernel/errors/api-error.ts';
import { MAIL_CAUSE } from '../../mail-cause.ts';
import { originOf } from '../../v1/link.ts';
import type { Reply } from '../../../../../kernel/http/message.ts';
import { Problem, problems } from '../../../../../kernel/own-api/index.ts';
import { DEFAULT_TEMPLATE, checkSendable, namedTemplate, sendMails } from '../../v1/sending.ts';
import { redirectReply } from '../../../../../core/flows/index.ts';
import { addressOf } from './place.ts';
import type { Place } from './place.ts';
import { lockOwn } from './revoke.ts';
import { show } from './show.ts';

const UNDER_WAY: readonly string[] = ['queued', 'deferred'];

/**
 * Mails an invitation of the person's own to whom it is for, as `send` of the own API does; who has a mail under way gets
 * no other. With `isFirst` only if none was mailed yet.
 * @throws Problem, ApiError 404, 429
 */
export async function mail(
  { request, signed: { ctx }, mailing }: Place,
  id: string,
  { isFirst = false }: { readonly isFirst?: boolean } = {},
): Promise<void> {
  if (mailing !== 'ready') throw new Problem(problems.forbidden);
  const template = await namedTemplate(ctx, DEFAULT_TEMPLATE);
  await ctx.db.transaction(async (tx) => {
    const row = await lockOwn({ ctx, tx }, id);
    if (isFirst && row.sent !== null) return;
    const wanted = row.recipients.length > 0 ? row.recipients : [addressOf(row)].filter((address) => address !== '');
    const last = await listLastDeliveries(tx, { cause: MAIL_CAUSE, object: row.id });
    const waiting = new Set(last.filter(({ state }) => UNDER_WAY.includes(state)).map(({ address }) => address));
    const mails = wanted.filter((to) => !waiting.has(to)).map((to) => ({ to, template }));
    if (mails.length === 0) return;
    await checkSendable({ ctx, db: tx }, row);
    await sendMails({ ctx, db: tx }, { id, base: originOf(ctx, request), mails });
  });
}

/** The button that mails one, again or for the first time; the list tells what becomes of it. */
export async function send(place: Place, id: string, back: string): Promise<Reply> {
  try {
    await mail(place, id);
    return redirectReply(back, 303);
  } catch (error) {
    if (error instanceof Problem) return show(place, { problem: 'notSent', status: error.kind.status });
    if (error instanceof ApiError && error.status === 429) return show(place, { problem: 'budget', status: 429 });
    throw error;
  }
}
