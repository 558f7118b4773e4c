import { findTemplate, mailPart, templateFits } from '../../../core/outbox/index.ts';
import type { MailTemplate } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Queryable, Transaction } from '../../../kernel/db/types.ts';
import { createParameters } from '../../../kernel/resource/parameters.ts';
import { invitationEvent } from './events.ts';
import { MAIL_CAUSE } from './mail-cause.ts';
import { FOUND } from './store.ts';
import type { Sending } from './store.ts';

/** One mail of an invitation. */
export type InvitationMail = {
  readonly to: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly template: MailTemplate;
  /** As a BCP 47 tag; the invitation's own without, and then the configured one. */
  readonly language?: string;
};

export type Mailing<R> = {
  /** The invitation's. */
  readonly id: string;
  /** Our own origin. */
  readonly base: string;
  /** Whose daily budget it counts against. */
  readonly userId: number | undefined;
  readonly mails: readonly InvitationMail[];
  /** Writes it, by one statement. Out: undefined when the invitation is not to be sent, and nothing was written. */
  readonly write: (sending: Sending) => Promise<R | undefined>;
};

/** What was queued. */
export type Mailed<R> = {
  /** The messages' ids, in their order. */
  readonly ids: readonly string[];
  /** What the statement answered. */
  readonly written: R;
};

/**
 * Queues mails of an invitation, notes and tells that it was sent: by one statement, in a transaction or by itself. What
 * they say is read when they leave.
 * @throws ApiError 429 when the user's daily budget is used up
 */
export async function mailInvitation<R>(
  ctx: Context,
  db: Queryable | Transaction,
  { id, base, userId, mails, write }: Mailing<R>,
): Promise<Mailed<R> | undefined> {
  const messages = mails.map((mail) => ({
    ...mail,
    cause: MAIL_CAUSE,
    object: id,
    baseUrl: base,
    values: {},
    ...(userId === undefined ? {} : { userId }),
  }));
  const parameters = createParameters();
  const queued = mailPart(ctx, parameters, { mails: messages, found: FOUND });
  const context = {
    template: [...new Set(mails.map(({ template }) => template.name))].join(' '),
    to: mails.flatMap(({ to, cc = [], bcc = [] }) => [to, ...cc, ...bcc]),
  };
  const event = invitationEvent(ctx, 'invitation_mail_queued', { id, context });
  const told = ctx.events.part(parameters, event, { from: 'from sent', context: `'{}'::jsonb` });
  const written = await write({ parameters, queue: queued.sql, tell: told.sql }).catch((failure: unknown) => {
    throw queued.refusal(failure);
  });
  if (written === undefined) return undefined;
  const committed = (): void => {
    queued.committed();
    told.committed();
  };
  if ('isTransaction' in db) db.afterCommit(committed);
  else committed();
  return { ids: queued.ids, written };
}

// What a mail of any invitation is given; a template that wants more is for something else.
const ANY = {
  host: 'localhost',
  url: 'http://localhost/',
  expires: null,
  inviter: 'Somebody',
  on_behalf_of: '',
  message: ['Hello'],
  message_blocks: [{ heading: false, mark: '', runs: [{ text: 'Hello', strong: false, em: false, br: false }] }],
};

// Templates are read once, so each is tried once: trying fills all of it in every language.
const tried = new WeakMap<MailTemplate, boolean>();

async function fits(ctx: Context, template: MailTemplate): Promise<boolean> {
  const known = tried.get(template) ?? (await templateFits(ctx, template, ANY));
  tried.set(template, known);
  return known;
}

/** The template of a name, if an invitation can be mailed with it. */
export async function findInvitationTemplate(ctx: Context, name: string): Promise<MailTemplate | undefined> {
  const template = await findTemplate(ctx, name);
  return template && (await fits(ctx, template)) ? template : undefined;
}
