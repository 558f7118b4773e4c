/** `format`: not a timestamp. `range`: a timestamp, but in UTC outside the years 1 to 9999 (contract 2.3). */
export type ParsedTimestamp = { readonly value: string } | { readonly fault: 'format' | 'range' };

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?(?:Z|([+-])(\d{2}):(\d{2}))?$/;
const PG_TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?\+00(?::00)?$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MINUTE = 60_000;

/**
 * In: `YYYY-MM-DDThh:mm[:ss[.ffffff]][Z|±HH:MM]`, a space for the `T`, no offset meaning UTC (contract 1.5). Further
 * digits of the fraction are cut off, since RFC 3339 allows them and some clients send nine. Out: the wire form in UTC,
 * microseconds kept: `2030-01-01T00:00:00Z`, `2030-01-01T00:00:00.500000Z`. Impossible dates, hour 24 and second 60 are
 * refused, never moved to another day (P2).
 */
export function parseTimestamp(text: string): ParsedTimestamp {
  const match = TIMESTAMP.exec(text);
  if (!match) return { fault: 'format' };
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', fraction = ''] = match;
  if (!isRealDate(year, month, day) || !isRealTime(hour, minute, second)) return { fault: 'format' };
  const [sign, offsetHour = '00', offsetMinute = '00'] = match.slice(8);
  if (!isRealTime(offsetHour, offsetMinute, '00')) return { fault: 'format' };
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const utc = new Date(local - offset * MINUTE);
  if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999) return { fault: 'range' };
  return { value: utc.toISOString().slice(0, 19) + wireFraction(fraction) + 'Z' };
}

/**
 * In: a `timestamptz` as PostgreSQL prints it while the session's time zone is UTC (`2030-01-01 00:00:00.5+00`, or the
 * ISO form inside JSON). Out: the wire form. Throws RangeError for anything else: infinity, BC, another time zone.
 */
export function formatTimestamp(pgText: string): string {
  const match = PG_TIMESTAMP.exec(pgText);
  if (!match) throw new RangeError('Not a PostgreSQL timestamp in UTC of the years 1 to 9999.');
  return `${pgText.slice(0, 10)}T${pgText.slice(11, 19)}${wireFraction(match[7] ?? '')}Z`;
}

/** In: `YYYY-MM-DD`. Out: the same text, or `undefined` when there is no such day in the years 1 to 9999. */
export function parseDate(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? [];
  return isRealDate(year, month, day) ? text : undefined;
}

function isRealDate(year: string, month: string, day: string): boolean {
  if (Number(year) < 1 || Number(month) < 1 || Number(month) > 12 || Number(day) < 1) return false;
  return Number(day) <= daysInMonth(Number(year), Number(month));
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isRealTime(hour: string, minute: string, second: string): boolean {
  return Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
}

/** Six digits with the point, or nothing when they are all zero (contract 1.5). */
function wireFraction(digits: string): string {
  const micros = digits.slice(0, 6).padEnd(6, '0');
  return micros === '000000' ? '' : `.${micros}`;
}
