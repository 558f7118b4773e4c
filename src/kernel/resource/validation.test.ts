import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toyApp } from './builders.ts';
import type { ToyApp } from './builders.ts';

let app: ToyApp;
let url: string;
beforeAll(async () => {
  app = await toyApp();
  const made = await app.send('POST', '/toys/books/', { name: 'subject' });
  url = `/toys/books/${made.json().pk}/`;
});
afterAll(() => app.close());

const SLUG = 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.';
const DATETIME =
  'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].';
const DICTIONARY = 'Value must be a dictionary, and not have any duplicate keys.';
const UNKNOWN = '8d4f2f0e-0000-4000-8000-000000000000';

/** Contract part 1, 2.3: the value of one field and its messages. */
const rows: readonly (readonly [field: string, value: unknown, messages: readonly string[]])[] = [
  ['name', null, ['This field may not be null.']],
  ['name', '', ['This field may not be blank.']],
  ['name', ' \t ', ['This field may not be blank.']],
  ['name', true, ['Not a valid string.']],
  ['name', [], ['Not a valid string.']],
  ['name', {}, ['Not a valid string.']],
  ['name', 'a b', [SLUG]],
  ['name', 'x'.repeat(51), ['Ensure this field has no more than 50 characters.']],
  ['name', `${'é'.repeat(51)}`, [SLUG, 'Ensure this field has no more than 50 characters.']],
  ['name', 'a\u0000b', [SLUG, 'Null characters are not allowed.']],
  ['expires', 'soon', [DATETIME]],
  ['expires', '', [DATETIME]],
  ['expires', 5, [DATETIME]],
  ['expires', false, [DATETIME]],
  ['expires', '2030-01-01', [DATETIME]],
  ['expires', '2030-02-30T00:00:00Z', [DATETIME]],
  ['expires', '0001-01-01T00:00:00+02:00', ['Datetime value out of range.']],
  ['fixed_data', null, ['This field may not be null.']],
  ['fixed_data', [], [DICTIONARY]],
  ['fixed_data', '{}', [DICTIONARY]],
  ['fixed_data', 5, [DICTIONARY]],
  ['single_use', null, ['This field may not be null.']],
  ['single_use', 'banana', ['Must be a valid boolean.']],
  ['single_use', '', ['Must be a valid boolean.']],
  ['single_use', 'null', ['Must be a valid boolean.']],
  ['single_use', [], ['Must be a valid boolean.']],
  ['shelf', UNKNOWN, [`Invalid pk "${UNKNOWN}" - object does not exist.`]],
  ['shelf', UNKNOWN.toUpperCase(), [`Invalid pk "${UNKNOWN.toUpperCase()}" - object does not exist.`]],
  ['shelf', 'abc', ['“abc” is not a valid UUID.']],
  ['shelf', 5, ['Invalid pk "5" - object does not exist.']],
  ['shelf', true, ['Incorrect type. Expected pk value, received bool.']],
  ['order', 2147483648, ['Ensure this value is less than or equal to 2147483647.']],
  ['order', '1.5', ['A valid integer is required.']],
];

describe('each row of the table of faults answers 400 alike for POST, PUT and PATCH (48)', () => {
  test.each(rows)('%s: %j', async (field, value, messages) => {
    const body = { name: 'good', [field]: value };
    for (const [method, path] of [
      ['POST', '/toys/books/'],
      ['PUT', url],
      ['PATCH', url],
    ] as const) {
      const answer = await app.send(method, path, body);
      expect([method, answer.statusCode, answer.json()]).toEqual([method, 400, { [field]: messages }]);
    }
  });
});

test('an absent name is a fault of POST and PUT only (43)', async () => {
  for (const [method, path] of [
    ['POST', '/toys/books/'],
    ['PUT', url],
  ] as const) {
    const answer = await app.send(method, path, {});
    expect([answer.statusCode, answer.json()]).toEqual([400, { name: ['This field is required.'] }]);
  }
  expect((await app.send('PATCH', url, {})).statusCode).toBe(200);
});

