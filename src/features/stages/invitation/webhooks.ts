import { webhookEvent } from '../../../core/webhooks/index.ts';
import type { WebhookEvent } from '../../../core/webhooks/index.ts';
import type { Contribution } from '../../../kernel/feature.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import { parseUuid } from '../../../kernel/schema/uuid.ts';
import type { InvitationEvent } from './events.ts';
import { findAccount, summarise } from './store.ts';

const MODEL = 'authentik_stages_invitation.invitation';

/** By type: in words, and what the audit log writes of it where that is not the type itself. */
const TYPES: readonly { type: string; description: string; sources?: readonly string[] }[] = [
  { type: 'invitation_created', description: 'One was made.', sources: [`model_created ${MODEL}`] },
  { type: 'invitation_changed', description: 'One was changed.', sources: [`model_updated ${MODEL}`] },
  ...(
    [
      ['invitation_sent', 'A mail server took the mail to somebody.'],
      ['invitation_delivery_failed', 'A mail could not be delivered, and will not be.'],
      ['invitation_opened', 'The button of its first page was pressed, for the first time that day.'],
      ['invitation_used', 'Somebody made an account with it.'],
      ['invitation_joined', 'Somebody used it with the account they had.'],
      ['invitation_expired', 'Its time is over; told within some minutes.'],
      ['invitation_extended', 'It got more time, or more uses.'],
      ['invitation_secrets_changed', 'It got a new code or link.'],
      ['invitation_requested', 'Somebody with a link that works no more asks for a new one.'],
      ['invitation_reminder_sent', 'People were reminded of it.'],
      ['invitation_approval_requested', 'An account made with it waits for approval.'],
      ['invitation_approved', 'Such an account was approved.'],
      ['invitation_rejected', 'Such an account was rejected.'],
    ] satisfies readonly (readonly [InvitationEvent, string])[]
  ).map(([type, description]) => ({ type, description })),
  {
    type: 'invitation_revoked',
    description: 'It was revoked, or deleted over /api/v3.',
    sources: ['invitation_revoked', `model_deleted ${MODEL}`],
  },
];

const about: WebhookEvent['about'] = async (db, { context, occurred }) => {
  const model = isJsonObject(context['model']) ? context['model']['pk'] : undefined;
  const named = context['invitation_uuid'] ?? model;
  const id = typeof named === 'string' ? parseUuid(named) : undefined;
  if (id === undefined) return undefined;
  // Its history may have been removed before a late delivery.
  const found = await summarise(db, id);
  const account = await findAccount(db, { invitation: id, used: occurred });
  return { type: 'invitation', id, ...(found ?? { state: 'removed' }), ...(account ? { account } : {}) };
};

/** What webhooks may ask for of invitations. */
export const invitationWebhooks: readonly Contribution[] = TYPES.map(({ type, description, sources = [type] }) =>
  webhookEvent({ type, description, sources, about }),
);
