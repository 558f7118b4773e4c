import { findTemplate, mailPart, templateFits } from '../../../core/outbox/index.ts';
import type { MailTemplate } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Queryable, Transaction } from '../../../kernel/db/types.ts';
import { createParameters } from '../../../kernel/resource/parameters.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { MAIL_CAUSE } from './mail-cause.ts';
import { blocksOfMessage, linesOfBlocks, nameInSentence } from './mail-message.ts';
import { SECRET_KEY, mailedSecret } from './proof.ts';
import { noteSent } from './store.ts';
import type { MailableInvitation } from './store.ts';
import { invitationEvent } from './events.ts';

/** One mail of an invitation. */
export type InvitationMail = {
  readonly to: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly template: MailTemplate;
  /** As a BCP 47 tag; the invitation's own without, and then the configured one. */
  readonly language?: string;
};

export type Mailing = {
  readonly invitation: MailableInvitation;
  /** Our own origin. */
  readonly base: string;
  /** Whose daily budget it counts against. */
  readonly userId: number | undefined;
  readonly mails: readonly InvitationMail[];
};

/** The link that mails carry; of one with a secret link a working one too. */
export function mailedLink(ctx: Pick<Context, 'vault'>, { id, slug, secret_hash: hash }: MailableInvitation): string {
  const secret: Record<string, string> = hash === null ? {} : { [SECRET_KEY]: mailedSecret(ctx, hash) };
  return `/if/flow/${slug}/?${new URLSearchParams({ itoken: id, ...secret }).toString()}`;
}

function valuesOf(ctx: Pick<Context, 'vault'>, { invitation, base }: Mailing): JsonObject {
  const { expires, message, message_format: format, inviter, on_behalf_of: principal } = invitation;
  const blocks = blocksOfMessage(message, format);
  return {
    url: `${base}${mailedLink(ctx, invitation)}`,
    expires,
    inviter: nameInSentence(inviter),
    on_behalf_of: nameInSentence(principal),
    message: linesOfBlocks(blocks),
    message_blocks: blocks.map(({ runs, ...block }) => ({ ...block, runs: runs.map((run) => ({ ...run })) })),
  };
}

/** What was queued. */
export type Mailed = {
  /** The messages' ids, in their order. */
  readonly ids: readonly string[];
  /** The instant, as the invitation shows it. */
  readonly sent: string;
};

/**
 * Queues mails of an invitation, notes and tells that it was sent: by one statement, in a transaction or by itself.
 * @throws ApiError 429 when the user's daily budget is used up
 */
export async function mailInvitation(ctx: Context, db: Queryable | Transaction, mailing: Mailing): Promise<Mailed> {
  const { invitation, base, userId, mails } = mailing;
  const values = valuesOf(ctx, mailing);
  const messages = mails.map(({ language = invitation.language, ...mail }) => ({
    ...mail,
    cause: MAIL_CAUSE,
    object: invitation.id,
    baseUrl: base,
    values,
    ...(language === '' ? {} : { language }),
    ...(userId === undefined ? {} : { userId }),
  }));
  const parameters = createParameters();
  const queued = mailPart(ctx, parameters, messages);
  const context = {
    template: [...new Set(mails.map(({ template }) => template.name))].join(' '),
    to: mails.flatMap(({ to, cc = [], bcc = [] }) => [to, ...cc, ...bcc]),
  };
  const told = ctx.events.part(
    parameters,
    invitationEvent(ctx, 'invitation_mail_queued', { id: invitation.id, context }),
  );
  const sent = await noteSent(db, invitation.id, { parameters, queue: queued.sql, tell: told.sql }).catch(
    (failure: unknown) => {
      throw queued.refusal(failure);
    },
  );
  const committed = (): void => {
    queued.committed();
    told.committed();
  };
  if ('isTransaction' in db) db.afterCommit(committed);
  else committed();
  return { ids: queued.ids, sent };
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
