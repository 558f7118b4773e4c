import { listLastDeliveries } from '../../../../../core/outbox/index.ts';
import type { LastDelivery } from '../../../../../core/outbox/index.ts';
import type { RequestContext } from '../../../../../kernel/context.ts';
import { Problem, defineChange, problems, t } from '../../../../../kernel/own-api/index.ts';
import { MAIL_CAUSE } from '../../mail-cause.ts';
import type { InvitationMail } from '../../mailing.ts';
import { originOf } from '../link.ts';
import { nobody } from '../problems.ts';
import {
  DEFAULT_TEMPLATE,
  checkSendable,
  namedTemplate,
  queued,
  sendMails,
  senders,
  sendingProblems,
} from '../sending.ts';
import { ONE, TAG, invitation, oneParams, represent } from '../subject.ts';

const resending = t.object('InvitationResending', {
  delivery: t.optional(t.uuid({ description: 'Only to the people of that one, whatever became of it.' })),
  to: t.optional(
    t.choice(['unreached', 'all'], {
      description: 'Without a delivery: to those whom the last mail did not reach, or to everybody it was sent to.',
    }),
    'unreached',
  ),
});

const UNREACHED: readonly string[] = ['failed', 'cancelled'];
const UNDER_WAY: readonly string[] = ['queued', 'deferred'];

/** A template that an operator removed since is replaced by ours. */
async function mailOf(ctx: RequestContext, { address, template, language }: LastDelivery): Promise<InvitationMail> {
  const known = await namedTemplate(ctx, template).catch(() => namedTemplate(ctx, DEFAULT_TEMPLATE));
  return { to: address, template: known, language };
}

/** POST /invitations/{id}/resend */
export const resendInvitation = defineChange({
  operationId: 'resendInvitation',
  method: 'POST',
  path: `${ONE}/resend`,
  tag: TAG,
  summary: 'Mail an invitation again',
  description:
    'Queues new mails, in the language and by the template of the last ones. Who has one under way gets no other.',
  access: senders,
  params: oneParams,
  subject: invitation,
  body: resending,
  responses: { 202: queued },
  problems: [...sendingProblems, nobody],
  async handle(ctx, { tx, object: row, body: { delivery, to }, request }) {
    await checkSendable({ ctx, db: tx }, row);
    const sent = await listLastDeliveries(tx, { cause: MAIL_CAUSE, object: row.id, message: delivery });
    if (delivery !== undefined && sent.length === 0) throw new Problem(problems.notFound);
    const chosen = sent.filter(({ state }) =>
      delivery === undefined && to === 'unreached' ? UNREACHED.includes(state) : !UNDER_WAY.includes(state),
    );
    if (chosen.length === 0) throw new Problem(nobody);
    const mails = await Promise.all(chosen.map((one) => mailOf(ctx, one)));
    const resent = await sendMails({ ctx, db: tx }, { id: row.id, base: originOf(ctx, request), mails });
    return {
      value: { queued: mails.length, deliveries: resent.ids },
      represents: represent(ctx, { ...row, sent: resent.sent }, request),
    };
  },
});
