import { defineTask } from '../../../kernel/tasks/task.ts';
import * as invitations from './store.ts';

/** Removes expired invitations every five minutes; whether one may be used is never its matter (contract D3). */
export const purgeInvitations = defineTask({
  name: 'invitation.purge',
  schedule: '*/5 * * * *',
  async run({ db, log }) {
    const removed = await invitations.purge(db);
    if (removed > 0) log.info('expired invitations were removed', { removed });
  },
});
