import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compactJson } from './compact.ts';

test.each([
  ['{"a": 1, "b": [1, 2]}', '{"a":1,"b":[1,2]}'],
  ['[{"a":1}, \n {"a":2}]', '[{"a":1},{"a":2}]'],
  [String.raw`{"a b": "c \" d: \\"  , "e\\\"  f": ", "}`, String.raw`{"a b":"c \" d: \\","e\\\"  f":", "}`],
  ['" , "', '" , "'],
  ['1', '1'],
  ['', ''],
])('%j becomes %j', (text, expected) => {
  expect(compactJson(text)).toBe(expected);
});

test('any JSON, written with blanks and line feeds, becomes what it is without', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(' ', '  ', '\n', 1), (value, space) => {
      expect(compactJson(JSON.stringify(value, null, space))).toBe(JSON.stringify(value));
    }),
  );
});
