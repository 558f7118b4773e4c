const DURATION = /^P(?:(\d{1,5})W|(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?)$/;
const WEEK = 604_800;
const DAY = 86_400;
const HOUR = 3_600;
const MINUTE = 60;
const LONGEST = 36_500 * DAY;

/**
 * The seconds of an ISO 8601 duration of weeks, or of days, hours, minutes and seconds: `P30D`, `PT12H`, `P2W`. Months
 * and years have no fixed length and are none; neither is nothing, or more than 100 years.
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text.endsWith('T')) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total =
    (weeks ?? 0) * WEEK + (days ?? 0) * DAY + (hours ?? 0) * HOUR + (minutes ?? 0) * MINUTE + (seconds ?? 0);
  return total > 0 && total <= LONGEST ? total : undefined;
}

/** Seconds as a duration: `P1DT12H`. */
export function formatDuration(total: number): string {
  const days = Math.floor(total / DAY);
  const parts: [number, string][] = [
    [Math.floor((total % DAY) / HOUR), 'H'],
    [Math.floor((total % HOUR) / MINUTE), 'M'],
    [total % MINUTE, 'S'],
  ];
  const time = parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`)).join('');
  return `P${days === 0 ? '' : `${days}D`}${time === '' ? '' : `T${time}`}`;
}
