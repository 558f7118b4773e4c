import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { enforceLocked, isLockedKey, lockedValue } from './locked.ts';

const locked = { email: 'fixed', attributes: { a: { b: 1 }, list: [1] }, 'attributes.c': 'dotted' };

describe('T10: locked values', () => {
  test.each([
    ['email', true],
    ['attributes', true],
    ['attributes.a', true],
    ['attributes_a', true],
    ['attributes.a.b', true],
    ['attributes.a.b.deeper', true],
    ['attributes_a_b', true],
    ['attributes.c', true],
    ['attributes_c', true],
    ['attributes.a.other', false],
    ['attributes.other', false],
    ['name', false],
    ['mail', false],
  ])('a field %s would change one: %s', (key, expected) => {
    expect(isLockedKey(locked, key)).toBe(expected);
  });

  test('are found under every spelling of their place', () => {
    expect(
      ['attributes.a.b', 'attributes_a_b', 'attributes_c', 'email'].map((key) => lockedValue(locked, key)),
    ).toEqual([1, 1, 'dotted', 'fixed']);
    expect(lockedValue(locked, 'attributes.a')).toBeUndefined();
  });

  test('win over answers under every spelling; what is beside them stays', () => {
    const answered = {
      name: 'mine',
      email: 'mine',
      attributes: { a: { b: 2, other: 3 }, list: [2], free: 4, c: 'mine' },
      'attributes.a': 'mine',
      'attributes.a.b.deeper': 'mine',
      attributes_c: 'mine',
      'attributes.free': 5,
    };
    expect(enforceLocked(answered, locked)).toEqual({
      name: 'mine',
      email: 'fixed',
      attributes: { a: { b: 1, other: 3 }, list: [1], free: 4, c: 'dotted' },
      'attributes.free': 5,
    });
  });

  const keys = fc.constantFrom('a', 'b', 'attributes', 'attributes.a', 'attributes_a_b', 'attributes.b', '__proto__');
  const { object } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.string(), fc.constant(null), tie('object')),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<JsonObject>,
  }));

  test('hold for any data and any answers, the inputs stay, and doing it twice changes nothing', () => {
    fc.assert(
      fc.property(object, object, (answers, fixed) => {
        const before = JSON.stringify([answers, fixed]);
        const once = enforceLocked(answers, fixed);
        expect(enforceLocked(once, fixed)).toEqual(once);
        expect(JSON.stringify([answers, fixed])).toBe(before);
        // Without answers it is as if everything had been answered as it is fixed.
        expect(enforceLocked(enforceLocked({}, fixed), fixed)).toEqual(enforceLocked({}, fixed));
        const kept = Object.entries(answers).filter(([key]) => key !== '__proto__' && !isLockedKey(fixed, key));
        expect(once).toMatchObject(Object.fromEntries(kept));
      }),
    );
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });
});
