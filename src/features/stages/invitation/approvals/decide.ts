import type { RequestContext } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { tellInvitation } from '../events.ts';
import * as store from './store.ts';
import type { ApprovalRow } from './store.ts';
import { tellOwner } from './tell.ts';

/** What somebody decides on an account; the reason is told to its owner. */
export type Verdict = { readonly state: 'approved' | 'rejected'; readonly reason: string };

/**
 * Decides on an account that waits: approved, it is active from then on, if nothing else keeps it out; rejected, it stays
 * as it is. Of any number of decisions one counts.
 * @returns false when somebody has decided
 */
export async function decide(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  row: ApprovalRow,
  { state, reason }: Verdict,
): Promise<boolean> {
  const { actor } = ctx;
  if (!(await store.decide(tx, { id: row.id, state, by: actor?.id ?? null, reason }))) return false;
  const activated = state === 'approved' && (await store.activate(tx, row.id));
  const { id: pk, username } = row.user;
  await tellInvitation({ ctx, tx }, state === 'approved' ? 'invitation_approved' : 'invitation_rejected', {
    id: row.invitation?.id ?? null,
    context: { account: { pk, username }, ...(state === 'approved' ? { activated } : {}) },
  });
  if (activated) await tellOwner(ctx, tx, { row, kind: 'approval_given', reason });
  if (state === 'rejected') await tellOwner(ctx, tx, { row, kind: 'approval_refused', reason });
  return true;
}
