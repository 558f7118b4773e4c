import type { StageRequest } from '../../../core/flows/index.ts';
import { eventUser } from '../../../kernel/events/event-user.ts';

/** Writes that somebody could not be identified. What was typed is not kept: people type passwords there. */
export async function recordLoginFailed(request: StageRequest<unknown>): Promise<void> {
  const { ctx, stage, session } = request;
  await ctx.db.transaction((tx) =>
    ctx.events.record(tx, {
      action: 'login_failed',
      app: 'vestibule.stages.identification',
      context: { stage: { pk: stage.pk, name: stage.name } },
      user: session.user && eventUser(session.user),
      clientIp: ctx.clientIp,
    }),
  );
}
