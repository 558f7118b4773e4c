import { expect, test } from 'vitest';
import { isSlug } from './slug.ts';

test('a slug has ASCII letters, digits, underscores and hyphens', () => {
  expect(isSlug('Alice_2-b')).toBe(true);
  for (const text of ['', 'a b', 'a.b', 'ä', 'a\n', 'a/b', 'a\u0000']) expect(isSlug(text)).toBe(false);
});
