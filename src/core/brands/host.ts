/**
 * The name in a Host header, as brands are chosen by it: lower case, without port and final dot. Empty for what is no
 * host, which then has the default brand.
 */
export function hostName(host: string): string {
  const [, name = ''] = /^(\[[\da-f:.]+\]|[^:[\]\s]+)(?::\d*)?$/i.exec(host) ?? [];
  return name.toLowerCase().replace(/\.$/, '');
}

/** Characters of a host name; what is longer is none, and has the default brand. */
const MAX_LENGTH = 253;

/** The domains of which a host's brand may be: its name, and those that it is below, at the borders of labels. */
export function domainsOf(name: string): string[] {
  if (name === '' || name.length > MAX_LENGTH) return [];
  const labels = name.split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}

/** A name or address as browsers send it: labels, or an IPv6 address in brackets. */
export function isDomain(text: string): boolean {
  return text.length <= MAX_LENGTH && /^(?:\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*)$/i.test(text);
}
