import type { RequestContext } from '../../../../kernel/context.ts';
import { hex } from '../../../../kernel/schema/uuid.ts';
import { withinLimit } from '../limits.ts';
import { noteRequest } from './store.ts';
import type { PageInvitation } from './store.ts';

const ASKING = { name: 'invitation-ask', calls: 10, seconds: 600 };

/**
 * Tells the inviter that somebody wants a new invitation: at most once a day of one invitation, and only so often from
 * one network. Who asks is told nothing of that.
 */
export async function askForNew(ctx: RequestContext, { id, created_by, inviter }: PageInvitation): Promise<void> {
  if (!(await withinLimit(ctx, ASKING))) return;
  await ctx.db.transaction(async (tx) => {
    if (!(await noteRequest(tx, id))) return;
    await ctx.events.record(tx, {
      action: 'invitation_requested',
      app: 'vestibule.stages.invitation',
      context: { invitation_uuid: hex(id), inviter: { pk: created_by, name: inviter } },
      clientIp: ctx.clientIp,
    });
  });
}
