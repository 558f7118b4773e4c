import { FLOW_TOKEN, PlanDraft, createFlowToken } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import { countRecent, findTemplate, queueMail } from '../../../core/outbox/index.ts';
import type { MailTemplate, NewMail } from '../../../core/outbox/index.ts';
import { findUser } from '../../../core/users/index.ts';
import type { UserRow } from '../../../core/users/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { parseEmail } from '../../../kernel/schema/email.ts';
import { parseTimedelta } from '../../../kernel/schema/timedelta.ts';
import { mayBeInactive } from './activation.ts';
import { mailedLink, passwordMark, tokenIdentifier } from './link.ts';
import type { MailedLink } from './link.ts';
import { MAIL_CAUSE, objectOf } from './mail-cause.ts';
import type { Settings } from './settings.ts';
import { findConnection } from './store.ts';

type Request = StageRequest<Settings>;

/** Seconds, longer than the outbox tries: the link's own time begins when the mail leaves. */
export const UNTIL_IT_LEAVES = 7 * 86_400;
const MAX_QUERY = 2_000;

/** The page's own address with its query, and the key that restores the plan. */
function linkUrl(base: string, { flow, query }: Request, key: string): string {
  const own = new URLSearchParams(query);
  own.delete(FLOW_TOKEN);
  const kept = own.toString().length > MAX_QUERY ? new URLSearchParams() : own;
  kept.set(FLOW_TOKEN, key);
  return `${base}/if/flow/${flow.slug}/?${kept.toString()}`;
}

/** Stores the plan behind a new key: the link of an older mail is dead from now on (T19). */
async function issueKey(request: Request, tx: Transaction, link: MailedLink): Promise<string> {
  const { ctx, plan } = request;
  const draft = new PlanDraft(plan.plan);
  draft.set(mailedLink, { ...link });
  return createFlowToken(ctx, tx, {
    uuid: link.token,
    identifier: tokenIdentifier(link.stage, link.user),
    plan: draft.plan,
    // Somebody to be activated is not active yet.
    ...(mayBeInactive(request) ? {} : { userId: link.user }),
    // Opening it must not use it up: scanners open links (T04).
    revokeOnExecution: false,
    seconds: UNTIL_IT_LEAVES,
  });
}

/** To whom, and by which origin. */
export type Letter = { readonly user: UserRow; readonly address: string; readonly base: string };

async function write(request: Request, tx: Transaction, { user, address, base }: Letter): Promise<void> {
  const { ctx, settings, stage, session } = request;
  const { maxMails, window, subject } = settings;
  if ((await countRecent(tx, { cause: MAIL_CAUSE, address, seconds: window })) >= maxMails) return;
  const template = await findTemplate(ctx, settings.template);
  if (!template) throw new Error(`There is no mail template ${settings.template}.`);
  const token = ctx.random.uuid();
  const key = await issueKey(request, tx, {
    stage: stage.pk,
    token,
    user: user.id,
    address,
    session: session.uuid ?? '',
    password: await passwordMark(ctx, tx, user.id),
  });
  const lifetime = parseTimedelta((await findConnection(tx, stage.pk))?.tokenExpiry ?? '') ?? 0;
  const object = objectOf(stage.pk, token);
  const url = linkUrl(base, request, key);
  await queueMail(ctx, tx, [linkMail({ user, address, base }, { object, template, subject, url, lifetime })]);
}

type Content = {
  readonly object: string;
  readonly template: MailTemplate;
  /** Empty: the template's. */
  readonly subject: string;
  readonly url: string;
  /** Seconds. */
  readonly lifetime: number;
};

/** The mail that brings somebody a link. */
export function linkMail(
  { user, address, base }: Letter,
  { object, template, subject, url, lifetime }: Content,
): NewMail {
  return {
    cause: MAIL_CAUSE,
    object,
    baseUrl: base,
    template,
    ...(user.locale ? { language: user.locale } : {}),
    ...(subject === '' ? {} : { subject }),
    to: address,
    values: {
      url,
      lifetime,
      user: { username: user.username, name: user.name || user.username, email: address },
    },
  };
}

/** Whether there is somebody to write to; the recipient comes from the account and from nowhere else (A12). */
async function letterOf(request: Request, userId: number | undefined, base: string): Promise<Letter | undefined> {
  const user = userId === undefined ? undefined : await findUser(request.ctx.db, userId);
  const address = user && parseEmail(user.email);
  if (!user || address === undefined) return undefined;
  return user.isActive || mayBeInactive(request) ? { user, address, base } : undefined;
}

/**
 * Writes the mail of a user, with a link that restores the plan. Out: false when there is nobody to write to. Beyond the
 * stage's limit no mail is written, and nobody is told (A06).
 */
export async function sendLink(request: Request, userId: number | undefined, base: string): Promise<boolean> {
  const letter = await letterOf(request, userId, base);
  if (!letter) return false;
  await request.ctx.db.transaction((tx) => write(request, tx, letter));
  return true;
}
