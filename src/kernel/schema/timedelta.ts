const SECONDS_PER: ReadonlyMap<string, number> = new Map([
  ['microseconds', 0.000_001],
  ['milliseconds', 0.001],
  ['seconds', 1],
  ['minutes', 60],
  ['hours', 3_600],
  ['days', 86_400],
  ['weeks', 604_800],
]);
const PAIR = /^\s*([a-z]+)\s*=\s*(\d+(?:\.\d+)?)\s*$/i;
// Python's timedelta ends at 999,999,999 days; PostgreSQL's intervals and our timestamps do earlier.
const MAX_SECONDS = 86_400 * 3_650_000;

/**
 * In: a duration as the wire writes it, `hours=1;minutes=2`; keys microseconds, milliseconds, seconds, minutes, hours,
 * days, weeks, each at most once, none negative. Out: seconds, perhaps with a fraction; `undefined` when it is not one
 * or longer than 10,000 years.
 */
export function parseTimedelta(text: string): number | undefined {
  let seconds = 0;
  const seen = new Set<string>();
  for (const pair of text.split(';')) {
    const [, key = '', amount = ''] = PAIR.exec(pair) ?? [];
    const unit = key.toLowerCase();
    const factor = SECONDS_PER.get(unit);
    if (factor === undefined || seen.has(unit)) return undefined;
    seen.add(unit);
    seconds += Number(amount) * factor;
  }
  return seconds <= MAX_SECONDS ? seconds : undefined;
}
