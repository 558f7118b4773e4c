import { listEventsAbout } from '../../../../../core/audit/index.ts';
import { defineRead, pageType, paging, readPage, t } from '../../../../../kernel/own-api/index.ts';
import { hex } from '../../../../../kernel/schema/uuid.ts';
import { networkOf } from '../network.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams } from '../subject.ts';

const event = t.object('InvitationEvent', {
  id: t.uuid({ description: 'As in /api/v3/events/events/.' }),
  action: t.text({ maxLength: 64, description: 'What happened, such as model_created or invitation_used.' }),
  created: t.dateTime(),
  username: t.nullable(t.text({ maxLength: 150, description: 'Who did it; null: somebody unknown, or the server.' })),
  network: t.nullable(t.text({ maxLength: 50, description: 'From where: /24 of IPv4, /48 of IPv6.' })),
});

/** GET /invitations/{id}/events: what the audit log tells of it, the latest first. */
export const listInvitationEvents = defineRead({
  operationId: 'listInvitationEvents',
  path: `${ONE}/events`,
  tag: TAG,
  summary: 'List what happened to an invitation',
  description: 'What the audit log still holds of it; the whole of an event is in /api/v3/events/events/.',
  access: accessToOwn(),
  params: oneParams,
  subject: invitation,
  query: paging,
  responses: { 200: pageType('InvitationEventList', event) },
  async handle(ctx, { object: { id }, query }) {
    const about = {
      model: { app: 'authentik_stages_invitation', name: 'invitation', pk: hex(id) },
      mention: { key: 'invitation_uuid', value: hex(id) },
    };
    const { items, next } = await readPage(
      ctx,
      { scope: `events ${id}`, ...query },
      { find: (part) => listEventsAbout(ctx.db, about, part), place: (row) => [row.position, row.id] },
    );
    return {
      value: {
        items: items.map(({ own_action: own, client_ip: address, ...row }) => ({
          ...row,
          action: row.action === 'custom_' && own !== null ? own : row.action,
          network: networkOf(address) ?? null,
        })),
        next,
      },
    };
  },
});
