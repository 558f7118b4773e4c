import type { MailTemplate } from '../../../../core/outbox/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { Problem, holdersOn, invalidFields, problems, t } from '../../../../kernel/own-api/index.ts';
import { findInvitationTemplate, mailInvitation } from '../mailing.ts';
import type { InvitationMail } from '../mailing.ts';
import { orOwners } from '../inviters/access.ts';
import { Invitation } from '../resources/invitation.ts';
import { PLAIN, noteSent } from '../store.ts';
import type { Sending } from '../store.ts';
import { noFlow, noMail, noPublicUrl, notPending, revoked } from './problems.ts';
import type { InvitationRow } from './store.ts';
import { accessTo, permissionTo } from './subject.ts';
import { checkMailed } from './write.ts';

export const DEFAULT_TEMPLATE = 'invitation';

/** Who may view an invitation and make some: seeing one is not the right to mail in this installation's name (T21). */
const maySendAny = [permissionTo('view'), permissionTo('add')];

export const senders = orOwners(holdersOn(Invitation, { permissions: maySendAny, parameter: 'id' }), accessTo());

/** What may go wrong with any sending. */
export const sendingProblems = [revoked, notPending, noFlow, noMail, noPublicUrl] as const;

export const queued = t.object('InvitationMailing', {
  queued: t.integer({ description: 'How many people it is being sent to; the deliveries tell how that goes.' }),
  deliveries: t.list(t.uuid({ description: 'Of the mails, in the order of the recipients.' })),
});

/** The template of a name. Throws 422. */
export async function namedTemplate(ctx: RequestContext, name: string): Promise<MailTemplate> {
  const template = await findInvitationTemplate(ctx, name);
  if (template) return template;
  throw invalidFields([
    { pointer: '/template', code: 'not_found', detail: 'There is no such template for invitations.' },
  ]);
}

type Place = { readonly ctx: RequestContext; readonly db: Queryable | Transaction };

/** Throws what keeps an invitation from being sent, whoever it would be to. */
export async function checkSendable({ ctx, db }: Place, row: InvitationRow): Promise<void> {
  if (row.state === 'revoked') throw new Problem(revoked);
  if (row.state !== 'pending') throw new Problem(notPending);
  if (!ctx.mail.configured) throw new Problem(noMail);
  if (row.link_slug === null) throw new Problem(noFlow);
  // Who sends it on gives what it gives.
  await checkMailed({ ctx, db }, row);
}

type Wanted = {
  readonly id: string;
  readonly base: string | undefined;
  readonly mails: readonly InvitationMail[];
};

/** The messages' ids, and the instant. */
type Mailed = { readonly ids: readonly string[]; readonly sent: string };

async function queueMails({ ctx, db }: Place, { id, base, mails }: Wanted, only: string): Promise<Mailed | undefined> {
  if (base === undefined) throw new Problem(noPublicUrl);
  const write = (parts: Sending): Promise<string | undefined> => noteSent(db, { id, only }, parts);
  const mailed = await mailInvitation(ctx, db, { id, base, userId: ctx.actor?.id, mails, write });
  return mailed && { ids: mailed.ids, sent: mailed.written };
}

/** Queues the mails of one that is sendable; see {@link mailInvitation}. @throws Problem 404 when it is gone meanwhile */
export async function sendMails(place: Place, wanted: Wanted): Promise<Mailed> {
  const mailed = await queueMails(place, wanted, 'true');
  if (!mailed) throw new Problem(problems.notFound);
  return mailed;
}

/**
 * The same of one that was not looked at, if it is pending and gives nothing, and the caller may send any. Out: undefined
 * when that is not so, and nothing was written.
 */
export async function sendAtOnce(place: Place, wanted: Wanted): Promise<Mailed | undefined> {
  const { actor, mail } = place.ctx;
  if (!mail.configured || !maySendAny.every((permission) => actor?.can(permission) === true)) return undefined;
  return queueMails(place, wanted, PLAIN);
}
