import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeJson } from '../../../kernel/schema/merge.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { rebase } from './fixed-data.ts';

const plain = (value: JsonObject): unknown => JSON.parse(JSON.stringify(value));
const rebased = (current: JsonObject, before: JsonObject, after: JsonObject): unknown =>
  plain(rebase(current, { base: {}, before, after }));

describe('an edit of the fixed data', () => {
  test.each<readonly [string, JsonObject, JsonObject, JsonObject, JsonObject]>([
    ['changes a value that nobody touched', { email: 'a' }, { email: 'a' }, { email: 'b' }, { email: 'b' }],
    ['leaves what the person answered', { email: 'mine' }, { email: 'a' }, { email: 'b' }, { email: 'mine' }],
    ['brings a new value', { name: 'N' }, {}, { email: 'b' }, { name: 'N', email: 'b' }],
    ['takes a value away', { email: 'a', name: 'N' }, { email: 'a' }, {}, { name: 'N' }],
    ['does not take an answer away', { email: 'mine' }, { email: 'a' }, {}, { email: 'mine' }],
    [
      'reaches every depth',
      { a: { b: { c: 1 } } },
      { a: { b: { c: 1 } } },
      { a: { b: { d: 2 } } },
      { a: { b: { d: 2 } } },
    ],
    ['may change the kind of a value', { a: { b: 1 } }, { a: { b: 1 } }, { a: 'text' }, { a: 'text' }],
  ])('%s', (_name, current, before, after, expected) => {
    expect(rebased(current, before, after)).toEqual(expected);
  });

  test('replaces its own part of a list that had items before, and of an object', () => {
    const base = { list: [1], object: { mine: 1 } };
    const before = { list: [2], object: { theirs: 1 } };
    const current = mergeJson(base, before);
    const now = rebase(current, { base, before, after: { list: [3], object: { theirs: 2 } } });
    expect(plain(now)).toEqual({ list: [1, 3], object: { mine: 1, theirs: 2 } });
    expect(plain(rebase(current, { base, before, after: {} }))).toEqual(base);
  });

  test('T12: keeps keys that reach a prototype out', () => {
    const after: JsonObject = JSON.parse('{"__proto__": {"polluted": 1}, "a": {"constructor": {"polluted": 1}}}');
    const now = rebase({}, { base: {}, before: {}, after });
    expect(Object.keys(now)).toEqual(['a']);
    expect(now['a']).toEqual(Object.create(null));
  });
});

const keys = fc.constantFrom('a', 'b', 'c', 'toString', 'email');
const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1, 'x', ''),
    fc.array(fc.constantFrom<Json>(1, 'x'), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
}));

describe('of any data', () => {
  test('T06: without answers it is as if the link were opened now', () => {
    fc.assert(
      fc.property(object, object, object, (base, before, after) => {
        const stored: JsonObject = JSON.parse(JSON.stringify(mergeJson(base, before)));
        expect(plain(rebase(stored, { base, before, after }))).toEqual(plain(mergeJson(base, after)));
      }),
    );
  });

  test('an unedited invitation changes nothing of what was gathered', () => {
    fc.assert(
      fc.property(object, object, object, (base, before, answers) => {
        const gathered = { ...mergeJson(base, before), ...answers };
        expect(plain(rebase(gathered, { base, before, after: before }))).toEqual(plain(gathered));
      }),
    );
  });

  test('D7: an answer that differs from what was filled in stays, whatever the edit', () => {
    fc.assert(
      fc.property(object, object, object, (base, before, after) => {
        const gathered = { ...mergeJson(base, before), email: 'an answer' };
        expect(rebase(gathered, { base, before, after })['email']).toBe('an answer');
      }),
    );
  });
});
