import { listEventsAbout } from '../../../../../core/audit/index.ts';
import { cursorsOf, defineRead, t } from '../../../../../kernel/own-api/index.ts';
import { hex } from '../../../../../kernel/schema/uuid.ts';
import { networkOf } from '../network.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams } from '../subject.ts';
import { next, paging } from './list.ts';

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
  responses: { 200: t.object('InvitationEventList', { items: t.list(event), next }) },
  async handle(ctx, { object: { id }, query: { limit, cursor } }) {
    const cursors = cursorsOf(ctx, `events ${id}`);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const about = {
      model: { app: 'authentik_stages_invitation', name: 'invitation', pk: hex(id) },
      mention: { key: 'invitation_uuid', value: hex(id) },
    };
    const rows = await listEventsAbout(ctx.db, about, { after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      value: {
        items: shown.map(({ own_action: own, client_ip: address, ...row }) => ({
          ...row,
          action: row.action === 'custom_' && own !== null ? own : row.action,
          network: networkOf(address) ?? null,
        })),
        next: last ? cursors.write([last.position, last.id]) : null,
      },
    };
  },
});
