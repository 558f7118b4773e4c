import { queueMail } from '../../../core/outbox/index.ts';
import type { NewMail } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { noteMails } from './store.ts';

/** What is mailed of an invitation besides its link; the names of the templates. */
export const MAIL_KINDS = [
  'invitation_reminder',
  'invitation_requested',
  'approval_asked',
  'approval_given',
  'approval_refused',
  'account_ending',
] as const;

export type MailKind = (typeof MAIL_KINDS)[number];

type Related = {
  /** Whose deliveries they are among; null: that is gone. */
  readonly invitation: string | null;
  readonly kind: MailKind;
  readonly mails: readonly NewMail[];
};

/** Queues mails that have to do with an invitation, so that its deliveries list them. */
export async function queueMailOf(
  { ctx, tx }: { readonly ctx: Context; readonly tx: Transaction },
  { invitation, kind, mails }: Related,
): Promise<void> {
  const messages = await queueMail(ctx, tx, mails);
  if (invitation !== null && messages.length > 0) await noteMails(tx, { invitation, kind, messages });
}
