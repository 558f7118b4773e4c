const NOWHERE = 'http://page.invalid';
const CONTROL = /[\u0000-\u0020\u007f\\]/;

/**
 * Where a link or redirect of a challenge may lead: a path of our own origin, or an absolute http(s) address (T22).
 * @returns the address as it may be used, or undefined when it must not be followed (`javascript:`, `//host`, …)
 */
export function destination(to: string): string | undefined {
  // Browsers drop tabs and line breaks inside an address and read `\` as `/`: whatever has them is refused.
  if (CONTROL.test(to)) return undefined;
  if (/^https?:\/\/[^/]/i.test(to)) return URL.canParse(to) ? to : undefined;
  if (!to.startsWith('/') || !URL.canParse(to, NOWHERE)) return undefined;
  return new URL(to, NOWHERE).origin === NOWHERE ? to : undefined;
}
