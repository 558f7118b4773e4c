import { promptData } from '../../../core/flows/index.ts';
import type { CommitRequest, CommitStep } from '../../../core/flows/index.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { hex } from '../../../kernel/schema/uuid.ts';
import { invalidInvitation } from './errors.ts';
import { rebase } from './fixed-data.ts';
import * as invitations from './store.ts';

/** The name of the commit step that the stage leaves in the plan. */
export const REDEEM = 'invitation';

function followEdits({ plan, data }: CommitRequest, after: JsonObject): void {
  const { base, fixed_data: before } = data;
  if (!isJsonObject(base) || !isJsonObject(before)) throw new TypeError('The invitation left no data to compare with.');
  plan.set(promptData, rebase(plan.get(promptData) ?? {}, { base, before, after }));
}

/**
 * The commit (contract part 2, 1.3): in the transaction that writes the user, or at the flow's completion, the
 * invitation is checked again and, if it is for one use, used up. Of any number of people one gets through.
 */
export const redeem: CommitStep = {
  name: REDEEM,
  // Also when an account is only changed: else one link would give its data to any number of people who never finish.
  onEveryWrite: true,
  async commit(request) {
    const { ctx, tx, flow, session, data } = request;
    const { id } = data;
    if (typeof id !== 'string') throw invalidInvitation();
    const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
    const found = await invitations.consume(tx, { id, flow: flow.flow_uuid, survivesCreator });
    if (!found) throw invalidInvitation();
    followEdits(request, found.fixed_data);
    const use = await invitations.recordUse(tx, id, ctx.clientIp);
    await ctx.events.record(tx, {
      action: 'invitation_used',
      app: 'vestibule.stages.invitation',
      context: { invitation_uuid: hex(id) },
      user: session.user && { pk: session.user.id, username: session.user.username, email: session.user.email },
      clientIp: ctx.clientIp,
    });
    return async ({ userId }) => {
      if (use) await invitations.recordUser(tx, use, userId);
    };
  },
};
