import type { MailCause } from '../../../core/outbox/index.ts';
import { tellInvitation } from './events.ts';
import { whyUseless } from './store.ts';

export const MAIL_CAUSE = 'invitation';

/** Nothing is mailed of an invitation that has been used, withdrawn or has expired since (R09). */
export const invitationMail: MailCause = {
  name: MAIL_CAUSE,
  unwanted: ({ ctx, tx, object }) => whyUseless(tx, object ?? '', ctx.config.invitationsSurviveInactiveCreator),
  async settled({ ctx, tx, object, message }, { state, to, answer }) {
    if (object === undefined) return;
    const action = state === 'sent' ? 'invitation_sent' : 'invitation_delivery_failed';
    const context = { message, to, ...(state === 'sent' ? {} : { reason: answer }) };
    await tellInvitation({ ctx, tx }, action, { id: object, context });
  },
};
