import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { checkAnswers, passwordsDiffer } from './answers.ts';
import { aPrompt } from './builders.ts';
import { PROMPT_TYPES, isDecoration, isFixed } from './field-types.ts';
import type { PromptType } from './field-types.ts';
import type { PromptRow } from './store.ts';

type Case = { readonly row?: Partial<PromptRow>; readonly data?: JsonObject; readonly reply?: JsonObject };

const check = ({ row, data = {}, reply = {} }: Case) => checkAnswers([aPrompt(row)], data, reply);
const answer = (type: PromptType, value: JsonObject[string], row: Partial<PromptRow> = {}) =>
  check({ row: { type, ...row }, reply: { field: value } });

describe('absent answers', () => {
  test.each(['text', 'username', 'email', 'password', 'number', 'date', 'date-time', 'file', 'ak-locale'] as const)(
    'T04: a required %s that is left out is reported',
    (type) => {
      expect(check({ row: { type } }).errors).toEqual({
        field: [{ string: 'This field is required.', code: 'required' }],
      });
    },
  );

  test('a field that is not required may be left out and has no value then', () => {
    expect(check({ row: { required: false } })).toEqual({ answers: {}, errors: {} });
  });

  test('a checkbox is never required', () => {
    expect(check({ row: { type: 'checkbox' } })).toEqual({ answers: {}, errors: {} });
  });

  test('(57) a pre-filled field may be left out and keeps its value', () => {
    expect(check({ data: { field: 'kept' } }).answers).toEqual({ field: 'kept' });
  });

  test('a value that was pre-filled is checked like a typed one', () => {
    const { errors } = check({ row: { type: 'email' }, data: { field: 'nobody' } });
    expect(errors).toEqual({ field: [{ string: 'Enter a valid email address.', code: 'invalid' }] });
  });

  test('null is reported as null', () => {
    expect(answer('text', null).errors).toEqual({ field: [{ string: 'This field may not be null.', code: 'null' }] });
  });

  test.each(['number', 'date', 'date-time', 'file', 'dropdown'] as const)(
    'an optional %s that a plain form sends empty counts as left out',
    (type) => {
      expect(answer(type, '', { required: false })).toEqual({ answers: {}, errors: {} });
    },
  );
});

describe('which keys count', () => {
  test('T13: keys without a prompt are ignored', () => {
    const reply = { field: 'a', is_active: true, groups: ['x'], pk: 1, component: 'ak-stage-deny' };
    expect(check({ reply }).answers).toEqual({ field: 'a' });
  });

  test.each(PROMPT_TYPES.filter(isFixed))('what is submitted for %s is ignored', (type) => {
    expect(answer(type, 'mine', { initial_value: 'theirs' }).answers).toEqual({ field: 'theirs' });
    expect(answer(type, 'mine').answers).toEqual({ field: '' });
  });

  test.each(PROMPT_TYPES.filter(isDecoration))('%s has no value', (type) => {
    expect(answer(type, 'mine')).toEqual({ answers: {}, errors: {} });
  });

  test('T12: names of the object prototype are no answers', () => {
    for (const key of ['toString', 'valueOf', 'hasOwnProperty']) {
      const { errors, answers } = check({ row: { field_key: key } });
      expect(errors).toEqual({ [key]: [{ string: 'This field is required.', code: 'required' }] });
      expect(Object.keys(answers)).toEqual([]);
    }
  });

  test('T12: no key and no reply reaches a prototype', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (key, value) => {
        const hostile = Object.fromEntries([
          [key, value],
          ['__proto__', { polluted: true }],
        ]);
        checkAnswers(
          [aPrompt({ field_key: '__proto__' }), aPrompt({ field_key: key })],
          {},
          JSON.parse(JSON.stringify(hostile)),
        );
        expect('polluted' in {}).toBe(false);
      }),
    );
  });
});

