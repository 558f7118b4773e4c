import { expect, test } from 'vitest';
import { isAllowedAddress, normalAddress } from './address.ts';

test.each([
  [[], 'anybody@example.org', true],
  [['a@example.org'], 'a@example.org', true],
  [['a@example.org'], 'A@EXAMPLE.ORG', true],
  [['a@example.org'], 'a+b@example.org', false],
  [['a@example.org'], 'a@example.org.', false],
  [['@example.org'], 'x@example.org', true],
  [['@Example.ORG'], 'x@example.org', true],
  [['@example.org'], 'x@sub.example.org', false],
  [['@example.org'], 'x@badexample.org', false],
  [['@example.org'], 'x@example.org@evil.example', false],
  [['@bücher.example'], 'x@xn--bcher-kva.example', true],
  [['@xn--bcher-kva.example'], 'x@BÜCHER.example', true],
  [['@exämple.org'], 'x@example.org', false],
  [['@'], 'x@example.org', false],
  [['@example.org'], '', false],
  [['@example.org'], '@example.org', false],
] as const)('of %j %s is one: %s (E08)', (allowed, email, expected) => {
  expect(isAllowedAddress(allowed, email)).toBe(expected);
});

test('what is no address has no normal form', () => {
  expect(['', 'a', 'a@', '@b.example', 'a b@c.example', '"a"@b.example'].map(normalAddress)).toEqual(
    Array.from({ length: 6 }, () => undefined),
  );
});
