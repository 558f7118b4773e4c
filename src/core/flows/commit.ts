import type { Transaction } from '../../kernel/db/types.ts';
import type { PlanDraft } from './plan.ts';
import type { Run } from './run.ts';
import { commitStep } from './stage.ts';

type Scope = {
  readonly tx: Transaction;
  /** Whether a user is created, or the flow completes. */ readonly creates: boolean;
  /** Whether a user is written. */ readonly writes: boolean;
};

type Created = (created: { userId: number }) => Promise<void>;

/**
 * Runs the plan's commit steps in the caller's transaction, once a plan. A step that nobody registered fails the
 * commit: what cannot be checked does not hold.
 */
export async function runCommits(run: Run, plan: PlanDraft, { tx, creates, writes }: Scope): Promise<Created> {
  const { ctx, flow } = run.request;
  const followUps: Created[] = [];
  for (const commit of plan.commits) {
    const { name, data } = commit;
    const found = ctx.registry.find(commitStep, name);
    if (!found) throw new Error(`No feature brings the commit step ${name}.`);
    if (!creates && !found.onEveryWrite) continue;
    plan.dropCommit(commit);
    const request = { ctx, tx, flow, plan, session: run.session, data, writes, createsUser: writes && creates };
    const followUp = await found.commit(request);
    if (followUp) followUps.push(followUp);
  }
  return async (created) => {
    for (const followUp of followUps) await followUp(created);
  };
}