describe('values by type', () => {
  test.each([
    ['text', ' a ', ' a '],
    ['text_area', ' a\n', ' a\n'],
    ['username', ' bob ', 'bob'],
    ['password', ' secret ', 'secret'],
    ['email', ' a@example.com ', 'a@example.com'],
    ['number', '7', 7],
    ['number', 7, 7],
    ['number', '7.0', 7],
    ['checkbox', 'on', true],
    ['checkbox', false, false],
    ['date', '2026-02-28', '2026-02-28'],
    ['date-time', '2026-02-28T10:00+01:00', '2026-02-28T09:00:00Z'],
    ['file', 'data:text/plain;base64,aGVsbG8=', 'data:text/plain;base64,aGVsbG8='],
    ['ak-locale', '', ''],
    ['ak-locale', 'de_DE', 'de_DE'],
  ] as const)('%s takes %j', (type, given, kept) => {
    expect(answer(type, given)).toEqual({ answers: { field: kept }, errors: {} });
  });

  test.each([
    ['text', '', 'This field may not be blank.', 'blank'],
    ['text', true, 'Not a valid string.', 'invalid'],
    ['text', { a: 1 }, 'Not a valid string.', 'invalid'],
    ['username', '  ', 'This field may not be blank.', 'blank'],
    ['username', 'bo\u200bb', 'Enter a username without invisible characters.', 'invalid'],
    ['password', 'x'.repeat(1025), 'Ensure this field has no more than 1024 characters.', 'max_length'],
    ['email', 'a@b@c', 'Enter a valid email address.', 'invalid'],
    ['number', '1.5', 'A valid integer is required.', 'invalid'],
    ['number', 'x', 'A valid integer is required.', 'invalid'],
    ['number', true, 'A valid integer is required.', 'invalid'],
    ['checkbox', 'perhaps', 'Must be a valid boolean.', 'invalid'],
    ['date', '2026-02-29', 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.', 'invalid'],
    ['file', 'https://example.com/a', 'Invalid scheme', 'invalid'],
    ['file', 'data:text/plain,hello', 'Invalid encoding', 'invalid'],
    ['file', 'data:text/plain;base64,???', 'Invalid encoding', 'invalid'],
    ['ak-locale', 'not a locale', '"not a locale" is not a valid choice.', 'invalid_choice'],
  ] as const)('A10: %s refuses %j', (type, given, string, code) => {
    expect(answer(type, given)).toEqual({ answers: {}, errors: { field: [{ string, code }] } });
  });

  test.each(['username', 'password'] as const)('%s may not be blank even where it is not required', (type) => {
    expect(answer(type, '', { required: false }).errors).toEqual({
      field: [{ string: 'This field may not be blank.', code: 'blank' }],
    });
  });

  test.each(['text', 'email'] as const)('%s may be blank where it is not required', (type) => {
    expect(answer(type, '', { required: false }).answers).toEqual({ field: '' });
  });

  test.each(['dropdown', 'radio-button-group'] as const)('%s takes one of its choices and nothing else', (type) => {
    const data = { field__choices: ['x', { value: 'y', label: 'Why' }] };
    expect(check({ row: { type }, data, reply: { field: 'y' } }).answers).toEqual({ field: 'y' });
    expect(check({ row: { type }, data, reply: { field: 'z' } }).errors).toEqual({
      field: [{ string: '"z" is not a valid choice.', code: 'invalid_choice' }],
    });
  });
});

describe('pairs of passwords', () => {
  const twice = [aPrompt({ field_key: 'one', type: 'password' }), aPrompt({ field_key: 'two', type: 'password' })];

  test('exactly two are compared', () => {
    expect(passwordsDiffer(twice, { one: 'a', two: 'b' })).toBe(true);
    expect(passwordsDiffer(twice, { one: 'a', two: 'a' })).toBe(false);
  });

  test('any other number is not', () => {
    const third = aPrompt({ field_key: 'three', type: 'password' });
    expect(passwordsDiffer([...twice, third], { one: 'a', two: 'b', three: 'c' })).toBe(false);
  });
});
