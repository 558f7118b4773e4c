import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEmail } from './email.ts';

test.each([
  'a@b.co',
  'Alice.Smith+tag@Example.COM',
  "o'hara@example.org",
  'root@localhost',
  '_x-{y}@sub.example.museum',
  '1@1.ab',
  'user@bücher.example',
  'user@xn--bcher-kva.example',
  'user@उदाहरण.परीक्षा',
])('%s is an address', (text) => {
  expect(parseEmail(text)).toBe(text.normalize('NFC'));
});

test.each([
  '',
  'a',
  '@',
  'a@',
  '@b.co',
  'a@b',
  'a@b@c.co',
  '"a b"@c.co',
  '"a@b"@c.co',
  'a b@c.co',
  ' a@b.co',
  'a@b.co ',
  'a@b.co\n',
  'a\u0000@b.co',
  'a@b\u0000.co',
  'a\r\nBcc: x@y.zz@b.co',
  'a..b@c.co',
  '.a@b.co',
  'a.@b.co',
  'a@b..co',
  'a@.co',
  'a@b.co.',
  'a@-b.co',
  'a@b-.co',
  'a@[127.0.0.1]',
  'a@1.2.3.4',
  'a@b.c',
  'A <a@b.co>',
  'a@b.co,c@d.co',
  'a(c)@b.co',
  'ä@b.co',
  'a@b_c.co',
  'a@b\u200d.co',
  'a@\u202eb.co',
])('%j is no address (E27)', (text) => {
  expect(parseEmail(text)).toBeUndefined();
});

test('an address is normalised before it is checked (E27)', () => {
  expect(parseEmail('user@bu\u0308cher.example')).toBe('user@b\u00fccher.example');
  expect(parseEmail('user@ｅxample.org')).toBeUndefined();
  expect(parseEmail('user＠example.org')).toBeUndefined();
});

test('254 bytes pass and 255 do not, counted in UTF-8 (E27)', () => {
  const local = 'a'.repeat(64);
  const domain = (length: number): string =>
    `${'b'.repeat(60)}.${'b'.repeat(60)}.${'b'.repeat(60)}.${'b'.repeat(length - 183)}`;
  expect(parseEmail(`${local}@${domain(189)}`)).toBeDefined();
  expect(parseEmail(`${local}@${domain(190)}`)).toBeUndefined();
  expect(parseEmail(`a${local}@b.co`)).toBeUndefined();
  expect(parseEmail(`${local}@${domain(188).replace('b', 'ü')}`)).toBeDefined();
  expect(parseEmail(`${local}@${domain(189).replace('b', 'ü')}`)).toBeUndefined();
});

test('whatever is accepted is in NFC, has one @, no blank, control or quote, and is accepted again', () => {
  const text = fc.oneof(
    fc.emailAddress(),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.emailAddress(), fc.string({ unit: 'binary' })).map((p) => p.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      const address = parseEmail(input);
      if (address === undefined) return;
      expect(address).toBe(input.normalize('NFC'));
      expect(address.split('@')).toHaveLength(2);
      expect(address).not.toMatch(/[\s"\p{C}]/u);
      expect(parseEmail(address)).toBe(address);
    }),
    { numRuns: 500 },
  );
});
