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
