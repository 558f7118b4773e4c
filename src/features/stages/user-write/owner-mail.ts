import { listFlows } from '../../../core/flows/index.ts';
import { findTemplate, queueMail } from '../../../core/outbox/index.ts';
import type { MailCause } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';

type OwnerMail = {
  readonly cause: MailCause;
  /** The template's name. */
  readonly template: string;
  /** An address that was checked (`parseEmail`). */
  readonly to: string;
  /** Our own origin. */
  readonly base: string;
  /** Whose account it is about; an empty locale is none. */
  readonly owner: { readonly username: string; readonly name: string; readonly locale: string };
  /** What the template takes besides the account, the way in and the way to recover. */
  readonly values?: JsonObject;
};

/** Queues a mail to the owner of an account, in their language: what happened, where to sign in, and where to recover. */
export async function mailOwner(ctx: Context, tx: Transaction, mail: OwnerMail): Promise<void> {
  const { cause, to, base, owner, values = {} } = mail;
  const template = await findTemplate(ctx, mail.template);
  if (!template) throw new Error(`There is no mail template ${mail.template}.`);
  const [recovery] = await listFlows(tx, 'recovery');
  const all = {
    url: `${base}/`,
    ...(recovery ? { recovery: `${base}/if/flow/${recovery.slug}/` } : {}),
    user: { username: owner.username, name: owner.name || owner.username },
    ...values,
  };
  const language = owner.locale === '' ? {} : { language: owner.locale };
  await queueMail(ctx, tx, [{ cause: cause.name, baseUrl: base, template, ...language, values: all, to }]);
}
