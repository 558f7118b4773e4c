import { defineRead, pageType, paging, readPage, t } from '../../../../../kernel/own-api/index.ts';
import { person } from '../fields.ts';
import { networkOf } from '../network.ts';
import { listUses } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams } from '../subject.ts';

const use = t.object('InvitationUse', {
  id: t.uuid(),
  used: t.dateTime(),
  network: t.nullable(t.text({ maxLength: 50, description: 'From where: /24 of IPv4, /48 of IPv6.' })),
  user: t.nullable(person),
  username: t.nullable(t.text({ maxLength: 150, description: 'Of the account, also when it is gone.' })),
  email: t.nullable(t.text({ maxLength: 254, description: 'Of the account, also when it is gone.' })),
  joined: t.boolean({ description: 'Whether the account was there before.' }),
});

/** GET /invitations/{id}/uses: the latest first, also of one that has ended. */
export const listInvitationUses = defineRead({
  operationId: 'listInvitationUses',
  path: `${ONE}/uses`,
  tag: TAG,
  summary: 'List who used an invitation',
  access: accessToOwn(),
  params: oneParams,
  subject: invitation,
  query: paging,
  responses: { 200: pageType('InvitationUseList', use) },
  async handle(ctx, { object: { id }, query }) {
    const { items, next } = await readPage(
      ctx,
      { scope: `uses ${id}`, ...query },
      { find: (part) => listUses(ctx.db, { id, ...part }), place: (row) => [row.position, row.id] },
    );
    return {
      value: {
        items: items.map(({ client_ip: address, ...row }) => ({ ...row, network: networkOf(address) ?? null })),
        next,
      },
    };
  },
});
