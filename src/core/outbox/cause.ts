import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { Sender, SmtpServer } from '../../kernel/mail/types.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';

/** A message about to leave, as its cause knows it. */
export type Leaving = {
  readonly ctx: Context;
  readonly tx: Transaction;
  /** The related object, as it was queued with. */
  readonly object: string | undefined;
  /** The message's own id. */
  readonly message: string;
  /** What the queueing statement told of the object; null: nothing. */
  readonly mark: string | null;
};

/** Another server than the configured one, and who mails through it are from. */
export type Route = { readonly server: SmtpServer; readonly from: Sender };

/** What the cause fills the template with. */
export type Filling = {
  /** Where the link leads, from the slash on; it becomes `url`. */
  readonly path: string;
  /** Those that were queued win. */
  readonly values: JsonObject;
};

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
  /**
   * What is to be read anew at each try, so that it need not be known when the mail is queued. Out: that, or in words why
   * there is none: then the message is wanted no longer.
   */
  fill?(leaving: Leaving): Promise<Filling | string>;
  /** The way the message goes, if it is not the configured one. */
  route?(leaving: Leaving): Promise<Route | undefined>;
  /** Told in the transaction that writes what became of people; tries that are to be repeated are not told. */
  settled?(leaving: Leaving, outcome: Outcome): Promise<void>;
};

export const mailCause = extensionPoint<MailCause>('mail-cause', (value) => value.name);
