import { take } from '../../../../core/limits/index.ts';
import type { Limit } from '../../../../core/limits/index.ts';
import { findUser } from '../../../../core/users/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import { networkOf } from '../../../../kernel/http/network.ts';
import { tellInvitation } from '../events.ts';
import { notify } from '../notice.ts';
import { noteRequest } from './store.ts';
import type { PageInvitation } from './store.ts';

const asking = ({ clientIp }: RequestContext): Limit => ({
  kind: 'invitation.ask',
  key: networkOf(clientIp),
  points: 10,
  seconds: 600,
});

/**
 * Tells the inviter that somebody wants a new invitation: at most once a day of one invitation, and only so often from
 * one network. Who asks is told nothing of that.
 */
export async function askForNew(ctx: RequestContext, { id, name, created_by, inviter }: PageInvitation): Promise<void> {
  const { allowed } = await take(ctx, asking(ctx));
  if (!allowed) return;
  await ctx.db.transaction(async (tx) => {
    if (!(await noteRequest(tx, id))) return;
    const context = { inviter: { pk: created_by, name: inviter } };
    await tellInvitation({ ctx, tx }, 'invitation_requested', { id, context });
    const user = await findUser(tx, created_by);
    if (!user?.isActive) return;
    const { email: to, locale } = user;
    const values = { invitation: name };
    await notify(ctx, tx, { template: 'invitation_requested', to, locale, invitation: id, object: id, values });
  });
}
