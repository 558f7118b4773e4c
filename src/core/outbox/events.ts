import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { mailCause } from './cause.ts';
import type { Change, Claimed } from './store.ts';

export const APP = 'vestibule.core.outbox';

/** Writes that a message was sent, or given up: to whom and about what, never what it says. */
export async function recordOutcome(
  ctx: Context,
  tx: Transaction,
  { message, changes }: { readonly message: Claimed; readonly changes: readonly Change[] },
): Promise<void> {
  for (const [action, state] of [
    ['email_sent', 'sent'],
    ['email_failed', 'failed'],
  ] as const) {
    const reached = changes.filter((change) => change.state === state);
    if (reached.length === 0) continue;
    const to = message.recipients
      .filter(({ position }) => reached.some((change) => change.position === position))
      .map(({ address }) => address);
    const answer = reached[0]?.answer ?? '';
    await ctx.events.record(tx, {
      action,
      app: APP,
      context: {
        message: message.id,
        cause: message.cause,
        object: message.object,
        template: message.template,
        to,
        tries: message.tries,
        ...(state === 'failed' ? { reason: answer } : {}),
      },
    });
    const leaving = { ctx, tx, object: message.object ?? undefined, message: message.id, mark: message.mark };
    await ctx.registry.find(mailCause, message.cause)?.settled?.(leaving, { state, to, answer });
  }
}
