import { defineSingleChange, invalidFields, t } from '../../../../../kernel/own-api/index.ts';
import { originOf } from '../link.ts';
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
  async handle(ctx, { db, object: row, body, request }) {
    const people = [...new Set(body.recipients ?? row.recipients)];
    await checkSendable({ ctx, db }, row);
    if (people.length === 0) {
      throw invalidFields([{ pointer: '/recipients', code: 'required', detail: 'Say at least one.' }]);
    }
    const template = await namedTemplate(ctx, body.template);
    const { language } = body;
    const mails = people.map((to) => ({ to, template, ...(language === '' ? {} : { language }) }));
    const sent = await sendMails({ ctx, db }, { row, base: originOf(ctx, request), mails });
    return {
      value: { queued: people.length, deliveries: sent.ids },
      represents: represent(ctx, sent.row, request),
    };
  },
});
