import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Denial } from '../../../core/flows/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { applyEdits } from './attributes.ts';
import { readChange } from './user-change.ts';

const attributesOf = (data: JsonObject, existing: JsonObject = {}): JsonObject =>
  applyEdits(existing, readChange(data).attributes);

describe('what is taken', () => {
  test('T13: five texts, and nothing else of a user', () => {
    const texts = { username: 'bob', name: 'Bob', email: 'bob@example.com', password: 'secret', locale: 'de' };
    const more = { is_active: false, type: 'internal', path: 'users/root', pk: 1, groups: ['a'], component: 'x' };
    expect(readChange({ ...texts, ...more })).toEqual({
      ...texts,
      attributes: [],
      dropped: ['is_active', 'type', 'path', 'pk', 'groups'],
    });
  });

  test('T11, E07: keys that mean nothing to a user are dropped without a word', () => {
    expect(readChange({ password_repeat: 'x', component: 'ak-stage-prompt', token: 'y' }).dropped).toEqual([]);
  });

  test.each(['goauthentik.io/user/debug', 'vestibule/admin'])(
    '(81) the reserved key %s is dropped and named',
    (key) => {
      const data = {
        [key]: true,
        attributes: { [key]: true, kept: 1 },
        [`attributes.${key}`]: 1,
        [`attributes_${key}`]: 2,
      };
      expect(attributesOf(data)).toEqual({ kept: 1 });
      expect(readChange(data).dropped).toEqual([key, `attributes.${key}`, `attributes.${key}`, `attributes_${key}`]);
    },
  );

  test('a name is trimmed and normalised', () => {
    expect(readChange({ username: ' re\u0301my ' }).username).toBe('r\u00e9my');
  });
});

describe('attributes', () => {
  test('as an object they are replaced one by one, not merged', () => {
    const existing = { a: { x: 1 }, b: 1 };
    expect(attributesOf({ attributes: { a: { y: 2 } } }, existing)).toEqual({ a: { y: 2 }, b: 1 });
  });

  test.each(['attributes.a.b', 'attributes_a_b'])('%s goes into the depth', (key) => {
    expect(attributesOf({ [key]: 2 }, { a: { x: 1 } })).toEqual({ a: { x: 1, b: 2 } });
  });

  test('T12: no path reaches a prototype', () => {
    const data = { 'attributes.__proto__.polluted': 1, attributes_constructor_prototype_polluted: 1, 'attributes.': 1 };
    expect(attributesOf(data)).toEqual({});
    expect('polluted' in {}).toBe(false);
  });

  test('what is no object is refused', () => {
    for (const attributes of ['x', ['x'], 1, null]) expect(() => readChange({ attributes })).toThrow(Denial);
  });
});

describe('what is refused', () => {
  test.each(['username', 'name', 'email', 'password', 'locale'])('%s of another type than text', (key) => {
    for (const value of [1, true, null, ['x'], { x: 1 }]) expect(() => readChange({ [key]: value })).toThrow(Denial);
  });

  test.each([
    ['a blank username', { username: '  ' }],
    ['a username with invisible characters', { username: 'bob\u202e' }],
    ['a username of 151 characters', { username: 'x'.repeat(151) }],
    ['a password of 1025 characters', { password: 'x'.repeat(1025) }],
    ['an address that is none', { email: 'bob' }],
    ['an address with a quoted local part', { email: '"b b"@example.com' }],
  ])('%s', (_what, data) => {
    expect(() => readChange(data)).toThrow(Denial);
  });

  test('A10: any data either is read or denied, and never anything else', () => {
    const outcome = (data: JsonObject): unknown => {
      try {
        return readChange(data);
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const result = outcome(JSON.parse(JSON.stringify(data)));
        expect(result instanceof Denial || !(result instanceof Error)).toBe(true);
      }),
    );
  });
});
