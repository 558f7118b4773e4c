import { listDeliveriesPage } from '../../../../../core/outbox/index.ts';
import { cursorsOf, defineRead, t } from '../../../../../kernel/own-api/index.ts';
import { formatTimestamp } from '../../../../../kernel/schema/datetime.ts';
import { MAIL_CAUSES } from '../sending.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams } from '../subject.ts';
import { next, paging } from './list.ts';

const STATES = ['queued', 'sent', 'deferred', 'failed', 'cancelled'] as const;

const delivery = t.object('InvitationDelivery', {
  id: t.uuid({ description: 'Of the mail; those in copy of it have the same.' }),
  recipient: t.text({ maxLength: 254 }),
  header: t.choice(['to', 'cc', 'bcc']),
  state: t.choice(STATES),
  answer: t.text({ maxLength: 2000, description: 'What the mail server said last, or why nothing was sent.' }),
  tries: t.integer(),
  next_try: t.nullable(t.dateTime()),
  template: t.text({ maxLength: 100 }),
  language: t.text({ maxLength: 35 }),
  kind: t.text({ maxLength: 64, description: 'invitation, or what else was mailed about it.' }),
  created: t.dateTime(),
  changed: t.dateTime(),
});

/** GET /invitations/{id}/deliveries: the newest first, one item a person. */
export const listInvitationDeliveries = defineRead({
  operationId: 'listInvitationDeliveries',
  path: `${ONE}/deliveries`,
  tag: TAG,
  summary: 'List to whom an invitation was mailed, and what became of it',
  access: accessToOwn(),
  params: oneParams,
  subject: invitation,
  query: { ...paging, state: t.optional(t.choice(STATES)) },
  responses: { 200: t.object('InvitationDeliveryList', { items: t.list(delivery), next }) },
  async handle(ctx, { object: { id }, query: { limit, cursor, state } }) {
    const cursors = cursorsOf(ctx, `deliveries ${id} ${state ?? ''}`);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const chosen = { causes: MAIL_CAUSES, object: id, state, after, limit: limit + 1 };
    const rows = await listDeliveriesPage(ctx.db, chosen);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      value: {
        items: shown.map(({ message, address, due, cause, created, changed, ...row }) => ({
          ...row,
          id: message,
          recipient: address,
          next_try: due === null ? null : formatTimestamp(due),
          kind: cause,
          created: formatTimestamp(created),
          changed: formatTimestamp(changed),
        })),
        next: last ? cursors.write(last.place) : null,
      },
    };
  },
});
