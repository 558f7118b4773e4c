import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex, parseUuid } from './uuid.ts';

test('a UUID in any of the four spellings becomes lower case and dashed', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      for (const text of [uuid, uuid.toUpperCase(), hex(uuid), hex(uuid).toUpperCase()])
        expect(parseUuid(text)).toBe(uuid);
      expect(hex(uuid)).toMatch(/^[0-9a-f]{32}$/);
    }),
  );
});

test.each([
  '',
  'abc',
  '{12345678-1234-1234-1234-123456789abc}',
  'urn:uuid:12345678-1234-1234-1234-123456789abc',
  '1234567-81234-1234-1234-123456789abc',
  '12345678-1234-1234-1234-123456789ab',
  '12345678-1234-1234-1234-123456789abg',
  '12345678-12341234-1234-123456789abc',
  ' 12345678123412341234123456789abc',
  '12345678123412341234123456789abc\n',
])('%j is no UUID', (text) => {
  expect(parseUuid(text)).toBeUndefined();
});
