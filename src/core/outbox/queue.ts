import type { Context } from '../../kernel/context.ts';
import type { Vault } from '../../kernel/crypto/vault.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { ApiError } from '../../kernel/errors/api-error.ts';
import { createParameters } from '../../kernel/resource/parameters.ts';
import type { Parameters } from '../../kernel/resource/parameters.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import type { MailTemplate } from './catalogue.ts';
import { sealContent } from './content.ts';
import { NOTHING_FOUND, overBudget, queueSql } from './store.ts';
import type { Found, NewMessage, Recipient } from './store.ts';
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
  /** As the reader's locale says; without that the configured one, or the one that the queueing statement finds. */
  readonly language?: string;
  /** In place of the template's. */
  readonly subject?: string;
  /** What fills the template, besides what its cause reads at each try. */
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

/** What mails with the same content have in common: the domain of their ids, and the sealed content. */
type Envelope = { readonly domain: string; readonly content: Buffer };

type Filled = Pick<NewMail, 'baseUrl' | 'values' | 'subject'>;

function seal(ctx: Context, { baseUrl, values, subject }: Filled): Envelope {
  const { host, hostname } = new URL(baseUrl);
  const content = { values: { host, ...values }, origin: baseUrl, ...(subject === undefined ? {} : { subject }) };
  return { domain: hostname.replace(/[[\]]/g, ''), content: sealContent(ctx, content) };
}

// Of mails that their cause fills only our origin is sealed, which is the same for all of them.
const bare = new WeakMap<Vault, Envelope & { readonly baseUrl: string }>();

function envelopeOf(ctx: Context, mail: NewMail): Envelope {
  const { baseUrl, values, subject } = mail;
  if (Object.keys(values).length > 0 || subject !== undefined) return seal(ctx, mail);
  const known = bare.get(ctx.vault);
  if (known?.baseUrl === baseUrl) return known;
  const made = { baseUrl, ...seal(ctx, mail) };
  bare.set(ctx.vault, made);
  return made;
}

function stored(ctx: Context, mail: NewMail): NewMessage {
  const id = ctx.random.uuid();
  const { domain, content } = envelopeOf(ctx, mail);
  return {
    id,
    messageId: `<${id}@${domain}>`,
    cause: mail.cause,
    object: mail.object,
    template: mail.template.name,
    language: mail.language ?? '',
    content,
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
export function mailPart(
  ctx: Context,
  parameters: Parameters,
  { mails, found = NOTHING_FOUND }: { readonly mails: readonly NewMail[]; readonly found?: Found },
): MailPart {
  const { mailLanguage: usual, mailDailyBudget: budget } = ctx.config;
  const messages = mails.map((mail) => stored(ctx, mail));
  const counted = { userId: mails[0]?.userId, budget, usual, found };
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
  const { ids, sql, committed, refusal } = mailPart(ctx, parameters, { mails });
  try {
    await tx.query(`select ${sql}`, parameters.values);
  } catch (failure) {
    throw refusal(failure);
  }
  tx.afterCommit(committed);
  return ids;
}
