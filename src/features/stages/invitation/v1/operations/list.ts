import { defineRead, holdersOn, pageType, paging, readPage } from '../../../../../kernel/own-api/index.ts';
import { orInviters } from '../../inviters/access.ts';
import { Invitation } from '../../resources/invitation.ts';
import { conditionsOf, criteria } from '../criteria.ts';
import { invitationType } from '../fields.ts';
import { listInvitations } from '../store.ts';
import { PATH, TAG, permissionTo, represent } from '../subject.ts';

/** GET /invitations: the newest first, of those that the caller may view. */
export const listAll = defineRead({
  operationId: 'listInvitations',
  path: PATH,
  tag: TAG,
  summary: 'List invitations',
  access: orInviters(holdersOn(Invitation, { permissions: [permissionTo('view')] })),
  query: { ...criteria, ...paging },
  responses: { 200: pageType('InvitationList', invitationType) },
  async handle(ctx, { query, request }) {
    const { scope, ...chosen } = conditionsOf(ctx, query);
    const { items, next } = await readPage(
      ctx,
      { scope, ...query },
      {
        find: (part) => listInvitations(ctx.db, { ...chosen, ...part }),
        place: ({ position, id }) => [position, id],
      },
    );
    return { value: { items: items.map((row) => represent(ctx, row, request)), next } };
  },
});
