import type { Parameters } from './parameters.ts';
import { wireTime } from './kinds/scalar.ts';

// The wire's texts of an instant, a digit being 0. The second is that of instants with a part of a second.
const WHOLE = '0000-00-00T00:00:00Z';
const BROKEN = '0000-00-00T00:00:00.000000Z';

/** Where the two begin to differ. */
const SECONDS = 19;

type Part = {
  readonly at: number;
  readonly length: number;
  /** The most that it can be, where that is not all digits. */
  readonly last?: number;
  readonly sql: (utc: string) => string;
};

const calendar =
  (name: string) =>
  (utc: string): string =>
    `date_part('${name}', ${utc})::integer`;

// The expression of the index that finds parts of a second.
const micros = (utc: string): string => `(date_part('microseconds', ${utc})::integer % 1000000)`;

// The expression of the index that finds times of the day.
const secondOfDay = (utc: string): string => `(floor(date_part('epoch', (${utc})::time))::integer)`;

const YEAR: Part = { at: 0, length: 4, sql: calendar('year') };
const HOUR = { at: 11, length: 2, last: 23, sql: calendar('hour') };
const MINUTE = { at: 14, length: 2, last: 59, sql: calendar('minute') };
const SECOND = {
  at: 17,
  length: 2,
  last: 59,
  sql: (utc: string) => `(date_part('microseconds', ${utc})::integer / 1000000)`,
};
const FRACTION: Part = { at: 20, length: 6, sql: micros };
const PARTS: readonly Part[] = [
  YEAR,
  { at: 5, length: 2, last: 12, sql: calendar('month') },
  { at: 8, length: 2, last: 31, sql: calendar('day') },
  HOUR,
  MINUTE,
  SECOND,
  FRACTION,
];

/** A word at a place of the text. */
type Place = { readonly word: string; readonly at: number; readonly end: number; readonly broken: boolean };

/** Where a word can stand, each place once. */
function placesOf(word: string): Place[] {
  const shape = word.replace(/\d/g, '0');
  const places: Place[] = [];
  for (const text of [WHOLE, BROKEN]) {
    const broken = text === BROKEN;
    for (let at = text.indexOf(shape); at >= 0; at = text.indexOf(shape, at + 1)) {
      const end = at + word.length;
      if (!broken || end > SECONDS) places.push({ word, at, end, broken });
    }
  }
  return places;
}

/** Of more places it is cheaper to make the text of every instant. */
const MAX_PLACES = 6;

/** With so many digits a word names few parts of a second. */
const FEW_FRACTIONS = 3;

/**
 * SQL of whether a word is a part of the wire's text of an instant, in any letter case; undefined for a word that is in
 * none. Where it can it asks for ranges of instants, for seconds of the day or for parts of a second, which indices find.
 */
export function inInstant(word: string, instant: string, parameters: Parameters): string | undefined {
  const places = placesOf(word.toUpperCase()).filter((place) => isPossible(place));
  const fractions = places.filter((place) => namesFractions(place));
  const others = places.filter((place) => !namesFractions(place)).flatMap((place) => years(place));
  if (others.filter((place) => place.at > 0 && secondsOf(place) === undefined).length > MAX_PLACES) {
    return `${wireTime(instant)} like ${parameters.add(`%${word.toUpperCase()}%`, 'text')}`;
  }
  const conditions = others.map((place) => atPlace(place, instant, parameters)).filter((sql) => sql !== 'false');
  if (fractions.length > 0) {
    const values = new Set(fractions.flatMap(fractionsOf));
    const part = micros(`${instant} at time zone 'UTC'`);
    conditions.push(`(${part} <> 0 and ${part} = any(${parameters.add([...values], 'integer[]')}))`);
  }
  return conditions.length === 0 ? undefined : `(${conditions.join(' or ')})`;
}

/** Whether there is a month, a day and a time of the day with a word's digits at its place. */
function isPossible(place: Place): boolean {
  return PARTS.every((part) => part.last === undefined || valuesOf({ ...part, last: part.last }, place).length > 0);
}

type Limited = Part & { readonly last: number };

/** What a part of the instant may be for a word at a place. */
function valuesOf({ at: start, length, last }: Limited, { word, at, end }: Place): number[] {
  const from = Math.max(at, start);
  const digits = word.slice(Math.max(0, from - at), Math.max(0, Math.min(end, start + length) - at));
  const values = Array.from({ length: last + 1 }, (_, value) => value);
  return values.filter((value) =>
    String(value)
      .padStart(length, '0')
      .startsWith(digits, from - start),
  );
}