test.each([
  [[], 'Invalid data. Expected a dictionary, but got list.'],
  ['text', 'Invalid data. Expected a dictionary, but got str.'],
  [5, 'Invalid data. Expected a dictionary, but got int.'],
  [true, 'Invalid data. Expected a dictionary, but got bool.'],
  [null, 'No data provided'],
])('a body that is no object, %j, is refused as a whole', async (body, message) => {
  const answer = await app.send('PUT', url, undefined, {
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  expect([answer.statusCode, answer.json()]).toEqual([400, { non_field_errors: [message] }]);
});

test('all bad fields are reported at once, those that only the database knows among them, in field order', async () => {
  const answer = await app.send('POST', '/toys/books/', { shelf: UNKNOWN, single_use: 'x', name: 'a b', expires: 1 });
  expect(Object.keys(answer.json())).toEqual(['name', 'expires', 'single_use', 'shelf']);
});

test.each([
  [5, '5'],
  ['  padded  ', 'padded'],
])('the name %j becomes %j', async (name, stored) => {
  expect((await app.send('PATCH', url, { name })).json().name).toBe(stored);
});

test.each([true, 1, 't', 'T', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', '1'])(
  'the boolean %j is true',
  async (single_use) => {
    expect((await app.send('PATCH', url, { single_use })).json().single_use).toBe(true);
  },
);

test.each([false, 0, 'f', 'F', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '0'])(
  'the boolean %j is false',
  async (single_use) => {
    expect((await app.send('PATCH', url, { single_use })).json().single_use).toBe(false);
  },
);

describe('the limits of D16 are a 400 on the field, and nothing is stored (76)', () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
  const cases: readonly (readonly [string, string])[] = [
    ['fixed_data over 64 KiB', `{"name":"n","fixed_data":{"a":"${'x'.repeat(65_537)}"}}`],
    ['fixed_data over 32 levels', `{"name":"n","fixed_data":${deep(33)}}`],
    ['NUL in a value', '{"name":"n","fixed_data":{"a":"\\u0000"}}'],
    ['NUL in a key', '{"name":"n","fixed_data":{"a\\u0000":1}}'],
    ['the key __proto__', '{"name":"n","fixed_data":{"a":{"__proto__":{"x":1}}}}'],
    ['the key constructor', '{"name":"n","fixed_data":{"constructor":1}}'],
    ['a number that a double cannot hold', '{"name":"n","fixed_data":{"a":9007199254740993}}'],
    ['an endless number', '{"name":"n","fixed_data":{"a":1e400}}'],
    ['a lone surrogate', '{"name":"n","fixed_data":{"a":"\\ud800"}}'],
  ];
  test.each(cases)('%s', async (_label, payload) => {
    const before = (await app.send('GET', url)).body;
    const answer = await app.send('PUT', url, undefined, { payload, headers: { 'content-type': 'application/json' } });
    expect(answer.statusCode).toBe(400);
    expect(Object.keys(answer.json())).toEqual(['fixed_data']);
    expect((await app.send('GET', url)).body).toBe(before);
  });

  test('32 levels and ordinary decimals pass', async () => {
    const payload = `{"fixed_data":${deep(32)}}`;
    const answer = await app.send('PATCH', url, undefined, {
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(200);
    expect((await app.send('PATCH', url, { fixed_data: { a: 0.1 } })).json().fixed_data).toEqual({ a: 0.1 });
  });

  test('a forbidden key of the body itself is refused', async () => {
    const payload = '{"name":"n","__proto__":{"single_use":true}}';
    const answer = await app.send('PUT', url, undefined, { payload, headers: { 'content-type': 'application/json' } });
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ['non_field_errors']]);
  });
});

test('fixed_data is replaced as a whole', async () => {
  await app.send('PATCH', url, { fixed_data: { a: { b: 1 } } });
  expect((await app.send('PATCH', url, { fixed_data: { a: { c: 2 } } })).json().fixed_data).toEqual({ a: { c: 2 } });
});

test('a value that must be unique is refused with its own text, at creation and at change', async () => {
  const body = { slug: 'taken', title: 't' };
  await app.send('POST', '/toys/shelves/', body);
  await app.send('POST', '/toys/shelves/', { slug: 'free', title: 't' });
  const expected = { slug: ['Shelf with this slug already exists.'] };
  expect((await app.send('POST', '/toys/shelves/', body)).json()).toEqual(expected);
  expect((await app.send('PATCH', '/toys/shelves/free/', { slug: 'taken' })).json()).toEqual(expected);
  expect((await app.send('PUT', '/toys/shelves/taken/', body)).statusCode).toBe(200);
  expect(Object.keys((await app.send('POST', '/toys/shelves/', { slug: 'taken', title: '' })).json())).toEqual([
    'slug',
    'title',
  ]);
});

test('fields that must be unique together are refused as a set', async () => {
  const { pk } = (await app.send('POST', '/toys/shelves/', { slug: 'set', title: 't' })).json();
  const body = { name: 'set', shelf: pk, order: 1 };
  expect((await app.send('POST', '/toys/books/', body)).statusCode).toBe(201);
  const answer = await app.send('POST', '/toys/books/', body);
  const message = 'The fields shelf, name, order must make a unique set.';
  expect([answer.statusCode, answer.json()]).toEqual([400, { non_field_errors: [message] }]);
  const other = (await app.send('POST', '/toys/books/', { ...body, order: 2 })).json().pk;
  expect((await app.send('PATCH', `/toys/books/${other}/`, { order: 1 })).json()).toEqual({
    non_field_errors: [message],
  });
});

test('a choice outside the list is refused', async () => {
  const answer = await app.send('POST', '/toys/shelves/', { slug: 'c', title: 't', kind: 'banana' });
  expect(answer.json()).toEqual({ kind: ['"banana" is not a valid choice.'] });
});
