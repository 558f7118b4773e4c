import { cursorsOf, defineRead, holdersOn, t } from '../../../../../kernel/own-api/index.ts';
import { orInviters } from '../../inviters/access.ts';
import { Invitation } from '../../resources/invitation.ts';
import { conditionsOf, criteria } from '../criteria.ts';
import { invitationType } from '../fields.ts';
import { listInvitations } from '../store.ts';
import { PATH, TAG, permissionTo, represent } from '../subject.ts';

/** The query parameters of every list. */
export const paging = {
  limit: t.optional(t.integer({ minimum: 1, maximum: 100, description: 'Items of a page.' }), 20),
  cursor: t.optional(t.text({ maxLength: 1000, description: 'What `next` of the page before said.' })),
};

/** What every list says of the page after. */
export const next = t.nullable(t.text({ maxLength: 1000, description: 'The cursor of the next page; null: no more.' }));

/** GET /invitations: the newest first, of those that the caller may view. */
export const listAll = defineRead({
  operationId: 'listInvitations',
  path: PATH,
  tag: TAG,
  summary: 'List invitations',
  access: orInviters(holdersOn(Invitation, { permissions: [permissionTo('view')] })),
  query: { ...criteria, ...paging },
  responses: { 200: t.object('InvitationList', { items: t.list(invitationType), next }) },
  async handle(ctx, { query, request }) {
    const { limit, cursor } = query;
    const { scope, ...chosen } = conditionsOf(ctx, query);
    const cursors = cursorsOf(ctx, scope);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const rows = await listInvitations(ctx.db, { ...chosen, after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      value: {
        items: shown.map((row) => represent(ctx, row, request)),
        next: last ? cursors.write([last.position, last.id]) : null,
      },
    };
  },
});
