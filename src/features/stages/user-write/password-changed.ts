import { createdUser, ownOrigin } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import type { MailCause } from '../../../core/outbox/index.ts';
import { endOtherSessions } from '../../../core/sessions/index.ts';
import { listTokenNames } from '../../../core/tokens/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { parseEmail } from '../../../kernel/schema/email.ts';
import { mailOwner } from './owner-mail.ts';
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
  const values = { tokens: tokens.slice(0, NAMED), more: Math.max(0, tokens.length - NAMED) };
  await mailOwner(ctx, tx, { cause: passwordMail, template: TEMPLATE, to, base, owner, values });
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
