import { CommandError } from '../../../../kernel/cli/command.ts';
import type { Clock } from '../../../../kernel/clock.ts';
import { parseTimestamp } from '../../../../kernel/schema/datetime.ts';

const DURATION = /^(\d{1,5})(m|h|d|w)$/;
const SECONDS = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** When it ends, as an instant: what was typed is one, or a time from now, or `never` (null). @throws CommandError */
export function readExpiry(text: string, clock: Clock): string | null {
  if (text === 'never') return null;
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount && (unit === 'm' || unit === 'h' || unit === 'd' || unit === 'w')) {
    return new Date(clock.now().getTime() + Number(amount) * SECONDS[unit] * 1000).toISOString();
  }
  const parsed = parseTimestamp(text);
  if ('value' in parsed) return parsed.value;
  throw new CommandError('--expires takes 30m, 12h, 7d, 2w, never, or an instant such as 2030-01-31T12:00:00Z.');
}

/** A duration as the own API takes it: `30m` becomes `PT30M`; anything else is left for the API to judge. */
export function readDuration(text: string): string {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  if (amount === undefined) return text;
  return `P${unit === 'm' || unit === 'h' ? 'T' : ''}${amount}${unit.toUpperCase()}`;
}

/** A whole number of at least 1. @throws CommandError */
export function readCount(text: string, option: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CommandError(`${option} takes a whole number from 1.`);
  return Number(text);
}
