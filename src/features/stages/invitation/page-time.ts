import { localeOf } from '../../../core/flows/index.ts';
import type { HttpRequest } from '../../../kernel/http/message.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';

/** An instant in words of the language: in UTC, as a page shows it until its script puts it into the reader's zone. */
export function absoluteTime(instant: Date, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(instant)} UTC`;
}

/** An instant as the pages of signed-in people take it. In: in ISO 8601. */
export const timeOf = (instant: string, request: HttpRequest): JsonObject => ({
  instant,
  absolute: absoluteTime(new Date(instant), localeOf(request)),
});
