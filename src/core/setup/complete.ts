import { Denial, deleteFlowToken } from '../flows/index.ts';
import type { CommitStep } from '../flows/index.ts';
import { claimSetting } from '../settings/index.ts';

/** The commit step of the set-up's plan, and the stored fact that it is done (A07). */
export const SETUP = 'setup_done';

/**
 * Makes the set-up's link work once: of two set-ups at the same time one wins, and deleting the administrator later
 * does not open it again.
 */
export const completeSetup: CommitStep = {
  name: SETUP,
  onEveryWrite: true,
  async commit({ tx }) {
    if (!(await claimSetting(tx, SETUP, true))) throw new Denial('The set-up is done already.', { final: true });
    await deleteFlowToken(tx, 'initial-setup');
  },
};
