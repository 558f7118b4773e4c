import { defineTask } from '../../../kernel/tasks/task.ts';
import * as invitations from './store.ts';

/**
 * Marks expired invitations every five minutes, and removes those that ended long ago; whether one may be used is never
 * its matter (contract D3).
 */
export const purgeInvitations = defineTask({
  name: 'invitation.purge',
  schedule: '*/5 * * * *',
  async run({ db, log, config }) {
    const expired = await invitations.markExpired(db);
    if (expired.length > 0) log.info('invitations expired', { expired: expired.length });
    const removed = await invitations.purge(db, config.invitationRetention);
    if (removed > 0) log.info('invitations that ended were removed', { removed });
  },
});
