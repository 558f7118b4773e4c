import { Denial, deleteFlowToken } from '../flows/index.ts';
import type { CommitStep } from '../flows/index.ts';
import { claimSetting } from '../settings/index.ts';

/** The flow, and the identifier of the token of its link. */
export const FLOW = 'initial-setup';
/** The commit step of the set-up's plan, and the stored fact that it is done (A07). */
export const SETUP = 'setup_done';
/** The page says it in the visitor's language, and where to sign in. */
export const DONE = 'The set-up is done already.';

/**
 * Makes the set-up's link work once: of two set-ups at the same time one wins, and deleting the administrator later
 * does not open it again.
 */
export const completeSetup: CommitStep = {
  name: SETUP,
  onEveryWrite: true,
  async commit({ tx }) {
    // By which link, so that its owner can be told when they open it again.
    const by = await deleteFlowToken(tx, FLOW);
    if (!(await claimSetting(tx, SETUP, by ?? true))) throw new Denial(DONE, { final: true });
  },
};
