import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { OutboundError } from './types.ts';

export type Address = { readonly address: string; readonly family: 4 | 6 };

// Of IPv6 only what is handed out (RFC 4291, IANA): the rest is special, or leads into IPv4 (NAT64, ::a.b.c.d).
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_IPV6);
}

/**
 * Whether a request may go to an address: a public one, or one in a network that the operator allows. An IPv4 address
 * written as IPv6 is the IPv4 address.
 * @param allowed addresses and CIDR ranges
 */
export function mayReach(text: string, allowed: readonly string[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (isPublic(address)) return true;
  return allowed.some((network) => {
    const full = network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`;
    const [base, bits] = ipaddr.parseCIDR(full);
    return base.kind() === address.kind() && address.match([base, bits]);
  });
}

/** The host of a URL as an address, if it is one: `[::1]` and all spellings of IPv4 that URLs know. */
export function literalOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(bare) ? bare : undefined;
}

/** A URL that may be called, as far as its text tells. @throws OutboundError */
export function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new OutboundError('Only http and https URLs are called.');
  }
  if (url.username !== '' || url.password !== '')
    throw new OutboundError('A URL with a user or password is not called.');
  return url;
}

const REFUSED = 'is no public address; VESTIBULE_OUTBOUND_ALLOW does not list it.';

/**
 * Looks a URL's host up, once: the connection goes to the address that was checked, so a name that changes its mind
 * gains nothing. One address that is refused refuses the name.
 * @throws OutboundError
 */
export async function resolveTarget(url: URL, allowed: readonly string[]): Promise<Address> {
  const literal = literalOf(url);
  const found = literal === undefined ? await lookUp(url.hostname) : [{ address: literal, family: familyOf(literal) }];
  const [first] = found;
  if (!first) throw new OutboundError(`There is no address of ${url.hostname}.`);
  if (!found.every(({ address }) => mayReach(address, allowed))) throw new OutboundError(`${url.hostname} ${REFUSED}`);
  return first;
}

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

async function lookUp(name: string): Promise<Address[]> {
  try {
    const found = await lookup(name, { all: true });
    return found.map(({ address }) => ({ address, family: familyOf(address) }));
  } catch {
    throw new OutboundError(`There is no address of ${name}.`);
  }
}

/** Why a URL can never be called, by its text alone. */
export function refusalOf(text: string, allowed: readonly string[]): string | undefined {
  try {
    const literal = literalOf(parseTarget(text));
    return literal === undefined || mayReach(literal, allowed) ? undefined : `${literal} ${REFUSED}`;
  } catch (error) {
    if (error instanceof OutboundError) return error.message;
    throw error;
  }
}
