import type { SignInBar } from '../../../../core/users/index.ts';
import { findHold } from './store.ts';

/** Tells somebody whose account waits, or was refused, why they cannot sign in. */
export const approvalBar: SignInBar = {
  name: 'invitation-approval',
  async why({ db }, userId) {
    const state = await findHold(db, userId);
    if (state === 'pending') return 'Your account waits for approval.';
    return state === 'rejected' ? 'Your account was not approved.' : undefined;
  },
};
