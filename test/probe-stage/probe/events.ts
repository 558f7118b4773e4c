import type { StageRequest } from '../../../src/core/flows/index.ts';
import type { Transaction } from '../../../src/kernel/db/types.ts';

/** Writes that a question was answered, in the transaction of the answer. */
export async function recordAnswered(tx: Transaction, { ctx, stage }: StageRequest<unknown>): Promise<void> {
  await ctx.events.record(tx, {
    action: 'probe_answered',
    app: 'vestibule.stages.probe',
    context: { stage: { pk: stage.pk, name: stage.name } },
    clientIp: ctx.clientIp,
  });
}
