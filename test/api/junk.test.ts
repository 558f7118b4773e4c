import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { checkResponse } from '../contract/check-response.ts';
import type { Schema } from '../contract/openapi.ts';
import { resolveSchema } from './broken-value.ts';
import { operationsOf, servedDocument, urlOf } from './operations.ts';
import type { ServedOperation } from './operations.ts';
import { ENROLLMENT, UNKNOWN_ID } from './urls.ts';

const app = await testApp({ observe: checkResponse });
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

/** Mostly what a field's schema asks for. */
function fieldValue(field: Schema): fc.Arbitrary<unknown> {
  const schema = resolveSchema(field, document.components.schemas);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.format === 'uuid') return fc.constantFrom(UNKNOWN_ID, null);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return fc.integer();
  if (schema.type === 'array') return fc.array(fieldValue(schema.items ?? {}), { maxLength: 3 });
  if (schema.type === 'object') return fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 });
  return fc.oneof(fc.stringMatching(/^[-a-z]{1,20}$/), text);
}

/** A body with the operation's keys, some of them missing, some of them junk. */
function nearlyValid({ operation }: ServedOperation): fc.Arbitrary<string> {
  const schema = operation.requestBody?.content['application/json']?.schema;
  const { properties = {}, required = [] } = schema ? resolveSchema(schema, document.components.schemas) : {};
  const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(null, ENROLLMENT, [UNKNOWN_ID], 1e308, '\0', '__proto__'));
  const fields = Object.entries(properties).map(([key, field]) => {
    const value = fc.oneof({ weight: 12, arbitrary: fieldValue(field) }, { weight: 1, arbitrary: junk });
    const present = required.includes(key) ? fc.integer({ min: 0, max: 20 }) : fc.integer({ min: 0, max: 2 });
    return [key, fc.tuple(present, value)] as const;
  });
  return fc.record(Object.fromEntries(fields)).map((made) => {
    const kept = Object.entries(made).flatMap(([key, [present, value]]) => (present === 0 ? [] : [[key, value]]));
    return JSON.stringify(Object.fromEntries(kept));
  });
}

/** Junk for a body: often an object with the operation's own keys. */
function bodyOf(operation: ServedOperation): fc.Arbitrary<string | Buffer> {
  return fc.oneof(
    { weight: 8, arbitrary: nearlyValid(operation) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: text },
  );
}

// Writes have more to get wrong.
const weighted = operations.flatMap((one) => (one.operation.requestBody ? [one, one, one] : [one]));
const request = fc.constantFrom(...weighted).chain((operation) =>
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
