import { endOtherSessions } from '../../../../core/sessions/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { defineTask } from '../../../../kernel/tasks/task.ts';
import { formatTimestamp } from '../../../../kernel/schema/datetime.ts';
import { tellInvitation } from '../events.ts';
import { canNotify, notify } from '../notice.ts';
import { endDue, takeReminders } from './store.ts';
import type { EndingAccount } from './store.ts';

const BATCH = 100;

/** Runs batches until one is not full. */
async function drain(ctx: Context, batch: (tx: Transaction) => Promise<EndingAccount[]>): Promise<number> {
  let all = 0;
  for (let done = BATCH; done === BATCH; all += done) done = (await ctx.db.transaction(batch)).length;
  return all;
}

/** Deactivates accounts when their time is over: their sessions end, and an event tells of it. */
export const endAccounts = defineTask({
  name: 'invitation.end-accounts',
  schedule: '* * * * *',
  async run(ctx) {
    const ended = await drain(ctx, async (tx) => {
      const accounts = await endDue(tx, BATCH);
      for (const { userId, username, invitation, expires } of accounts) {
        await endOtherSessions(tx, userId, undefined);
        const context = { account: { pk: userId, username }, expires };
        await tellInvitation({ ctx, tx }, 'account_expired', { id: invitation, context });
      }
      return accounts;
    });
    if (ended > 0) ctx.log.info('accounts came to their end', { ended });
  },
});

/** Mails the owners of accounts that end soon; of the shortest lives right after they begin. Nobody counts as told while nothing can be mailed. */
export const remindAccounts = defineTask({
  name: 'invitation.remind-accounts',
  schedule: '* * * * *',
  async run(ctx) {
    if (!canNotify(ctx)) return;
    await drain(ctx, async (tx) => {
      const accounts = await takeReminders(tx, BATCH);
      for (const { userId, username, name, email, locale, invitation, expires } of accounts) {
        const values = { user: { username, name }, expires: formatTimestamp(expires) };
        const about = { invitation, object: String(userId) };
        await notify(ctx, tx, { template: 'account_ending', to: email, locale, ...about, values });
      }
      return accounts;
    });
  },
});
