import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVault } from '../../../kernel/crypto/vault.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { codeHash, linkSecretHash, newCode, newSecret, normalizeCode } from './secret.ts';

const ctx = { vault: createVault('k'.repeat(32)) };

test('a code is two groups of five symbols of which none looks like another', () => {
  for (let made = 0; made < 200; made += 1) {
    expect(newCode(systemRandom)).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  }
  const all = Array.from({ length: 32 }, (_, byte) => byte);
  const symbols = all.map((byte) => newCode({ bytes: (length) => Buffer.alloc(length, byte) }).charAt(0));
  expect(new Set(symbols).size).toBe(32);
});

test('a code is known in any case, with any spaces and hyphens, and by letters that look alike', () => {
  const styles = fc.array(fc.constantFrom(' ', '-', '–', '\u00a0', ''), { minLength: 10, maxLength: 10 });
  const alike: { readonly [symbol: string]: readonly string[] } = {
    '0': ['o', 'O'],
    '1': ['i', 'I', 'l', 'L'],
    V: ['u', 'U', 'v'],
  };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), styles, fc.nat(), (bytes, marks, choice) => {
      const code = newCode({ bytes: () => Buffer.from(bytes) });
      const letters = Array.from(code.replace('-', ''), (symbol) => {
        const ways = [symbol, symbol.toLowerCase(), ...(alike[symbol] ?? [])];
        return ways[choice % ways.length] ?? symbol;
      });
      const typed = letters.map((letter, at) => `${marks[at] ?? ''}${letter}`).join('');
      expect(normalizeCode(typed)).toBe(normalizeCode(code));
      expect(codeHash(ctx, typed).equals(codeHash(ctx, code))).toBe(true);
    }),
  );
});

test('E22: a shortened or longer code or secret has another hash', () => {
  const code = newCode(systemRandom);
  const secret = newSecret(systemRandom);
  expect(secret).toMatch(/^[A-Za-z0-9]{32}$/);
  const codes = [code, code.slice(1), code.slice(0, -1), `${code}0`, ''].map((text) => codeHash(ctx, text));
  const secrets = [secret, secret.slice(1), secret.slice(0, -1), `${secret}a`, secret.toLowerCase().concat(' '), ''];
  const hashes = [...codes, ...secrets.map((text) => linkSecretHash(ctx, text))].map((hash) => hash.toString('hex'));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('E03: a code is no secret, and neither is known without the secret key', () => {
  const text = 'ABCDEABCDE';
  expect(codeHash(ctx, text).equals(linkSecretHash(ctx, text))).toBe(false);
  const other = { vault: createVault('K'.repeat(32)) };
  expect(codeHash(ctx, text).equals(codeHash(other, text))).toBe(false);
  expect(linkSecretHash(ctx, text).equals(linkSecretHash(other, text))).toBe(false);
});
