import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { componentName } from '../contract/openapi.ts';
import { operationsOf, servedDocument, urlOf } from './operations.ts';
import type { ServedOperation } from './operations.ts';
import { ENROLLMENT, UNKNOWN_ID } from './urls.ts';

const app = await testApp();
const document = await servedDocument(app);
const operations = operationsOf(document);

const SECONDS = 20;
// Numbers of few digits are real users, among them the one who asks.
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string()).filter((value) => !/^\d{1,4}$/.test(value.trim()));
const latin = fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,30}$/);
const escape = encodeURIComponent;

/** What stands for a segment of the path: unknown, real, or junk that is escaped well or badly. */
const segment = fc.oneof(
  fc.constantFrom(
    UNKNOWN_ID,
    ENROLLMENT,
    'default-authentication-flow',
    '..',
    '%00',
    '%zz',
    '%ff',
    '%F0%9F%98%80',
    "'--",
  ),
  text.map(escape),
);

const HEADERS = ['accept', 'content-type', 'content-encoding', 'authorization', 'cookie', 'origin', 'range', 'prefer'];
const headers = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...HEADERS), latin, { maxKeys: 2 }) },
);

function queryOf({ parameters }: ServedOperation): fc.Arbitrary<string> {
  const names = parameters.filter((one) => one.in === 'query').map((one) => one.name);
  const key = fc.oneof(fc.constantFrom('page', 'search', 'ordering', ...names), text);
  const value = fc.oneof(text, fc.constantFrom('', 'true', 'last', '-1', '1e9', UNKNOWN_ID, '2030-01-01', '\0', '%'));
  const pairs = fc.array(fc.tuple(key, value), { maxLength: 4 });
  return pairs.map((list) => list.map(([name, one]) => `${escape(name)}=${escape(one)}`).join('&'));
}

/** Junk for a body: often an object with the operation's own keys. */
function bodyOf({ operation }: ServedOperation): fc.Arbitrary<string | Buffer> {
  const ref = operation.requestBody?.content['application/json']?.schema?.$ref;
  const schema = ref === undefined ? undefined : document.components.schemas[componentName(ref)];
  const keys = Object.keys(schema?.properties ?? {});
  const value = fc.oneof(
    fc.jsonValue(),
    text,
    fc.constantFrom(null, UNKNOWN_ID, ENROLLMENT, [UNKNOWN_ID], 1e308, '\0'),
  );
  const key = keys.length === 0 ? text : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, text);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.dictionary(key, value, { maxKeys: keys.length + 1 }).map((body) => JSON.stringify(body)),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: text },
  );
}

const request = fc.constantFrom(...operations).chain((operation) =>
  fc.record({
    operation: fc.constant(operation),
    segments: fc.array(segment, { minLength: 2, maxLength: 2 }),
    query: queryOf(operation),
    headers,
    body: bodyOf(operation),
  }),
);

test(
  'whatever is sent to whichever operation, the answer is of the contract and never a 5xx',
  async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(request, async ({ operation, segments, query, headers: sent, body }) => {
        const rest = [...segments];
        const url = `${urlOf(operation, () => rest.shift() ?? UNKNOWN_ID)}?${query}`;
        const reads = operation.method === 'GET' || operation.method === 'DELETE';
        const options = { headers: sent, ...(reads ? {} : { payload: body, type: 'application/json' }) };
        // The sender itself throws for an answer that the contract does not have.
        const answer = await app.api(operation.method, url, undefined, options);
        expect(answer.status).toBeLessThan(500);
        seen.add(answer.status);
      }),
      { numRuns: 1500, interruptAfterTimeLimit: SECONDS * 1000 },
    );
    // Junk that is all refused at the door would prove little.
    for (const status of [200, 400, 404]) expect(seen).toContain(status);
    expect(app.logged.filter(({ level }) => level === 'error')).toEqual([]);
  },
  (SECONDS + 60) * 1000,
);
