/**
 * The name in a Host header, as brands are chosen by it: lower case, without port and final dot. Empty for what is no
 * host, which then has the default brand.
 */
export function hostName(host: string): string {
  const [, name = ''] = /^(\[[\da-f:.]+\]|[^:[\]\s]+)(?::\d*)?$/i.exec(host) ?? [];
  return name.toLowerCase().replace(/\.$/, '');
}

/** A name or address as browsers send it: labels, or an IPv6 address in brackets. */
export function isDomain(text: string): boolean {
  return text.length <= 253 && /^(?:\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*)$/i.test(text);
}
