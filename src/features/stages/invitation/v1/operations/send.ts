import { defineSingleChange, invalidFields, t } from '../../../../../kernel/own-api/index.ts';
import type { InvitationMail } from '../../mailing.ts';
import { originOf } from '../link.ts';
import {
  DEFAULT_TEMPLATE,
  checkSendable,
  namedTemplate,
  queued,
  sendAtOnce,
  sendMails,
  senders,
  sendingProblems,
} from '../sending.ts';
import { ONE, TAG, invitation, oneParams, represent } from '../subject.ts';

const MAX_RECIPIENTS = 50;

const mailing = t.object('InvitationMailing', {
  recipients: t.optional(
    t.list(t.email(), { maxItems: MAX_RECIPIENTS, description: 'To whom; without them to those that it names.' }),
  ),
  template: t.optional(t.text({ maxLength: 100, description: 'The name of a mail template.' }), DEFAULT_TEMPLATE),
  language: t.optional(
    t.text({
      maxLength: 35,
      pattern: /^(?:[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)?$/,
      allowed: 'a language tag such as de',
      description: 'Of the mail; empty: that of the invitation.',
    }),
    '',
  ),
});

type Looks = Pick<InvitationMail, 'template' | 'language'>;

/** A mail for each person. */
function mailsTo(people: readonly string[], { template, language = '' }: Looks): InvitationMail[] {
  return [...new Set(people)].map((to) => ({ to, template, ...(language === '' ? {} : { language }) }));
}

const answerOf = (ids: readonly string[]): object => ({ queued: ids.length, deliveries: ids });

/** POST /invitations/{id}/send */
export const sendInvitation = defineSingleChange({
  operationId: 'sendInvitation',
  method: 'POST',
  path: `${ONE}/send`,
  tag: TAG,
  summary: 'Mail an invitation',
  description:
    'Queues one mail for each person, with a link that works, also of one with a secret link. Each counts against the daily budget of the caller (429).',
  access: senders,
  params: oneParams,
  subject: invitation,
  body: mailing,
  responses: { 202: queued },
  problems: sendingProblems,
  async atOnce(ctx, { db, params, body, request }) {
    const { recipients: people = [], template } = body;
    if (people.length === 0) return undefined;
    const mails = mailsTo(people, { ...body, template: await namedTemplate(ctx, template) });
    const sent = await sendAtOnce({ ctx, db }, { id: params['id'] ?? '', base: originOf(ctx, request), mails });
    return sent && { value: answerOf(sent.ids) };
  },
  async handle(ctx, { db, object: row, body, request }) {
    const people = body.recipients ?? row.recipients;
    await checkSendable({ ctx, db }, row);
    if (people.length === 0) {
      throw invalidFields([{ pointer: '/recipients', code: 'required', detail: 'Say at least one.' }]);
    }
    const mails = mailsTo(people, { ...body, template: await namedTemplate(ctx, body.template) });
    const { ids, sent } = await sendMails({ ctx, db }, { id: row.id, base: originOf(ctx, request), mails });
    // Who works with ETags gets the next one; to read all of the invitation for it costs more than the sending.
    const isAsked = request.headers['if-match'] !== undefined;
    return { value: answerOf(ids), ...(isAsked ? { represents: represent(ctx, { ...row, sent }, request) } : {}) };
  },
});
