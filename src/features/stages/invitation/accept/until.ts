import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { formatTimestamp } from '../../../../kernel/schema/datetime.ts';
import { absoluteTime } from '../page-time.ts';

const UNITS = [
  { unit: 'year', from: 2 * 31_536_000, seconds: 31_536_000 },
  { unit: 'month', from: 2 * 2_592_000, seconds: 2_592_000 },
  { unit: 'day', from: 86_400, seconds: 86_400 },
  { unit: 'hour', from: 3600, seconds: 3600 },
  { unit: 'minute', from: 0, seconds: 60 },
] as const;

/**
 * When something ends, in words of the language: how far away, and the instant in UTC; the page's script puts it into
 * the reader's zone.
 * @param expires as the database writes it
 */
export function tellUntil(expires: string, now: Date, locale: string): JsonObject {
  const instant = new Date(formatTimestamp(expires));
  const left = Math.max(60, (instant.getTime() - now.getTime()) / 1000);
  const { unit, seconds } = UNITS.find(({ from }) => left >= from) ?? UNITS[4];
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' }).format(Math.floor(left / seconds), unit);
  return { instant: instant.toISOString(), relative, absolute: absoluteTime(instant, locale) };
}
