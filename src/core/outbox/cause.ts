import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { Sender, SmtpServer } from '../../kernel/mail/types.ts';

/** A message about to leave, as its cause knows it. */
export type Leaving = {
  readonly ctx: Context;
  readonly tx: Transaction;
  /** The related object, as it was queued with. */
  readonly object: string | undefined;
  /** The message's own id. */
  readonly message: string;
};

/** Another server than the configured one, and who mails through it are from. */
export type Route = { readonly server: SmtpServer; readonly from: Sender };

/** Whom a try reached, or will never reach. */
export type Outcome = {
  readonly state: 'sent' | 'failed';
  readonly to: readonly string[];
  /** The server's last answer, or why it was given up. */
  readonly answer: string;
};

/** Who has mails sent: asked before each try, because what a mail is about may be over by then. */
export type MailCause = {
  readonly name: string;
  /** Why the message is wanted no longer, in words; undefined: it is. Also the moment to start the time of its links. */
  unwanted?(leaving: Leaving): Promise<string | undefined>;
  /** The way the message goes, if it is not the configured one. */
  route?(leaving: Leaving): Promise<Route | undefined>;
  /** Told in the transaction that writes what became of people; tries that are to be repeated are not told. */
  settled?(leaving: Leaving, outcome: Outcome): Promise<void>;
};

export const mailCause = extensionPoint<MailCause>('mail-cause', (value) => value.name);
