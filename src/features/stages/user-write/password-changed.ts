import { createdUser, listFlows, ownOrigin } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import { findTemplate, queueMail } from '../../../core/outbox/index.ts';
import type { MailCause } from '../../../core/outbox/index.ts';
import { endOtherSessions } from '../../../core/sessions/index.ts';
import { listTokenNames } from '../../../core/tokens/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { parseEmail } from '../../../kernel/schema/email.ts';
import type { Existing } from './store.ts';

const TEMPLATE = 'password_changed';
/** So many tokens are named in a mail. */
const NAMED = 20;

export const passwordMail: MailCause = { name: 'password_changed' };

/** What a new password of an account leaves: how many sessions it ended, and the tokens that are as good as before. */
export type PasswordChange = { readonly ended: number; readonly tokens: readonly string[] };

type Place = { readonly request: StageRequest<unknown>; readonly tx: Transaction };
type Owner = Existing & { readonly id: number };

/** Mails the owner, at the address that was theirs before, that their password is another (S05, ASVS 6.3.7). */
async function tell({ request, tx }: Place, owner: Owner, tokens: readonly string[]): Promise<void> {
  const { ctx, plan } = request;
  const [base, to] = [ownOrigin(ctx.config), parseEmail(owner.email)];
  // Who makes an account in this very flow is not told of its password.
  if (plan.get(createdUser) === owner.id || !ctx.mail.configured || base === undefined || to === undefined) return;
  const template = await findTemplate(ctx, TEMPLATE);
  if (!template) throw new Error(`There is no mail template ${TEMPLATE}.`);
  const [recovery] = await listFlows(tx, 'recovery');
  const values = {
    url: `${base}/`,
    ...(recovery ? { recovery: `${base}/if/flow/${recovery.slug}/` } : {}),
    user: { username: owner.username, name: owner.name || owner.username },
    tokens: tokens.slice(0, NAMED),
    more: Math.max(0, tokens.length - NAMED),
  };
  const language = owner.locale === '' ? {} : { language: owner.locale };
  await queueMail(ctx, tx, [{ cause: passwordMail.name, baseUrl: base, template, ...language, values, to }]);
}

/**
 * Ends the other sessions of an account whose password was replaced. Its API tokens stay, since programs depend on them
 * (docs/decisions/0190-recovery-keeps-tokens.md): its owner is told which they are.
 */
export async function settlePassword(place: Place, owner: Owner): Promise<PasswordChange> {
  const { request, tx } = place;
  const ended = await endOtherSessions(tx, owner.id, request.session.uuid);
  const tokens = await listTokenNames(tx, owner.id);
  await tell(place, owner, tokens);
  return { ended, tokens };
}
