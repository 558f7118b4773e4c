import { defineRead, pageType, paging, readPage, t } from '../../../../../kernel/own-api/index.ts';
import { approvers, eyesOf } from '../permission.ts';
import { STATES, listApprovals } from '../store.ts';
import { PATH, TAG, approvalType } from '../subject.ts';

/** GET /approvals: the newest first, of those that the caller may decide. */
export const listAllApprovals = defineRead({
  operationId: 'listApprovals',
  path: PATH,
  tag: TAG,
  summary: 'List accounts that wait for approval, or did',
  access: approvers,
  query: { state: t.optional(t.list(t.choice(STATES), { description: 'One or more states.' })), ...paging },
  responses: { 200: pageType('ApprovalList', approvalType) },
  async handle(ctx, { query }) {
    const { state: states } = query;
    const page = await readPage(
      ctx,
      { scope: JSON.stringify(['approvals', states]), ...query },
      {
        find: (part) => listApprovals(ctx.db, eyesOf(ctx), { states, ...part }),
        place: ({ position, id }) => [position, id],
      },
    );
    return { value: page };
  },
});
