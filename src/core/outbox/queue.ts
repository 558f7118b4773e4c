import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { ApiError } from '../../kernel/errors/api-error.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { enqueueAll } from '../../kernel/tasks/task.ts';
import type { MailTemplate } from './catalogue.ts';
import { sealContent } from './content.ts';
import { deliverMail } from './deliver.ts';
import { countToday, insertMessages } from './store.ts';
import type { NewMessage, Recipient } from './store.ts';

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

async function checkBudget(ctx: Context, tx: Transaction, wanted: { userId: number; people: number }): Promise<void> {
  const budget = ctx.config.mailDailyBudget;
  const { count, secondsLeft } = await countToday(tx, wanted.userId);
  if (count <= budget) return;
  const left = Math.max(0, budget - count + wanted.people);
  const detail = `You may have mailed to ${budget} people a day; ${left} are left today.`;
  throw new ApiError(429, { detail }, { name: 'outbox.budget', headers: { 'retry-after': String(secondsLeft) } });
}

const peopleOf = (messages: readonly NewMessage[]): number =>
  messages.reduce((sum, { recipients }) => sum + recipients.length, 0);

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
    userId: mail.userId,
    template: mail.template.name,
    language,
    content: sealContent(ctx, mail.subject === undefined ? { values } : { values, subject: mail.subject }),
    recipients: recipientsOf(mail),
  };
}

/**
 * Writes mails into the outbox in the caller's transaction, with the jobs that send them: what is rolled back is never
 * sent. Out: the messages' ids, in the order given.
 * @throws ApiError 429 when the sending user's daily budget is used up
 */
export async function queueMail(ctx: Context, tx: Transaction, mails: readonly NewMail[]): Promise<string[]> {
  const [first] = mails;
  if (!first) return [];
  const messages = mails.map((mail) => stored(ctx, mail, mail.language ?? ctx.config.mailLanguage));
  await insertMessages(tx, messages, first.userId);
  // After the insert, which made the user's other mails wait: they are all counted.
  if (first.userId !== undefined) await checkBudget(ctx, tx, { userId: first.userId, people: peopleOf(messages) });
  await enqueueAll(
    tx,
    deliverMail,
    messages.map(({ id }) => ({ payload: { message: id } })),
  );
  return messages.map(({ id }) => id);
}
