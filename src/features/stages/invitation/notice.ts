import { ownOrigin } from '../../../core/flows/index.ts';
import { findTemplate } from '../../../core/outbox/index.ts';
import type { MailCause } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { parseEmail } from '../../../kernel/schema/email.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { queueMailOf } from './mail-log.ts';

/** What the people of this installation are told of invitations and the accounts they made. */
export const noticeMail: MailCause = { name: 'invitation.notice' };

/** Whether notices can be mailed: a server is configured, and there is an address of ours that they speak of (T20). */
export const canNotify = ({ mail, config }: Context): boolean => mail.configured && ownOrigin(config) !== undefined;

export type Notice = {
  readonly template: 'invitation_requested' | 'account_ending';
  /** The address of an account. */
  readonly to: string;
  /** The account's locale; empty for none. */
  readonly locale: string;
  /** Whose deliveries it is among; null: that is gone. */
  readonly invitation: string | null;
  readonly object: string;
  readonly values: JsonObject;
};

/** Queues a mail to somebody who has an account, in the transaction of what it tells. Without a way to mail, nothing. */
export async function notify(ctx: Context, tx: Transaction, notice: Notice): Promise<void> {
  const base = ownOrigin(ctx.config);
  const to = parseEmail(notice.to);
  const template = await findTemplate(ctx, notice.template);
  if (!canNotify(ctx) || base === undefined || to === undefined || !template) return;
  const { locale, invitation, object, values } = notice;
  const language = locale === '' ? {} : { language: locale };
  const mail = { cause: noticeMail.name, object, baseUrl: base, template, values, to, ...language };
  await queueMailOf({ ctx, tx }, { invitation, kind: notice.template, mails: [mail] });
}
