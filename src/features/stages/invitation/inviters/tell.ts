import type { RequestContext } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { APP } from '../events.ts';
import { hex } from '../../../../kernel/schema/uuid.ts';
import { eventUser } from '../../../../kernel/events/event-user.ts';

export const ACTION = 'inviter_limits_changed';

/** Writes that somebody changed what the holders of a role may invite. */
export async function tellLimits(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  { role, verb }: { readonly role: string; readonly verb: 'set' | 'deleted' },
): Promise<void> {
  const { actor } = ctx;
  await ctx.events.record(tx, {
    app: APP,
    action: ACTION,
    user: actor && eventUser(actor),
    context: { role_uuid: hex(role), verb },
  });
}
