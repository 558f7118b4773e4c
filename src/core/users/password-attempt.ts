import type { Context, RequestContext } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { attempt, createTurns, failuresOfAddress, insist, look, succeed, take, takeBack } from '../limits/index.ts';
import type { Limit, Streak } from '../limits/index.ts';
import { checkPassword } from './password-check.ts';
import type { PasswordVerdict } from './password-check.ts';

/** Somebody who says that a password is theirs. */
export type PasswordAttempt = {
  /** undefined: nobody has the name that was typed. */
  readonly userId: number | undefined;
  /** The name as it was typed; counts for those whom nobody knows. */
  readonly name: string;
  readonly password: string;
  /** Whether passwords stored here count. */
  readonly inbuilt: boolean;
  /** Whether the account signed in on this browser before. */
  readonly knownDevice: boolean;
};

// Together at most 100 failures in a row for an account (SP 800-63B, 3.2.2). Those of strangers cannot use up the ones
// that are kept for the devices of its owner, so that locking somebody out is no weapon (E17).
const STRANGERS = 90;
const DEVICES = 10;
const FREE = 5;
const FIRST_WAIT_SECONDS = 10;
const LONGEST_WAIT_SECONDS = 3600;
// A name that nobody has is counted like one that somebody has (A06), but would be kept for ever.
const UNKNOWN_SECONDS = 7 * 86_400;

const ACCOUNT = 'password.account';
const DEVICE = 'password.device';
const ADDRESS = 'password.address';

const keyOf = (userId: number): string => `user ${userId}`;

function streaksOf({ userId, name }: PasswordAttempt): { readonly account: Streak; readonly device: Streak } {
  const known = userId !== undefined;
  const shared = {
    key: known ? keyOf(userId) : `name ${name.trim().normalize('NFKC').toLowerCase()}`,
    free: FREE,
    firstWait: FIRST_WAIT_SECONDS,
    longestWait: LONGEST_WAIT_SECONDS,
    keeps: known ? null : UNKNOWN_SECONDS,
    about: known ? { user: { pk: userId } } : {},
  };
  return {
    account: { ...shared, kind: ACCOUNT, most: STRANGERS },
    device: { ...shared, kind: DEVICE, most: DEVICES },
  };
}

/** Begins an attempt where one is allowed: as anybody, else as somebody on a device of the account's owner. */
async function begin(ctx: RequestContext, wanted: PasswordAttempt, address: Limit): Promise<Streak> {
  const { account, device } = streaksOf(wanted);
  const fromAddress = await look(ctx, address);
  const asAnybody = fromAddress.allowed ? await attempt(ctx, account) : fromAddress;
  if (asAnybody.allowed) return account;
  if (!wanted.knownDevice) insist(asAnybody);
  insist(await attempt(ctx, device));
  return device;
}

async function compare(ctx: RequestContext, wanted: PasswordAttempt, begun: Streak): Promise<PasswordVerdict> {
  try {
    return await checkPassword(ctx, wanted.inbuilt ? wanted.userId : undefined, wanted.password);
  } catch (error) {
    await takeBack(ctx, begun);
    throw error;
  }
}

async function tryPassword(ctx: RequestContext, wanted: PasswordAttempt): Promise<PasswordVerdict> {
  const address = failuresOfAddress(ctx, ADDRESS);
  const begun = await begin(ctx, wanted, address);
  const verdict = await compare(ctx, wanted, begun);
  // Who knows the password is not guessing, even when the account may not be used.
  const isRight = verdict.ok || verdict.why !== undefined;
  if (isRight && wanted.userId !== undefined) {
    await forgetFailures(ctx, ctx.db, wanted.userId);
    return verdict;
  }
  const counted = await take(ctx, address);
  // Of many at once those beyond the limit are not told that they were wrong.
  if (begun.kind === ACCOUNT) insist(counted);
  return verdict;
}

// One at a time for an account in a process: an attempt counts as failed until it has succeeded.
const turns = createTurns();

/**
 * Compares a password within the limits on wrong ones: per account, with a growing wait, and per network. For names
 * that nobody has it does the same (A06). What is counted stays counted, whatever becomes of the caller's transaction.
 * @throws ApiError 429 beyond a limit, 503 when it cannot be counted; HashingBusy
 */
export function attemptPassword(ctx: RequestContext, wanted: PasswordAttempt): Promise<PasswordVerdict> {
  return turns(streaksOf(wanted).account.key, () => tryPassword(ctx, wanted));
}

/** Ends an account's failures in a row: its password was right, or is another one now. */
export async function forgetFailures(ctx: Context, db: Queryable, userId: number): Promise<void> {
  const key = keyOf(userId);
  await succeed(ctx, { kind: ACCOUNT, key }, db);
  await succeed(ctx, { kind: DEVICE, key }, db);
}
