import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { ENROLLMENT, FLOWS, INVITATIONS } from './urls.ts';

const app = await testApp();
const flow: string = (await app.api('GET', `${FLOWS}${ENROLLMENT}/`)).body.pk;
const LIMITS = { interruptAfterTimeLimit: 20_000, numRuns: 60 };

const FORBIDDEN = /\0|__proto__|constructor|prototype/;

const name = fc.stringMatching(/^[-a-zA-Z0-9_]{1,50}$/);
/** What JSON text can say and the limits of D16 allow. */
const fixedData = fc
  .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), { maxKeys: 5 })
  .map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)))
  .filter((value) => !FORBIDDEN.test(JSON.stringify(value)) && !JSON.stringify(value).includes('\\u0000'));

/** A time that is not over, as sent in one of the contract's forms, and as it comes back. */
const expires = fc
  .tuple(
    fc.date({ min: new Date('2100-01-01T00:00:00Z'), max: new Date('9998-12-31T23:59:59Z'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999 }),
    fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
    fc.constantFrom('T', ' '),
  )
  .map(([date, micros, minutes, separator]) => {
    const digits = (value: number, length: number): string => String(value).padStart(length, '0');
    const local = new Date(date.getTime() + minutes * 60_000).toISOString();
    const size = Math.abs(minutes);
    const offset = `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60), 2)}:${digits(size % 60, 2)}`;
    const fraction = `${date.toISOString().slice(20, 23)}${digits(micros, 3)}`;
    return {
      sent: `${local.slice(0, 10)}${separator}${local.slice(11, 19)}.${fraction}${offset}`,
      shown: `${date.toISOString().slice(0, 19)}${fraction === '000000' ? '' : `.${fraction}`}Z`,
    };
  });

const invitation = fc.record(
  {
    name,
    expires: fc.option(expires, { nil: null }),
    fixed_data: fixedData,
    single_use: fc.boolean(),
    flow: fc.constantFrom(flow, null),
  },
  { requiredKeys: ['name'] },
);
type Generated = typeof invitation extends fc.Arbitrary<infer T> ? T : never;

const sent = (given: Partial<Generated>) => ({ ...given, ...(given.expires ? { expires: given.expires.sent } : {}) });
const shown = (given: Partial<Generated>) => ({ ...given, ...(given.expires ? { expires: given.expires.shown } : {}) });
const DEFAULTS = { expires: null, fixed_data: {}, single_use: false, flow: null };
const withoutFlow = (body: object) => Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'flow_obj'));

test('any valid invitation comes back as it was sent, by POST, GET, PUT and PATCH', async () => {
  const change = fc.tuple(invitation, invitation, fc.record({ ...recordOf() }, { requiredKeys: [] }));
  await fc.assert(
    fc.asyncProperty(change, async ([first, second, third]) => {
      const made = await app.api('POST', INVITATIONS, sent(first));
      expect(made.status).toBe(201);
      const { pk, created_by: creator } = made.body;
      const url = `${INVITATIONS}${pk}/`;
      let expected: Record<string, unknown> = { pk, created_by: creator, ...DEFAULTS, ...shown(first) };
      expect(withoutFlow(made.body)).toEqual(expected);
      for (const [method, body] of [
        ['PUT', second],
        ['PATCH', third],
      ] as const) {
        const answer = await app.api(method, url, sent(body));
        expected = { ...expected, ...shown(body) };
        expect([answer.status, withoutFlow(answer.body)]).toEqual([200, expected]);
        expect((await app.api('GET', url)).body).toEqual(answer.body);
        expect(answer.body.flow_obj?.pk ?? null).toBe(expected['flow']);
      }
    }),
    LIMITS,
  );
});

/** The same fields, none of them needed. */
function recordOf() {
  return {
    name,
    expires: fc.option(expires, { nil: null }),
    fixed_data: fixedData,
    single_use: fc.boolean(),
    flow: fc.constantFrom(flow, null),
  };
}

const BOOLEANS = /^(t|true|y|yes|on|1|f|false|n|no|off|0)$/i;
const noObject = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()), fc.constant(null));

const broken = fc.oneof(
  fc.tuple(
    fc.constant('name'),
    fc.oneof(
      fc.string().filter((text) => !/^[-a-zA-Z0-9_]+$/.test(text.trim())),
      fc.stringMatching(/^[-a-zA-Z0-9_]{51,80}$/),
      fc.boolean(),
      fc.array(fc.string()),
      fc.constant(null),
    ),
  ),
  fc.tuple(
    fc.constant('expires'),
    fc.oneof(
      fc.string().filter((text) => !/^\d{4}-\d/.test(text.trim())),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string()),
      fc.integer({ min: 32, max: 99 }).map((day) => `2030-01-${day}T00:00:00Z`),
      fc.integer({ min: 24, max: 99 }).map((hour) => `2030-01-01T${hour}:00:00Z`),
    ),
  ),
  fc.tuple(fc.constant('fixed_data'), noObject),
  fc.tuple(
    fc.constant('single_use'),
    fc.oneof(
      fc.string().filter((text) => !BOOLEANS.test(text.trim())),
      fc.integer().filter((value) => value !== 0 && value !== 1),
      fc.array(fc.boolean()),
      fc.constant(null),
    ),
  ),
  fc.tuple(
    fc.constant('flow'),
    fc.oneof(
      fc.uuid(),
      fc.string().filter((text) => text !== ''),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string()),
    ),
  ),
);

test('any single broken field is a 400 that names it, and nothing changes', async () => {
  const made = await app.api('POST', INVITATIONS, { name: 'kept', flow, fixed_data: { a: 1 } });
  const url = `${INVITATIONS}${made.body.pk}/`;
  const before = (await app.api('GET', INVITATIONS)).body.pagination.count;
  await fc.assert(
    fc.asyncProperty(
      invitation,
      broken,
      fc.constantFrom('POST', 'PUT', 'PATCH'),
      async (good, [field, value], method) => {
        const body = { ...sent(good), [field]: value };
        const answer = await app.api(method, method === 'POST' ? INVITATIONS : url, body);
        expect([answer.status, Object.keys(answer.body)]).toEqual([400, [field]]);
        for (const text of answer.body[field]) expect(text).not.toBe('');
        expect((await app.api('GET', url)).body).toEqual(made.body);
      },
    ),
    { ...LIMITS, numRuns: 200 },
  );
  expect((await app.api('GET', INVITATIONS)).body.pagination.count).toBe(before);
});
