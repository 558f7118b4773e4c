const MAX_ADDRESS_BYTES = 254; // RFC 5321 §4.5.3.1.3, without the angle brackets
const MAX_LOCAL_BYTES = 64; // RFC 5321 §4.5.3.1.1
const LOCAL = /^[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+)*$/; // dot-atom, RFC 5322 §3.2.3
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/**
 * In: one e-mail address as typed. Out: the address in NFC, case kept, or `undefined`. Ordinary addresses as Django
 * takes them; no quoted local part, display name, comment, space, control character or address literal; at most 254
 * bytes. Normalised before it is checked, so that what was checked is what is stored (E27).
 */
export function parseEmail(text: string): string | undefined {
  // Longer text cannot become short enough, and need not be normalised to be refused.
  if (text.length > MAX_ADDRESS_BYTES * 4) return undefined;
  const address = text.normalize('NFC');
  const parts = address.split('@');
  const [local, domain] = parts;
  if (parts.length !== 2 || !local || !domain) return undefined;
  if (byteLength(address) > MAX_ADDRESS_BYTES || byteLength(local) > MAX_LOCAL_BYTES) return undefined;
  return LOCAL.test(local) && isDomain(domain) ? address : undefined;
}

function isDomain(domain: string): boolean {
  // Full-width and other compatibility letters would name the same host by another text.
  if (domain.normalize('NFKC') !== domain) return false;
  if (domain.toLowerCase() === 'localhost') return true;
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || last.length < 2 || /^\d+$/.test(last)) return false;
  return labels.every((label) => LABEL.test(label));
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
