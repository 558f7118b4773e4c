import { defineProblem } from '../../../../kernel/own-api/index.ts';

export const tooManyOpen = defineProblem({
  code: 'too_many_open',
  status: 409,
  title: 'Too many open invitations',
  about: 'You have as many open invitations as your role allows. Revoke one, or wait until one is used or expires.',
});

export const tooManyToday = defineProblem({
  code: 'too_many_today',
  status: 429,
  title: 'Too many invitations in a day',
  about:
    'You have made as many invitations within a day as your role allows. Retry-After says when the next is possible.',
});
