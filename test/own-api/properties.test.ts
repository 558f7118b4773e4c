import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf } from '../../src/features/stages/invitation/v1/network.ts';
import { formatDuration, parseDuration } from '../../src/features/stages/invitation/v1/duration.ts';
import { mergePatch } from '../../src/kernel/own-api/merge-patch.ts';
import type { Json } from '../../src/kernel/schema/types.ts';
import { testApp } from '../app.ts';

const app = await testApp();
const URL_ = '/api/vestibule/v1/invitations';
const V3 = '/api/v3/stages/invitation/invitations/';
const FLOW = 'invitation-enrollment-flow';
const groups: string[] = [];
for (const name of ['one', 'two']) {
  groups.push((await app.api('POST', '/api/v3/core/groups/', { name: `property-${name}` })).body.pk);
}

const words = fc
  .array(fc.constantFrom('a', 'ß', '😀', ' ', '\n', '<b>', '"', '\\', '{{ x }}'), { maxLength: 20 })
  .map((all) => all.join(''));
const address = fc.constantFrom('a@example.org', 'B.c+d@Example.net', 'u@bücher.example');
const instant = fc
  .date({ min: new Date('2040-01-01T00:00:00Z'), max: new Date('9000-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) =>
    date
      .toISOString()
      .replace('.000Z', 'Z')
      .replace(/\.(\d{3})Z$/, '.$1000Z'),
  );
const duration = fc.integer({ min: 1, max: 100 * 365 * 86_400 }).map(formatDuration);
const data = fc.dictionary(fc.constantFrom('a', 'b c', 'ü'), fc.jsonValue({ maxDepth: 2 }).filter(isStorable), {
  maxKeys: 3,
});

/** What D16 keeps out: keys that reach prototypes, NUL, half characters, -0. */
function isStorable(value: unknown): boolean {
  const text = JSON.stringify(value);
  return (
    !/__proto__|constructor|prototype|\\u/.test(text) &&
    !/(?:^|[[,:])-?0(?:[,\]}]|$)/.test(text) &&
    !/e[+-]?\d/i.test(text) &&
    !/\d{15}/.test(text)
  );
}

/** Any valid invitation, in the spelling in which it is read back. */
const invitation = fc.record(
  {
    name: fc.stringMatching(/^[-a-zA-Z0-9_]{1,50}$/),
    expires: fc.option(instant),
    fixed_data: data,
    locked: fc.boolean(),
    flow: fc.option(fc.constant(FLOW)),
    max_uses: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
    groups: fc.subarray(groups.toSorted()),
    restrict_to: fc.uniqueArray(fc.oneof(address, fc.constantFrom('@example.org', '@bücher.example'))),
    account_expires: fc.option(fc.oneof(instant, duration)),
    approval: fc.boolean(),
    message: words,
    message_format: fc.constantFrom('plain', 'markdown'),
    language: fc.constantFrom('', 'de', 'en-GB'),
    on_behalf_of: words.map((text) => text.replace(/[\n\r\t\u0080-\u009f\u2028\u2029]/g, ' ')),
    redirect: fc.constantFrom('', '/', '/if/user/?a=b#c'),
    recipients: fc.uniqueArray(address),
    reminders: fc.array(fc.record({ when: fc.constantFrom('after_sending', 'before_expiry'), duration }), {
      maxLength: 5,
    }),
  },
  { requiredKeys: ['name'] },
);

const broken: Readonly<Record<string, readonly Json[]>> = {
  name: ['', 'a b', 'ä', 'x'.repeat(51), 7, null],
  expires: ['', 'soon', 7, '2001-01-01T00:00:00Z', '2040-02-30T00:00:00Z'],
  fixed_data: [[], 'text', null, 1],
  locked: ['true', 1, null],
  flow: ['nothing', 7],
  max_uses: [0, -1, 1.5, '1', true],
  groups: ['x', ['x'], [null], ['00000000-0000-4000-8000-000000000000']],
  restrict_to: ['a@example.org', ['example.org'], ['@'], ['a b@example.org'], [7]],
  account_expires: ['P', 'P1Y', 'PT', '2001-01-01T00:00:00Z', 5],
  approval: ['no', 0],
  message: [7, 'x'.repeat(4001), 'bell \u0007'],
  message_format: ['html', null],
  language: ['deutsch!', 'DE', 1],
  on_behalf_of: ['x'.repeat(201), 1, 'a\nb'],
  redirect: ['https://example.org/', '//x', 'x', '/a\nb'],
  recipients: [['a'], 'a@example.org', Array(51).fill('a@example.org')],
  reminders: [[{}], [{ when: 'never', duration: 'P1D' }], [{ when: 'after_sending', duration: 'soon' }], {}],
};

describe('of any invitation', () => {
  test('what is made is what is read, here and in v3', async () => {
    await fc.assert(
      fc.asyncProperty(invitation, async (wanted) => {
        const made = await app.api('POST', URL_, wanted);
        expect([made.status, made.body.errors]).toEqual([201, undefined]);
        const read = (await app.api('GET', `${URL_}/${made.body.id}`)).body;
        expect(read).toMatchObject(wanted);
        const v3 = (await app.api('GET', `${V3}${made.body.id}/`)).body;
        expect(v3).toMatchObject({ name: read.name, fixed_data: read.fixed_data, expires: read.expires });
        expect(v3.single_use).toBe(read.max_uses === 1);
      }),
      { numRuns: 60 },
    );
  });

  test('a change to any other gives the other, and its ETag is that of the next read', async () => {
    await fc.assert(
      fc.asyncProperty(invitation, invitation, async (before, after) => {
        const made = await app.api('POST', URL_, before);
        const url = `${URL_}/${made.body.id}`;
        const headers = { 'if-match': String(made.headers['etag']) };
        const { secret_link } = made.body;
        const changed = await app.api('PATCH', url, { fixed_data: null, secret_link, ...after }, { headers });
        expect(changed.status).toBe(200);
        const { fixed_data: _data, ...rest } = after;
        expect(changed.body).toMatchObject(rest);
        // Fixed data is merged: what both have is the other's, and null takes a key away.
        const there: Json = JSON.parse(JSON.stringify(before.fixed_data ?? {}));
        const patch: Json = JSON.parse(JSON.stringify(after.fixed_data ?? null));
        expect(changed.body.fixed_data).toEqual(patch === null ? {} : mergePatch(there, patch));
        expect((await app.api('GET', url)).headers['etag']).toBe(changed.headers['etag']);
      }),
      { numRuns: 40 },
    );
  });

  test('one broken field is a 422 that names it, and nothing is made', async () => {
    const fault = fc.constantFrom(
      ...Object.entries(broken).flatMap(([key, values]) => values.map((value) => [key, value] as const)),
    );
    await fc.assert(
      fc.asyncProperty(invitation, fault, async (good, [key, value]) => {
        const count = async () =>
          (await app.ctx.db.query<{ n: number }>('select count(*)::integer as n from invitation'))[0]?.n;
        const before = await count();
        const answer = await app.api('POST', URL_, { ...good, [key]: value });
        expect(answer.status).toBe(422);
        const places: string[] = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
        expect(places.length).toBeGreaterThan(0);
        expect(places.every((pointer) => pointer.split('/')[1] === key)).toBe(true);
        expect(await count()).toBe(before);
      }),
      { numRuns: 80 },
    );
  });
});

type Write =
  { readonly api: 'own'; readonly max_uses: number | null } | { readonly api: 'v3'; readonly single_use: boolean };
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ api: fc.constant('own' as const), max_uses: fc.option(fc.integer({ min: 1, max: 3 })) }),
  fc.record({ api: fc.constant('v3' as const), single_use: fc.boolean() }),
);

