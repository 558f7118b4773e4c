import type { MailCause } from '../../../core/outbox/index.ts';
import { whyUseless } from './store.ts';

export const MAIL_CAUSE = 'invitation';

/** Nothing is mailed of an invitation that has been used, withdrawn or has expired since (R09). */
export const invitationMail: MailCause = {
  name: MAIL_CAUSE,
  unwanted: ({ ctx, tx, object }) => whyUseless(tx, object ?? '', ctx.config.invitationsSurviveInactiveCreator),
};
