import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from './json.ts';
import { mergeJson } from './merge.ts';
import { isJsonObject } from './types.ts';
import type { Json, JsonObject } from './types.ts';

// As the database could hand it out: forbidden keys as own properties.
const raw = (text: string): JsonObject => {
  const value: Json = JSON.parse(text);
  if (!isJsonObject(value)) throw new Error('not an object');
  return value;
};

test('objects merge at every depth, lists are joined, other conflicts are won by the second', () => {
  const existing = { a: { x: 1, y: [1, { k: 1 }] }, list: [1], text: 'old', kept: true, mixed: [1] };
  const added = { a: { y: [2], z: null }, list: [1, 2], text: 'new', mixed: { o: 1 }, extra: 0 };
  expect(mergeJson(existing, added)).toEqual({
    a: { x: 1, y: [1, { k: 1 }, 2], z: null },
    list: [1, 1, 2],
    text: 'new',
    kept: true,
    mixed: { o: 1 },
    extra: 0,
  });
});

test('keys that reach a prototype are left out at every depth, from either side (P5, T12)', () => {
  const evil =
    '{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}},"l":[{"__proto__":{"polluted":1}}]}}';
  for (const merged of [mergeJson(raw(evil), {}), mergeJson({}, raw(evil)), mergeJson(raw(evil), raw(evil))]) {
    expect(JSON.stringify(merged)).not.toMatch(/__proto__|constructor|prototype|polluted/);
    expect(merged).toHaveProperty('a.l');
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('names that every object inherits are ordinary data', () => {
  expect(mergeJson({}, { toString: { a: 1 }, hasOwnProperty: [1] })).toEqual({
    toString: { a: 1 },
    hasOwnProperty: [1],
  });
});

test('merging changes neither input and shares nothing with them', () => {
  const existing = { a: { l: [{ x: 1 }] } };
  const added = { b: { y: [1] }, a: { l: [{ z: 1 }] } };
  const before = JSON.stringify([existing, added]);
  const merged = mergeJson(existing, added);
  existing.a.l.push({ x: 9 });
  added.b.y.push(9);
  expect(merged).toEqual({ a: { l: [{ x: 1 }, { z: 1 }] }, b: { y: [1] } });
  existing.a.l.pop();
  added.b.y.pop();
  expect(JSON.stringify([existing, added])).toBe(before);
});

test('merging with nothing, on either side, is the same data', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(objects, (text) => {
      const { value } = parseJson(new TextEncoder().encode(text));
      if (!isJsonObject(value)) throw new Error('not an object');
      expect(mergeJson(value, {})).toEqual(value);
      expect(mergeJson({}, value)).toEqual(value);
    }),
  );
});
