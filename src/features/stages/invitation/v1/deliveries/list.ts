import type { RequestContext } from '../../../../../kernel/context.ts';
import { defineRead, pageType, paging, readPage, t } from '../../../../../kernel/own-api/index.ts';
import { rolePolicy } from '../../../../../core/roles/index.ts';
import { formatTimestamp } from '../../../../../kernel/schema/datetime.ts';
import { MAIL_CAUSE } from '../../mail-cause.ts';
import { MAIL_KINDS } from '../../mail-log.ts';
import type { MailKind } from '../../mail-log.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, permissionTo } from '../subject.ts';
import { STATES, listDeliveries } from './store.ts';

const KINDS = ['invitation', ...MAIL_KINDS] as const;

const delivery = t.object('InvitationDelivery', {
  id: t.uuid({ description: 'Of the mail; those in copy of it have the same.' }),
  kind: t.choice(KINDS, { description: 'What the mail is for: invitation carries the link.' }),
  recipient: t.text({ maxLength: 254 }),
  header: t.choice(['to', 'cc', 'bcc']),
  state: t.choice(STATES),
  answer: t.text({ maxLength: 2000, description: 'What the mail server said last, or why nothing was sent.' }),
  tries: t.integer(),
  next_try: t.nullable(t.dateTime()),
  template: t.text({ maxLength: 100 }),
  language: t.text({ maxLength: 35 }),
  created: t.dateTime(),
  changed: t.dateTime(),
});

// Who may approve, and under which address, is no matter of people who invite within limits.
const OF_OTHERS: readonly MailKind[] = ['approval_asked'];

async function hiddenFrom({ db, actor }: RequestContext, id: string): Promise<readonly MailKind[]> {
  const may = await rolePolicy.mayGrant(db, actor, { permission: permissionTo('view'), objectPk: id });
  return may ? [] : OF_OTHERS;
}

/** GET /invitations/{id}/deliveries: the newest first, one item a person. */
export const listInvitationDeliveries = defineRead({
  operationId: 'listInvitationDeliveries',
  path: `${ONE}/deliveries`,
  tag: TAG,
  summary: 'List what was mailed of an invitation, and what became of it',
  description:
    'Besides the mails with its link: reminders, what inviter, approvers and owners of its accounts are told. Who sees it only as its inviter does not see those to approvers.',
  access: accessToOwn(),
  params: oneParams,
  subject: invitation,
  query: { ...paging, state: t.optional(t.choice(STATES)), kind: t.optional(t.choice(KINDS)) },
  responses: { 200: pageType('InvitationDeliveryList', delivery) },
  async handle(ctx, { object: { id }, query }) {
    const { state, kind } = query;
    const hidden = await hiddenFrom(ctx, id);
    const { items, next } = await readPage(
      ctx,
      { scope: `deliveries ${id} ${state ?? ''} ${kind ?? ''}`, ...query },
      {
        find: (part) => listDeliveries(ctx.db, { invitation: id, cause: MAIL_CAUSE, state, kind, hidden, ...part }),
        place: (row) => row.place,
      },
    );
    return {
      value: {
        items: items.map(({ next_try: due, created, changed, ...row }) => ({
          ...row,
          next_try: due === null ? null : formatTimestamp(due),
          created: formatTimestamp(created),
          changed: formatTimestamp(changed),
        })),
        next,
      },
    };
  },
});