/** A twentieth of a day: an index finds so many seconds. */
const FEW_SECONDS = 4320;

/** The seconds since midnight that have a word's part at its place; undefined where these are many. */
function secondsOf(place: Place): number[] | undefined {
  const [hours, minutes, seconds] = [valuesOf(HOUR, place), valuesOf(MINUTE, place), valuesOf(SECOND, place)];
  if (hours.length * minutes.length * seconds.length > FEW_SECONDS) return undefined;
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
  );
}

const digitsOf = (word: string): string => word.replace(/\D/g, '');

function namesFractions({ word, at, broken }: Place): boolean {
  return broken && at >= SECONDS && digitsOf(word).length >= FEW_FRACTIONS;
}

/** The parts of a second that have a word's digits at a place. */
function fractionsOf({ word, at }: Place): number[] {
  const digits = digitsOf(word);
  const before = Math.max(0, at - FRACTION.at);
  const after = FRACTION.length - before - digits.length;
  const found: number[] = [];
  for (let high = 0; high < 10 ** before; high++) {
    for (let low = 0; low < 10 ** after; low++) {
      const value = high * 10 ** (digits.length + after) + Number(digits) * 10 ** after + low;
      if (value > 0) found.push(value);
    }
  }
  return found;
}

/** A word that is the last three digits of a year is ten years. */
function years(place: Place): Place[] {
  if (place.at !== 1 || place.end !== YEAR.length) return [place];
  return Array.from({ length: 10 }, (_, first) => ({ ...place, at: 0, word: `${first}${place.word}` }));
}

function atPlace(place: Place, instant: string, parameters: Parameters): string {
  const { word, at, end, broken } = place;
  const utc = `${instant} at time zone 'UTC'`;
  const conditions: string[] = [];
  if (at === 0) {
    const range = rangeOf(word.slice(0, SECONDS));
    if (!range) return 'false';
    conditions.push(`${instant} >= '${range.from}'::timestamptz`, `${instant} < '${range.to}'::timestamptz`);
  }
  if (end > SECONDS) conditions.push(`${micros(utc)} ${broken ? '<>' : '='} 0`);
  const seconds = at === 0 ? undefined : secondsOf(place);
  if (seconds) conditions.push(`${secondOfDay(utc)} = any(${parameters.add(seconds, 'integer[]')})`);
  for (const part of PARTS) {
    // What a range or the seconds say already.
    if (at === 0 && part.at < SECONDS) continue;
    if (seconds && part.at >= HOUR.at && part.at < SECONDS) continue;
    const from = Math.max(at, part.at);
    const to = Math.min(end, part.at + part.length);
    if (from >= to) continue;
    const digits = Number(word.slice(from - at, to - at));
    const below = 10 ** (part.at + part.length - to);
    conditions.push(`${part.sql(utc)} / ${below} % ${10 ** (to - from)} = ${digits}`);
  }
  // A separator is in each of them.
  return `(${conditions.join(' and ') || `${instant} is not null`})`;
}

/** The instants whose text begins so: from the first one until before another. Undefined when there are none. */
function rangeOf(beginning: string): { from: string; to: string } | undefined {
  const before: number[] = [];
  // What the last part may be, of which the text may have the first digits only.
  let open: readonly [first: number, last: number] | undefined;
  for (const { at, length } of PARTS) {
    if (at >= beginning.length) break;
    if (open) before.push(open[0]);
    const [low, high] = limitsAfter(before);
    const digits = beginning.slice(at, at + length);
    const below = 10 ** (length - digits.length);
    open = [Math.max(low, Number(digits) * below), Math.min(high, Number(digits) * below + below - 1)];
    if (open[0] > open[1]) return undefined;
  }
  if (!open) return undefined;
  return { from: instantOf([...before, open[0]]), to: instantOf([...before, open[1] + 1]) };
}

/** The least and the most that the next part of an instant can be. */
function limitsAfter([year, month, ...others]: readonly number[]): readonly [number, number] {
  if (year === undefined) return [1, 9999];
  if (month === undefined) return [1, 12];
  if (others.length === 0) return [1, new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()];
  return [0, others.length === 1 ? 23 : 59];
}

/** The text of an instant from its first parts, of which the last may be one too many. */
function instantOf(parts: readonly number[]): string {
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return `${String(date.getUTCFullYear()).padStart(4, '0')}-${date.toISOString().slice(-19, -5)}Z`;
}
