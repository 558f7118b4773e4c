import type { MailTemplate } from '../../../../core/outbox/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { Problem, holdersOn, invalidFields, t } from '../../../../kernel/own-api/index.ts';
import { findInvitationTemplate, mailInvitation } from '../mailing.ts';
import type { InvitationMail } from '../mailing.ts';
import { orOwners } from '../inviters/access.ts';
import { Invitation } from '../resources/invitation.ts';
import { findSecretHash } from '../store.ts';
import { noFlow, noMail, noPublicUrl, notPending, revoked } from './problems.ts';
import type { InvitationRow } from './store.ts';
import { accessTo, permissionTo } from './subject.ts';
import { checkMailed } from './write.ts';

export const DEFAULT_TEMPLATE = 'invitation';

/** Who may view an invitation and make some: seeing one is not the right to mail in this installation's name (T21). */
export const senders = orOwners(
  holdersOn(Invitation, { permissions: [permissionTo('view'), permissionTo('add')], parameter: 'id' }),
  accessTo(),
);

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
  readonly row: InvitationRow;
  readonly base: string | undefined;
  readonly mails: readonly InvitationMail[];
};

/** Queues the mails of one that is sendable; see {@link mailInvitation}. Out: the messages' ids, and the row as it is now. */
export async function sendMails(
  { ctx, db }: Place,
  { row, base, mails }: Wanted,
): Promise<{ readonly ids: readonly string[]; readonly row: InvitationRow }> {
  if (base === undefined) throw new Problem(noPublicUrl);
  const { id, link_slug: slug, expires, message, message_format, language, on_behalf_of } = row;
  const hash = row.secret_link ? await findSecretHash(db, id) : null;
  const says = { message, message_format, language, on_behalf_of, inviter: row.inviter ?? '' };
  const invitation = { id, slug: slug ?? '', expires, secret_hash: hash, ...says };
  const { ids, sent } = await mailInvitation(ctx, db, { invitation, base, userId: ctx.actor?.id, mails });
  return { ids, row: { ...row, sent } };
}
