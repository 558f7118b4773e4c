import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVault } from './vault.ts';

const vault = createVault('k'.repeat(32));
const other = createVault('K'.repeat(32));

test('what was sealed is opened again, and looks different each time', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (bytes, purpose) => {
      const plain = Buffer.from(bytes);
      const sealed = vault.seal(plain, purpose);
      expect(vault.open(sealed, purpose)).toEqual(plain);
      expect(vault.seal(plain, purpose).equals(sealed)).toBe(false);
    }),
  );
  expect(vault.open(vault.seal('schlüssel', 'token'), 'token')?.toString()).toBe('schlüssel');
});

test('another purpose or another key opens nothing (E03)', () => {
  const sealed = vault.seal('secret', 'token');
  expect(vault.open(sealed, 'tokens')).toBeUndefined();
  expect(vault.open(sealed, '')).toBeUndefined();
  expect(other.open(sealed, 'token')).toBeUndefined();
});

test('any changed byte, prefix or longer text is refused (E22)', () => {
  const sealed = vault.seal('secret', 'token');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(sealed.readUInt8(at) ^ 1, at);
    expect(vault.open(changed, 'token')).toBeUndefined();
    expect(vault.open(sealed.subarray(0, at), 'token')).toBeUndefined();
    expect(vault.open(sealed.subarray(at + 1), 'token')).toBeUndefined();
  }
  expect(vault.open(Buffer.concat([sealed, Buffer.of(0)]), 'token')).toBeUndefined();
});

test('fingerprints and macs depend on text, purpose and key, and not on one another', () => {
  const values = [vault, other].flatMap((one) =>
    ['a', 'b'].flatMap((text) =>
      ['p', 'q'].flatMap((purpose) => [
        one.fingerprint(text, purpose),
        Buffer.from(one.mac(text, purpose), 'base64url').toString('hex'),
      ]),
    ),
  );
  expect(new Set(values).size).toBe(16);
  expect(vault.fingerprint('a', 'p')).toBe(createVault('k'.repeat(32)).fingerprint('a', 'p'));
  expect(vault.fingerprint('a', 'p')).toMatch(/^[0-9a-f]{64}$/);
  expect(vault.mac('a', 'p')).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('texts are the same only if every character is, whatever their lengths (A16)', () => {
  expect(vault.sameText('abc', 'abc')).toBe(true);
  expect(vault.sameText('', '')).toBe(true);
  for (const text of ['', 'ab', 'abd', 'abcd', 'ABC', 'abc\u0000']) expect(vault.sameText('abc', text)).toBe(false);
});

test('the check value tells keys apart and does not hold them', () => {
  expect(vault.checkValue()).toBe(createVault('k'.repeat(32)).checkValue());
  expect(vault.checkValue()).not.toBe(other.checkValue());
  expect(vault.checkValue()).not.toContain('kkkk');
});

test('a short secret key is refused without being shown', () => {
  expect(() => createVault('hunter2'.repeat(4))).toThrow(/^The secret key is too short\.$/);
});
