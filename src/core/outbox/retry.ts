import type { Random } from '../../kernel/random.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

// Between one try and the next, in seconds. The first ones are for greylisting and restarts, the last for a weekend.
const DELAYS = [
  MINUTE,
  3 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  18 * HOUR,
  24 * HOUR,
  24 * HOUR,
];

// So there are 13 tries, over 75 to 113 hours; R09 asks for 12 over 72.

// A fifth more or less, so that a crowd that was refused together does not come back together.
const JITTER = 0.2;

/** Seconds from the try of that number (from 1) to the next; undefined: there is none. */
export function delayAfter(tries: number, random: Pick<Random, 'bytes'>): number | undefined {
  const delay = DELAYS[tries - 1];
  if (delay === undefined) return undefined;
  const share = random.bytes(2).readUInt16BE() / 0xffff;
  return Math.round(delay * (1 - JITTER + 2 * JITTER * share));
}
