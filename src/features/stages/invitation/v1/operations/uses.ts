import { cursorsOf, defineRead, t } from '../../../../../kernel/own-api/index.ts';
import { networkOf } from '../network.ts';
import { listUses } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams } from '../subject.ts';
import { next, paging } from './list.ts';

const use = t.object('InvitationUse', {
  id: t.uuid(),
  used: t.dateTime(),
  network: t.nullable(t.text({ maxLength: 50, description: 'From where: /24 of IPv4, /48 of IPv6.' })),
  user: t.nullable(
    t.object('Person', {
      id: t.integer({ description: 'As in /api/v3/core/users/.' }),
      username: t.text({ maxLength: 150 }),
    }),
  ),
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
  responses: { 200: t.object('InvitationUseList', { items: t.list(use), next }) },
  async handle(ctx, { object: { id }, query: { limit, cursor } }) {
    const cursors = cursorsOf(ctx, `uses ${id}`);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const rows = await listUses(ctx.db, { id, after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      value: {
        items: shown.map(({ client_ip: address, ...row }) => ({ ...row, network: networkOf(address) ?? null })),
        next: last ? cursors.write([last.position, last.id]) : null,
      },
    };
  },
});
