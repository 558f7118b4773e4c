import { createdUser, endFlowTokens, promptData } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import { endBegun, endOtherSessions } from '../../../core/sessions/index.ts';
import { endTokens } from '../../../core/tokens/index.ts';
import { forgetFailures, replacePasswordHash } from '../../../core/users/index.ts';
import type { UserRow } from '../../../core/users/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { tokenPattern } from './link.ts';
import type { MailedLink } from './link.ts';
import type { Settings } from './settings.ts';

type Request = StageRequest<Settings>;

/** The hash that counted until now, and the one in its place. */
export type Password = { readonly from: string; readonly to: string };

/** What ended when an account went from who began it to who owns its address. */
export type Ended = { readonly password: boolean; readonly sessions: number; readonly tokens: number };

/**
 * Whether a confirmation takes the account from whoever began it (E09): it comes from another browser, and the account
 * is one that this plan made, or that was not to be used until now. One in use keeps what its owner has
 * (docs/decisions/0085-confirming-elsewhere.md).
 */
export function takesOver({ plan }: Request, user: UserRow, isSameBrowser: boolean): boolean {
  return !isSameBrowser && (plan.get(createdUser) === user.id || !user.isActive);
}

/** Drops the passwords that were typed in the other browser: a later stage would write them again. */
export function forgetPasswords({ plan }: Request): void {
  const data = plan.get(promptData);
  if (data === undefined) return;
  const { password: _chosen, password_repeat: _repeated, ...rest } = data;
  plan.set(promptData, rest);
}

/**
 * Ends whatever else opens the account: the password that was chosen elsewhere, sessions, API tokens, links.
 * @returns 'changed' when the password is not the given one any more
 */
export async function takeOver(
  { ctx, session }: Request,
  tx: Transaction,
  { link, password }: { readonly link: MailedLink; readonly password: Password | undefined },
): Promise<Ended | 'changed'> {
  const { user } = link;
  // First: it holds the row, so that a sign-in that is under way waits for it, and fails.
  if (password && !(await replacePasswordHash(tx, user, password))) return 'changed';
  const sessions = await endOtherSessions(tx, user, session.uuid);
  await endBegun(tx, link.session, user);
  const tokens = await endTokens(tx, user);
  await endFlowTokens(tx, user, tokenPattern(user));
  await forgetFailures(ctx, tx, user);
  return { password: password !== undefined, sessions, tokens };
}
