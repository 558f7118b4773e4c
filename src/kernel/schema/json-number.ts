const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const SMALLEST_NORMAL = 2.2250738585072014e-308;
// A double holds 17 digits of its own text, never more (IEEE 754, section 5.12.2).
const DOUBLE_DIGITS = 17;

type Decimal = { readonly digits: string; readonly exponent: number; readonly fraction: boolean };

// Backwards by hand: /0+$/ would be quadratic on "1000…0001".
function withoutTrailingZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 48) end -= 1;
  return text.slice(0, end);
}

/** The number as `0.digits × 10^exponent`, digits without zeros at either end; zero has no digits. */
function decimal(text: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, '').length;
  const digits = withoutTrailingZeros(all.slice(leading));
  if (digits === '') return { digits, exponent: 0, fraction: false };
  const point = whole.length - leading + Number(exponent);
  return { digits, exponent: point, fraction: digits.length > point };
}

/**
 * Whether a JSON number means the same after `Number(text)`: its digits are those that JavaScript writes for the
 * double. So `9007199254740993` and `1e400` do not survive; `0.1`, `1e2`, `-0`, `1e300` do. A fraction of at most 17
 * digits passes too, since other languages write doubles so (`0.10000000000000001`). Source: contract D16, P6.
 */
export function survivesDouble(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const given = decimal(text);
  const kept = decimal(String(value));
  if (!given || !kept) return false;
  if (given.digits === kept.digits && given.exponent === kept.exponent) return true;
  return given.fraction && given.digits.length <= DOUBLE_DIGITS && Math.abs(value) >= SMALLEST_NORMAL;
}
