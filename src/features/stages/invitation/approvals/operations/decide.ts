import { Problem, defineChange, t } from '../../../../../kernel/own-api/index.ts';
import { decide } from '../decide.ts';
import { approvers, eyesOf } from '../permission.ts';
import { findApproval } from '../store.ts';
import type { ApprovalRow } from '../store.ts';
import { ONE, TAG, approval, approvalType, decidedAlready, oneParams } from '../subject.ts';

const body = t.object('Decision', {
  reason: t.optional(t.text({ maxLength: 500, description: 'Kept, and told to the person.' }), ''),
});

const about = { method: 'POST', tag: TAG, access: approvers, params: oneParams, body } as const;

function deciding(
  state: 'approved' | 'rejected',
  words: { operationId: string; path: string; summary: string; description: string },
) {
  return defineChange({
    ...about,
    ...words,
    subject: approval,
    responses: { 200: approvalType },
    problems: [decidedAlready],
    async handle(ctx, { tx, object, body: { reason } }) {
      if (!(await decide({ ctx, tx }, object, { state, reason }))) throw new Problem(decidedAlready);
      const after: ApprovalRow | undefined = await findApproval(tx, object.id, eyesOf(ctx));
      return { value: after, represents: after };
    },
  });
}

/** POST /approvals/{id}/approve */
export const approveAccount = deciding('approved', {
  operationId: 'approveAccount',
  path: `${ONE}/approve`,
  summary: 'Approve an account',
  description:
    'Activates it, if it is inactive because of this and its time is not over, and tells the person. One decision counts.',
});

/** POST /approvals/{id}/reject */
export const rejectAccount = deciding('rejected', {
  operationId: 'rejectAccount',
  path: `${ONE}/reject`,
  summary: 'Reject an account',
  description:
    'Leaves it inactive, and tells the person. The use of the invitation stays counted, the account stays to be deleted.',
});
