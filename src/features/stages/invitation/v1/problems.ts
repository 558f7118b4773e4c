import { defineProblem } from '../../../../kernel/own-api/index.ts';

/** What may go wrong with invitations. */
export const revoked = defineProblem({
  code: 'invitation_revoked',
  status: 409,
  title: 'Invitation revoked',
  about: 'A revoked invitation stays revoked, and nothing of it can be changed. Make a new one.',
});

export const noLink = defineProblem({
  code: 'no_link',
  status: 409,
  title: 'No link',
  about:
    'There is no link to show: link_reason of the invitation says why. A secret link is shown once, when it is made.',
});

export const notPending = defineProblem({
  code: 'invitation_not_pending',
  status: 409,
  title: 'Invitation not pending',
  about: 'It has expired or is used up, so nothing is sent of it. Extend it first.',
});

export const noFlow = defineProblem({
  code: 'no_flow',
  status: 409,
  title: 'No flow',
  about: 'The invitation leads nowhere: it names no flow, and there is no enrollment flow that takes invitations.',
});

export const noMail = defineProblem({
  code: 'mail_not_configured',
  status: 409,
  title: 'Mail is not configured',
  about: 'No mail server is configured (VESTIBULE_SMTP_URL), so nothing can be sent. Copy the link instead.',
});

export const noPublicUrl = defineProblem({
  code: 'no_public_url',
  status: 409,
  title: 'No public URL',
  about: 'VESTIBULE_PUBLIC_URL is not set, so no link can be made.',
});

export const nobody = defineProblem({
  code: 'nobody_to_send_to',
  status: 409,
  title: 'Nobody to send to',
  about: 'Nothing was sent that did not arrive, or it is still under way. Say to: all, or name a delivery.',
});
