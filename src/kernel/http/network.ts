import ipaddr from 'ipaddr.js';

// What a proxy reports as an address and is none: they all share one count, so that nobody is left uncounted.
const UNKNOWN = 'unknown';
/** Bits of an IPv6 address that a provider gives to one customer at least (RFC 6177). */
const IPV6_BITS = 64;

/**
 * The network that a client is counted under: an IPv4 address as it is, also one written as IPv6; of an IPv6 address
 * its /64, because whoever has one address of it has them all.
 */
export function networkOf(clientIp: string): string {
  if (!ipaddr.isValid(clientIp)) return UNKNOWN;
  // `process` turns ::ffff:192.0.2.1 into 192.0.2.1.
  const address = ipaddr.process(clientIp);
  if (address.kind() === 'ipv4') return address.toString();
  const [withoutZone = ''] = address.toNormalizedString().split('%');
  const block = `${withoutZone}/${IPV6_BITS}`;
  return `${ipaddr.IPv6.networkAddressFromCIDR(block).toString()}/${IPV6_BITS}`;
}
