import type { SignInBar } from '../../../../core/users/index.ts';
import { isEnded } from './store.ts';

/** Tells somebody whose account came to its end why they cannot sign in; nor does a mailed link open it again. */
export const endedBar: SignInBar = {
  name: 'invitation-account-ended',
  why: async ({ db }, userId) => ((await isEnded(db, userId)) ? 'Your account has ended.' : undefined),
};
