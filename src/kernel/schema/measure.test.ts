import { expect, test } from 'vitest';
import { measureJson } from './measure.ts';

test('size is counted in bytes of compact UTF-8, depth in levels', () => {
  expect(measureJson({})).toEqual({ bytes: 2, depth: 1 });
  expect(measureJson('ü')).toEqual({ bytes: 4, depth: 0 });
  expect(measureJson(null)).toEqual({ bytes: 4, depth: 0 });
  expect(measureJson({ a: [1, { b: {} }], c: 1 })).toEqual({ bytes: 24, depth: 4 });
});
