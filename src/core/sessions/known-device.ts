import type { Context } from '../../kernel/context.ts';

/** Says on which accounts this browser signed in before; a wrong or stolen one opens nothing (E17). */
export const DEVICE_COOKIE = 'vestibule_device';

const PURPOSE = 'known-device';
/** Browsers keep no cookie longer. */
const SECONDS = 400 * 86_400;
const ACCOUNTS = 5;
const ENTRY = /^\d{1,12}:[\w-]{43}$/;

const secondsNow = ({ clock }: Context): number => Math.floor(clock.now().getTime() / 1000);

function entryOf({ vault }: Context, userId: number, since: number): string {
  return `${since}:${vault.mac(`${userId} ${since}`, PURPOSE)}`;
}

function entriesOf(cookie: string | undefined): readonly string[] {
  return (cookie ?? '')
    .split('.')
    .slice(0, ACCOUNTS)
    .filter((entry) => ENTRY.test(entry));
}

function speaksFor(ctx: Context, entry: string, userId: number): boolean {
  return ctx.vault.sameText(entry, entryOf(ctx, userId, Number(entry.split(':')[0])));
}

/** Whether the account signed in on the browser with this cookie, within the last 400 days. */
export function isKnownDevice(ctx: Context, cookie: string | undefined, userId: number): boolean {
  const oldest = secondsNow(ctx) - SECONDS;
  const entries = entriesOf(cookie).filter((entry) => Number(entry.split(':')[0]) > oldest);
  return entries.some((entry) => speaksFor(ctx, entry, userId));
}

/**
 * The `Set-Cookie` value that makes a browser known to an account, besides up to four others.
 * @param cookie the one it has
 * @param secure whether the browser speaks TLS with us
 */
export function deviceCookie(
  ctx: Context,
  {
    cookie,
    userId,
    secure,
  }: { readonly cookie: string | undefined; readonly userId: number; readonly secure: boolean },
): string {
  const others = entriesOf(cookie).filter((entry) => !speaksFor(ctx, entry, userId));
  const value = [entryOf(ctx, userId, secondsNow(ctx)), ...others].slice(0, ACCOUNTS).join('.');
  return `${DEVICE_COOKIE}=${value}; Path=/; Max-Age=${SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
