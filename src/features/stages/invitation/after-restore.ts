import type { AfterRestore } from '../../../kernel/backup/points.ts';
import { closeOpen } from './store.ts';

/**
 * A backup does not know which invitations were used after it was made, and a used one must not work again (R10): the
 * open ones with a limit of uses are closed, unless the operator says that none was used.
 */
export const closeInvitations: AfterRestore = {
  name: 'invitations',
  async run({ tx, keepInvitations }) {
    if (keepInvitations) return undefined;
    const closed = await closeOpen(tx);
    if (closed === 0) return undefined;
    return `${closed} open invitations with a limit of uses were closed: they may have been used since the backup. Send new ones.`;
  },
};