test('after any sequence of writes both APIs agree on single_use and max_uses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 6 }), async (writes) => {
      const { id } = (await app.api('POST', URL_, { name: 'agree' })).body;
      let limit: number | null = null;
      for (const one of writes) {
        if (one.api === 'own') {
          await app.api('PATCH', `${URL_}/${id}`, { max_uses: one.max_uses }, { headers: { 'if-match': '*' } });
          limit = one.max_uses;
        } else {
          await app.api('PATCH', `${V3}${id}/`, { single_use: one.single_use });
          if (one.single_use) limit = 1;
          else if (limit === 1) limit = null;
        }
        const own = (await app.api('GET', `${URL_}/${id}`)).body;
        const v3 = (await app.api('GET', `${V3}${id}/`)).body;
        expect([own.max_uses, own.single_use, v3.single_use]).toEqual([limit, limit === 1, limit === 1]);
      }
    }),
    { numRuns: 40 },
  );
});

describe('of any value', () => {
  test('a duration is written as it is read, and a merge patch of itself changes nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 36_500 * 86_400 }),
        (seconds) => parseDuration(formatDuration(seconds)) === seconds,
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer()))), (value) => {
        const plain: Json = JSON.parse(JSON.stringify(value));
        const safe = mergePatch({}, plain);
        expect(mergePatch(safe, safe)).toEqual(safe);
      }),
    );
    for (const none of ['', 'P', 'PT', 'P1M', 'P1Y', 'P1WT1H', 'P-1D', '1D', 'P0D', 'PT1.5H'])
      expect(parseDuration(none)).toBeUndefined();
  });

  test('a network never tells the host', () => {
    fc.assert(fc.property(fc.ipV4(), (ip) => networkOf(ip) === `${ip.split('.').slice(0, 3).join('.')}.0/24`));
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 0xffff }), (ip, group) => {
        const plain = networkOf(ip);
        return (
          plain === undefined ||
          (/^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+::\/48$/.test(plain) && group >= 0) ||
          plain.endsWith('/24')
        );
      }),
    );
    expect([networkOf('2001:db8:5::1'), networkOf('::1'), networkOf('x'), networkOf(null)]).toEqual([
      '2001:db8:5::/48',
      '0:0:0::/48',
      undefined,
      undefined,
    ]);
  });
});
