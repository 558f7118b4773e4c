import { cursorsOf, defineRead, t } from '../../../../../kernel/own-api/index.ts';
import { next, paging } from '../../v1/operations/list.ts';
import { approvers, eyesOf } from '../permission.ts';
import { STATES, listApprovals } from '../store.ts';
import { PATH, TAG, approvalType } from '../subject.ts';

/** GET /approvals: the newest first, of those that the caller may decide. */
export const listAll = defineRead({
  operationId: 'listApprovals',
  path: PATH,
  tag: TAG,
  summary: 'List accounts that wait for approval, or did',
  access: approvers,
  query: { state: t.optional(t.list(t.choice(STATES), { description: 'One or more states.' })), ...paging },
  responses: { 200: t.object('ApprovalList', { items: t.list(approvalType), next }) },
  async handle(ctx, { query: { state: states, limit, cursor } }) {
    const cursors = cursorsOf(ctx, JSON.stringify(['approvals', states]));
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const rows = await listApprovals(ctx.db, eyesOf(ctx), { states, after, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { value: { items, next: last ? cursors.write([last.position, last.id]) : null } };
  },
});
