import type { Context as LiquidContext, Liquid, Template } from 'liquidjs';

const LIMITS = { parseLimit: 200_000, renderLimit: 2_000, memoryLimit: 10_000_000 };

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** From where a date says more than a number of days: six weeks. */
const FAR = 42 * 86_400;

/** The date of an instant in UTC, as it is said within a sentence. */
function dateOf(instant: string, language: string): string {
  const [locale, word] = language === 'de' ? ['de-DE', 'am'] : ['en-GB', 'on'];
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(instant));
  return `${word} ${date}`;
}

/**
 * How long from `from` to `to` (ISO 8601), in words: "in 3 days", rounded down, so that it never promises too much; of
 * what is more than six weeks away the date: "on 5 March 2030".
 */
export function relativeTime(to: string, from: string, language: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds > FAR) return dateOf(to, language);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  for (const [unit, size] of UNITS) if (seconds >= size) return words.format(Math.floor(seconds / size), unit);
  return words.format(1, 'minute');
}

function relative(this: { context: LiquidContext }, value: unknown): string {
  const from = String(this.context.getSync(['now']));
  return relativeTime(String(value), from, String(this.context.getSync(['language'])));
}

/** An engine that reads no files, knows own properties only, and refuses names that it was not given. */
async function createEngine(escapes: boolean): Promise<Liquid> {
  // Not before it is needed: it is part of every start.
  const liquid = await import('liquidjs');
  const engine = new liquid.Liquid({
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    // Of Liquid's own, an empty text is true, and a mail would speak of somebody without a name.
    jsTruthy: true,
    ...(escapes ? { outputEscape: 'escape' as const } : {}),
    // In memory and empty: nothing can be included (T21).
    templates: {},
    ...LIMITS,
  });
  engine.registerFilter('relative', relative);
  return engine;
}

/** One for HTML, where every value is escaped, and one for plain text. */
export type Engines = { readonly html: Liquid; readonly text: Liquid };

let engines: Promise<Engines> | undefined;

const createEngines = async (): Promise<Engines> => ({
  html: await createEngine(true),
  text: await createEngine(false),
});

/** The engines of this process. */
export function loadEngines(): Promise<Engines> {
  engines ??= createEngines();
  return engines;
}

export type Parsed = Template[];
