import { expect, test } from 'vitest';
import { parseTimedelta } from './timedelta.ts';

test.each([
  ['seconds=0', 0],
  ['hours=1;minutes=2', 3720],
  ['days=30', 2_592_000],
  ['weeks=1;days=1', 691_200],
  ['milliseconds=500', 0.5],
  ['microseconds=250000', 0.25],
  ['minutes=1.5', 90],
  [' Hours = 2 ; seconds=1 ', 7201],
])('%j is %d seconds', (text, seconds) => {
  expect(parseTimedelta(text)).toBeCloseTo(seconds, 9);
});

test.each([
  '',
  ';',
  'hours',
  'hours=',
  'hours=x',
  'hours=-1',
  'hours=1;',
  'years=1',
  'hours=1,minutes=2',
  'hours=1;hours=2',
  '5',
  'hours=1e3',
  'hours=Infinity',
  'weeks=99999999999',
  'constructor=1',
  `days=${'9'.repeat(400)}`,
])('%j is no duration', (text) => {
  expect(parseTimedelta(text)).toBeUndefined();
});
