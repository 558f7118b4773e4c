import { isIP } from 'node:net';

const BYTES_KEPT = 3;
const GROUPS_KEPT = 3;

/** The eight groups of an IPv6 address, in hex. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  if (tail === undefined) return first;
  const last = tail === '' ? [] : tail.split(':');
  return [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last];
}

/**
 * The network of a client's address, which tells where somebody was and not who: `/24` of IPv4, `/48` of IPv6; undefined
 * for what is no address.
 */
export function networkOf(address: string | null): string | undefined {
  const plain = (address ?? '').replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) === 4) return `${plain.split('.').slice(0, BYTES_KEPT).join('.')}.0/24`;
  if (isIP(plain) !== 6) return undefined;
  const kept = groupsOf(plain).slice(0, GROUPS_KEPT);
  return `${kept.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/48`;
}
