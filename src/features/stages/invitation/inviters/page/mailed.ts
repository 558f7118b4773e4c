import type { MailState } from '../../v1/deliveries/store.ts';

// The worst first.
const BY_WEIGHT = ['failed', 'cancelled', 'deferred', 'queued', 'sent'] as const;
const NAMED = 3;

/** The worst that became of the mails of an invitation, and of whom it is told. */
export type Mailed = {
  readonly state: MailState['state'];
  /** Empty: it holds for everybody mailed, the one that is shown among them. At most {@link NAMED}. */
  readonly to: readonly string[];
  /** Of how many more. */
  readonly more: number;
};

/**
 * What is told of the last mails to each address; undefined where there was none.
 * @param shown the address that the invitation is listed under
 */
export function mailedOf(mails: readonly MailState[], shown: string): Mailed | undefined {
  const state = BY_WEIGHT.find((one) => mails.some((mail) => mail.state === one));
  if (state === undefined) return undefined;
  const to = mails.filter((mail) => mail.state === state).map(({ address }) => address);
  const isShown = to.some((address) => address.toLowerCase() === shown.toLowerCase());
  if (isShown && to.length === mails.length) return { state, to: [], more: 0 };
  return { state, to: to.slice(0, NAMED), more: Math.max(0, to.length - NAMED) };
}
