import type { StageRequest } from '../../../core/flows/index.ts';
import { eventUser } from '../../../kernel/events/event-user.ts';

/** Writes that a password was wrong. Neither it nor what an unknown person typed as a name is kept. */
export async function recordLoginFailed(request: StageRequest<unknown>, username: string | undefined): Promise<void> {
  const { ctx, stage, session } = request;
  await ctx.db.transaction((tx) =>
    ctx.events.record(tx, {
      action: 'login_failed',
      app: 'vestibule.stages.password',
      context: { stage: { pk: stage.pk, name: stage.name }, ...(username === undefined ? {} : { username }) },
      user: session.user && eventUser(session.user),
      clientIp: ctx.clientIp,
    }),
  );
}
