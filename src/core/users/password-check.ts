import type { Context } from '../../kernel/context.ts';
import type { PasswordCheck } from '../../kernel/crypto/passwords.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { whyBarred } from './sign-in-bar.ts';
import * as store from './store.ts';

/** Stores the password's new hash; part of the transaction that accepts the login. */
export type HashUpgrade = (tx: Queryable) => Promise<void>;

export type PasswordVerdict =
  /** `why`: the password was right, and this is what its owner is told (A18). */
  | { readonly ok: false; readonly why?: string }
  | {
      readonly ok: true;
      readonly upgrade: HashUpgrade | undefined;
      /** Of the password, as it is stored when the login is accepted; see {@link markOf}. */
      readonly mark: string;
    };

const REFUSED: PasswordVerdict = { ok: false };
// No row has it: identity columns start at 1.
const NOBODY = 0;

/** Tells whether a stored password is still the one that was right: what a sign-in under way keeps of it (E09). */
export function markOf({ vault }: Pick<Context, 'vault'>, hash: string): string {
  return vault.fingerprint(hash, 'password-mark');
}

async function accept(
  ctx: Context,
  stored: { readonly id: number; readonly hash: string },
  { password, rehash }: { readonly password: string; readonly rehash: boolean },
): Promise<PasswordVerdict> {
  if (!rehash) return { ok: true, upgrade: undefined, mark: markOf(ctx, stored.hash) };
  const to = await ctx.passwords.hash(password);
  const upgrade: HashUpgrade = async (tx) => {
    await store.replacePasswordHash(tx, stored.id, { from: stored.hash, to });
  };
  return { ok: true, upgrade, mark: markOf(ctx, to) };
}

async function verify(ctx: Context, attempt: string, hash: string | undefined): Promise<PasswordCheck> {
  if (hash !== undefined) return ctx.passwords.verify(attempt, hash);
  await ctx.passwords.verifyNothing(attempt);
  return { ok: false, rehash: false };
}

async function barred(ctx: Context, id: number): Promise<PasswordVerdict> {
  const why = await whyBarred(ctx, id);
  return why === undefined ? REFUSED : { ok: false, why };
}

/**
 * Whether the password is that of the user. Unknown and inactive users are refused (A18) after the same work as a wrong
 * password (A06). A password typed with spaces around it also matches without them, because forms that set passwords
 * trim them (contract part 2, 11.1).
 * @param userId undefined for a person whom nobody knows
 * @throws HashingBusy
 */
export async function checkPassword(
  ctx: Context,
  userId: number | undefined,
  password: string,
): Promise<PasswordVerdict> {
  const id = userId ?? NOBODY;
  const user = await store.findUser(ctx.db, id);
  const hash = await store.findPasswordHash(ctx.db, id);
  for (const attempt of new Set([password, password.trim()])) {
    const check = await verify(ctx, attempt, hash);
    if (!check.ok || hash === undefined) continue;
    if (!user?.isActive) return barred(ctx, id);
    return accept(ctx, { id, hash }, { password: attempt, rehash: check.rehash });
  }
  return REFUSED;
}
