import { domainToASCII } from 'node:url';
import { parseEmail } from '../../../kernel/schema/email.ts';

// The local part without case as well: here two addresses that differ in case only are one address everywhere else too.
const normalDomain = (domain: string): string => domainToASCII(domain.normalize('NFC').toLowerCase());

/** An address in the form in which it is compared: lower case, its domain in ASCII (RFC 5891); undefined for none. */
export function normalAddress(text: string): string | undefined {
  const address = parseEmail(text.trim());
  const [local, domain] = address?.split('@') ?? [];
  if (local === undefined || domain === undefined) return undefined;
  const ascii = normalDomain(domain);
  return ascii === '' ? undefined : `${local.toLowerCase()}@${ascii}`;
}

/**
 * Whether an address is one of those that an invitation is for.
 * @param allowed addresses, and domains written `@example.org`; none: everybody
 */
export function isAllowedAddress(allowed: readonly string[], email: string): boolean {
  if (allowed.length === 0) return true;
  const address = normalAddress(email);
  if (address === undefined) return false;
  const domain = address.slice(address.indexOf('@') + 1);
  return allowed.some((entry) => {
    if (!entry.startsWith('@')) return normalAddress(entry) === address;
    const wanted = normalDomain(entry.slice(1));
    return wanted !== '' && wanted === domain;
  });
}
