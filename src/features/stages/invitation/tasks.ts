import type { Context } from '../../../kernel/context.ts';
import { defineTask } from '../../../kernel/tasks/task.ts';
import { tellInvitation } from './events.ts';
import * as invitations from './store.ts';

const BATCH = 200;

/** Marks what has expired, and tells of each. Out: how many. */
async function expire(ctx: Context): Promise<number> {
  let all = 0;
  for (let done = BATCH; done === BATCH; all += done) {
    done = await ctx.db.transaction(async (tx) => {
      const expired = await invitations.markExpired(tx, BATCH);
      for (const id of expired) await tellInvitation({ ctx, tx }, 'invitation_expired', { id });
      return expired.length;
    });
  }
  return all;
}

/**
 * Marks expired invitations every five minutes, and removes those that ended long ago; whether one may be used is never
 * its matter (contract D3).
 */
export const purgeInvitations = defineTask({
  name: 'invitation.purge',
  schedule: '*/5 * * * *',
  async run(ctx) {
    const { db, log, config } = ctx;
    const expired = await expire(ctx);
    if (expired > 0) log.info('invitations expired', { expired });
    const removed = await invitations.purge(db, config.invitationRetention);
    if (removed > 0) log.info('invitations that ended were removed', { removed });
  },
});
