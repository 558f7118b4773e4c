import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { ApiError } from '../../kernel/errors/api-error.ts';
import { createParameters } from '../../kernel/resource/parameters.ts';
import type { Parameters } from '../../kernel/resource/parameters.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import type { MailTemplate } from './catalogue.ts';
import { sealContent } from './content.ts';
import { overBudget, queueSql } from './store.ts';
import type { NewMessage, Recipient } from './store.ts';
import { wakeWorker } from './wake.ts';

/** A mail to be sent. Addresses have been checked (`parseEmail`). */
export type NewMail = {
  /** The name of a registered {@link MailCause}, and what it is about. */
  readonly cause: string;
  readonly object?: string;
  /** Whose daily budget it counts against. */
  readonly userId?: number;
  /** Our own origin, for the message id and the value `host`. */
  readonly baseUrl: string;
  readonly template: MailTemplate;
  /** As the reader's locale says; the configured one without. */
  readonly language?: string;
  /** In place of the template's. */
  readonly subject?: string;
  readonly values: JsonObject;
  readonly to: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
};

const NOT_CONFIGURED =
  'No mail server is configured (VESTIBULE_SMTP_URL), so nothing can be sent; copy the link instead.';

/** Refuses before anything is written when no server is configured. @throws ApiError 400 `{"error": …}` */
export function requireMail({ mail }: Pick<Context, 'mail'>): void {
  if (!mail.configured) throw new ApiError(400, { error: NOT_CONFIGURED }, { name: 'outbox.notConfigured' });
}

/** The error of a statement that queued mails, as it is told. */
function refusalOf({ config }: Context, failure: unknown): unknown {
  const over = overBudget(failure);
  if (!over) return failure;
  const detail = `You may have mailed to ${config.mailDailyBudget} people a day; ${over.left} are left today.`;
  const headers = { 'retry-after': String(over.secondsLeft) };
  return new ApiError(429, { detail }, { name: 'outbox.budget', headers });
}

function recipientsOf({ to, cc = [], bcc = [] }: NewMail): Recipient[] {
  const as = (header: Recipient['header']) => (address: string) => ({ address, header });
  return [as('to')(to), ...cc.map(as('cc')), ...bcc.map(as('bcc'))];
}

function stored(ctx: Context, mail: NewMail, language: string): NewMessage {
  const id = ctx.random.uuid();
  const { host, hostname } = new URL(mail.baseUrl);
  const values = { host, ...mail.values };
  return {
    id,
    messageId: `<${id}@${hostname.replace(/[[\]]/g, '')}>`,
    cause: mail.cause,
    object: mail.object,
    template: mail.template.name,
    language,
    content: sealContent(ctx, mail.subject === undefined ? { values } : { values, subject: mail.subject }),
    recipients: recipientsOf(mail),
  };
}

/** Mails as a part of another statement, which queues them when it is committed. */
export type MailPart = {
  /** The messages' ids, in the order given. */
  readonly ids: readonly string[];
  /** An expression without a value, for a select of one row; its values are among the parameters that were given. */
  readonly sql: string;
  /** To be called when the statement is committed: wakes a worker. */
  committed(): void;
  /** What to throw when the statement failed: ApiError 429 when the sending user's daily budget is used up. */
  refusal(failure: unknown): unknown;
};

/** Queues mails by a statement of the caller's, so that these cost no round trip of their own. */
export function mailPart(ctx: Context, parameters: Parameters, mails: readonly NewMail[]): MailPart {
  const messages = mails.map((mail) => stored(ctx, mail, mail.language ?? ctx.config.mailLanguage));
  const counted = { userId: mails[0]?.userId, budget: ctx.config.mailDailyBudget };
  return {
    ids: messages.map(({ id }) => id),
    sql: queueSql(parameters, messages, counted),
    committed: () => wakeWorker(ctx),
    refusal: (failure) => refusalOf(ctx, failure),
  };
}

/**
 * Writes mails into the outbox in the caller's transaction: what is rolled back is never sent. Out: the messages' ids,
 * in the order given.
 * @throws ApiError 429 when the sending user's daily budget is used up
 */
export async function queueMail(ctx: Context, tx: Transaction, mails: readonly NewMail[]): Promise<readonly string[]> {
  if (mails.length === 0) return [];
  const parameters = createParameters();
  const { ids, sql, committed, refusal } = mailPart(ctx, parameters, mails);
  try {
    await tx.query(`select ${sql}`, parameters.values);
  } catch (failure) {
    throw refusal(failure);
  }
  tx.afterCommit(committed);
  return ids;
}
