import { beforeEach, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { INVITATIONS, UNKNOWN_ID } from './urls.ts';

const app = await testApp();

const SLUG = 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.';
const TOO_LONG = 'Ensure this field has no more than 50 characters.';
const NUL = 'Null characters are not allowed.';
const DATE =
  'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].';
const DICTIONARY = 'Value must be a dictionary, and not have any duplicate keys.';
const NOT_NULL = 'This field may not be null.';

type Row = readonly [field: string, value: unknown, messages: readonly string[]];

/** Contract part 1, 2.3, in its order. */
const FIELD_ROWS: readonly Row[] = [
  ['name', null, [NOT_NULL]],
  ['name', '', ['This field may not be blank.']],
  ['name', '   ', ['This field may not be blank.']],
  ...[true, ['a'], { a: 1 }].map((value): Row => ['name', value, ['Not a valid string.']]),
  ['name', 'a b', [SLUG]],
  ['name', 'a'.repeat(51), [TOO_LONG]],
  ['name', 'a b'.repeat(20), [SLUG, TOO_LONG]],
  ['name', 'a\0', [SLUG, NUL]],
  ['name', `${'a'.repeat(60)}\0`, [SLUG, TOO_LONG, NUL]],
  ...['', 'junk', 5, 1.5, true, '2030-01-01', '2030-02-30T00:00:00Z', '2030-13-01T00:00:00Z', [], {}].map(
    (value): Row => ['expires', value, [DATE]],
  ),
  ['expires', '0001-01-01T00:00:00+01:00', ['Datetime value out of range.']],
  ['expires', '9999-12-31T23:59:59-01:00', ['Datetime value out of range.']],
  ['fixed_data', null, [NOT_NULL]],
  ...[[], 'text', '{"a":1}', 5, true].map((value): Row => ['fixed_data', value, [DICTIONARY]]),
  ['single_use', null, [NOT_NULL]],
  ...['banana', '', 'null', [], {}].map((value): Row => ['single_use', value, ['Must be a valid boolean.']]),
  ['flow', UNKNOWN_ID, [`Invalid pk "${UNKNOWN_ID}" - object does not exist.`]],
  ['flow', UNKNOWN_ID.toUpperCase(), [`Invalid pk "${UNKNOWN_ID.toUpperCase()}" - object does not exist.`]],
  ['flow', 'abc', ['“abc” is not a valid UUID.']],
  ['flow', 5, ['Invalid pk "5" - object does not exist.']],
  ['flow', true, ['Incorrect type. Expected pk value, received bool.']],
];

const BODY_ROWS: readonly (readonly [body: unknown, message: string])[] = [
  [[], 'Invalid data. Expected a dictionary, but got list.'],
  ['text', 'Invalid data. Expected a dictionary, but got str.'],
  [5, 'Invalid data. Expected a dictionary, but got int.'],
  [true, 'Invalid data. Expected a dictionary, but got bool.'],
  [null, 'No data provided'],
];

let url = '';
let before: unknown;
beforeEach(async () => {
  const made = await app.api('POST', INVITATIONS, { name: 'kept', fixed_data: { a: 1 }, single_use: true });
  url = `${INVITATIONS}${made.body.pk}/`;
  before = made.body;
});

const count = async (): Promise<number> => (await app.api('GET', INVITATIONS)).body.pagination.count;

/** Answers to a body by POST, PUT and PATCH, after looking that nothing has changed. */
async function refusals(body: unknown, methods: readonly string[] = ['POST', 'PUT', 'PATCH']): Promise<unknown[]> {
  const rows = await count();
  const answers = [];
  for (const method of methods) {
    const answer = await app.api(method, method === 'POST' ? INVITATIONS : url, body);
    answers.push([answer.status, answer.body]);
  }
  expect((await app.api('GET', url)).body).toEqual(before);
  expect(await count()).toBe(rows);
  return answers;
}

const each = (body: unknown, times = 3): unknown[] => Array.from({ length: times }, () => [400, body]);

describe('POST, PUT and PATCH refuse in the contract’s words and change nothing (48)', () => {
  test.each(FIELD_ROWS)('%s: %j', async (field, value, texts) => {
    expect(await refusals({ name: 'fine', [field]: value })).toEqual(each({ [field]: texts }));
  });

  test.each(BODY_ROWS)('a body that is %j', async (body, message) => {
    expect(await refusals(body)).toEqual(each({ non_field_errors: [message] }));
  });

  test('a name that is absent, but for PATCH (43)', async () => {
    const answers = await refusals({ single_use: false }, ['POST', 'PUT']);
    expect(answers).toEqual(each({ name: ['This field is required.'] }, 2));
  });

  test('several bad fields at once, each under its name', async () => {
    const body = { name: 'a b', expires: 'junk', fixed_data: [], single_use: 'banana', flow: 'abc' };
    const faults = {
      name: [SLUG],
      expires: [DATE],
      fixed_data: [DICTIONARY],
      single_use: ['Must be a valid boolean.'],
      flow: ['“abc” is not a valid UUID.'],
    };
    expect(await refusals(body)).toEqual(each(faults));
  });
});

describe('accepted', () => {
  const TRUE = [true, 1, 't', 'T', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', '1'];
  const FALSE = [false, 0, 'f', 'F', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '0'];

  test.each([...TRUE.map((value) => [value, true]), ...FALSE.map((value) => [value, false])])(
    'single_use %j means %j',
    async (value, meaning) => {
      const changed = await app.api('PATCH', url, { single_use: value });
      expect([changed.status, changed.body.single_use]).toEqual([200, meaning]);
    },
  );

  test.each([
    ['  spaced  ', 'spaced'],
    [42, '42'],
    ['-_A9', '-_A9'],
  ])('the name %j is stored as %j', async (sent, stored) => {
    const changed = await app.api('PATCH', url, { name: sent });
    expect([changed.status, changed.body.name]).toEqual([200, stored]);
  });

  test('a name of 50 characters, and two invitations of one name (67)', async () => {
    const name = 'a'.repeat(50);
    expect((await app.api('POST', INVITATIONS, { name })).status).toBe(201);
    expect((await app.api('POST', INVITATIONS, { name })).status).toBe(201);
    const longer = await app.api('POST', INVITATIONS, { name: `${name}a` });
    expect([longer.status, longer.body]).toEqual([400, { name: [TOO_LONG] }]);
  });

  test.each([
    ['2099-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
    ['2099-01-01 00:00', '2099-01-01T00:00:00Z'],
    ['2099-01-01T02:00:00.5+02:00', '2099-01-01T00:00:00.500000Z'],
    ['2098-12-31T18:29:59.000001-05:30', '2098-12-31T23:59:59.000001Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
    [null, null],
  ])('expires %j comes back as %j (49)', async (sent, shown) => {
    const changed = await app.api('PATCH', url, { expires: sent });
    expect([changed.status, changed.body.expires]).toEqual([200, shown]);
    expect((await app.api('GET', url)).body.expires).toBe(shown);
  });
});
