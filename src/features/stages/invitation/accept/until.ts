import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { formatTimestamp } from '../../../../kernel/schema/datetime.ts';

const UNITS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/**
 * When something ends, in words of the language: how far away, and the instant in UTC; the page's script puts it into
 * the reader's zone.
 * @param expires as the database writes it
 */
export function tellUntil(expires: string, now: Date, locale: string): JsonObject {
  const instant = new Date(formatTimestamp(expires));
  const left = Math.max(60, (instant.getTime() - now.getTime()) / 1000);
  const { unit, seconds } = UNITS.find((one) => left >= one.seconds) ?? UNITS[2];
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' }).format(Math.floor(left / seconds), unit);
  const shown = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return { instant: instant.toISOString(), relative, absolute: `${shown.format(instant)} UTC` };
}
