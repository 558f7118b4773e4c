import fc from 'fast-check';
import { expect, test } from 'vitest';
import { avatarOf } from './avatar.ts';

const markup = (text: string): string =>
  Buffer.from(avatarOf(text).replace('data:image/svg+xml;base64,', ''), 'base64').toString('utf8');
const initials = (text: string): string => /<text[^>]*>(.*)<\/text>/.exec(markup(text))?.[1] ?? '';

test.each([
  ['Ada Lovelace', 'AL'],
  ['Ada King Lovelace', 'AL'],
  ['ada', 'A'],
  ['élan vital', 'ÉV'],
  ['李 小龙', '李小'],
  ['', ''],
])('the initials of %j are %j', (text, expected) => {
  expect(initials(text)).toBe(expected);
});

test('the same text gives the same picture, another one another', () => {
  expect(avatarOf('Ada')).toBe(avatarOf('Ada'));
  expect(avatarOf('Ada')).not.toBe(avatarOf('Bob'));
});

test('no text breaks out of the markup', () => {
  const frame = (text: string): string =>
    markup(text)
      .replace(`>${initials(text)}</text>`, '></text>')
      .replace(/hsl\(\d+/, 'hsl(0');
  const empty = frame('');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(frame(text)).toBe(empty);
    }),
  );
});
