import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Book, Greeting, toyApp } from '../resource/builders.ts';
import type { ToyApp } from '../resource/builders.ts';
import { defineEndpoint, endpoint } from '../http/endpoint.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import { defineShape, f } from '../resource/fields.ts';
import { defineUnion } from '../resource/union.ts';
import { buildDocument } from './document.ts';

const Cat = defineShape('Cat', { component: f.string({ default: 'cat', documentDefault: true }), lives: f.integer() });
const Dog = defineShape('Dog', { component: f.string({ default: 'dog', documentDefault: true }), name: f.string() });
const Animal = defineUnion({ name: 'Animal', discriminator: 'component', variants: () => ({ cat: Cat, dog: Dog }) });

const adopt = defineEndpoint({
  on: Book,
  method: 'POST',
  path: 'adopt/',
  operationId: 'toys_books_adopt_create',
  permission: 'toys.add_book',
  body: Greeting,
  responses: { 200: Animal },
  handle: () => ({ component: 'dog', name: 'Rex', lives: 9 }),
});

const speak = defineEndpoint({
  method: 'POST',
  path: '/toys/speak/{flow_slug}/',
  operationId: 'toys_speak',
  permission: 'public',
  query: { query: f.string({ required: true }) },
  rawBody: Animal,
  responses: { 204: null, 400: null },
  handle: () => undefined,
});

/** What stands at a place of the document; undefined where nothing does. */
function at(...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isJsonObject(value) ? value[key] : undefined), document);
}

const schema = (...path: readonly string[]): Json | undefined => at('components', 'schemas', ...path);
const keysOf = (value: Json | undefined): string[] => (isJsonObject(value) ? Object.keys(value) : []);
const valuesOf = (value: Json | undefined): Json[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];
function text(value: Json | undefined, key: string): string {
  const one = isJsonObject(value) ? value[key] : undefined;
  return typeof one === 'string' ? one : '';
}

let app: ToyApp;
let document: Json;
beforeAll(async () => {
  app = await toyApp({ provides: [endpoint(adopt), endpoint(speak)] });
  document = JSON.parse(JSON.stringify(buildDocument(app.registry)));
});
afterAll(() => app.close());

test('every resource has its seven operations, less those it excepts', () => {
  const ids = valuesOf(at('paths')).flatMap((path) => valuesOf(path).map((one) => text(one, 'operationId')));
  expect(ids.filter((id) => id.startsWith('toys_shelves'))).toEqual([
    'toys_shelves_list',
    'toys_shelves_create',
    'toys_shelves_retrieve',
    'toys_shelves_update',
    'toys_shelves_partial_update',
    'toys_shelves_destroy',
    'toys_shelves_used_by_list',
  ]);
  expect(ids).not.toContain('toys_songs_used_by_list');
});

test('the response component has read-only and required keys as required, the request component its own', () => {
  expect(schema('Book', 'required')).toEqual(['created_by', 'name', 'pk', 'shelf_obj']);
  const shown = (key: string) => schema('Book', 'properties', key);
  expect(shown('pk')).toEqual({ type: 'string', format: 'uuid', readOnly: true });
  expect(shown('name')).toEqual({ type: 'string', maxLength: 50, pattern: '^[-a-zA-Z0-9_]+$' });
  expect(shown('created_by')).toEqual({ allOf: [{ $ref: '#/components/schemas/PartialAuthor' }], readOnly: true });
  const sent = schema('BookRequest', 'properties');
  expect(keysOf(sent)).toEqual(['name', 'expires', 'fixed_data', 'single_use', 'shelf', 'order']);
  expect(schema('BookRequest', 'required')).toEqual(['name']);
  expect(schema('BookRequest', 'properties', 'name', 'minLength')).toBe(1);
  expect(schema('BookRequest', 'properties', 'expires')).toEqual({
    type: 'string',
    format: 'date-time',
    nullable: true,
  });
  expect(schema('PatchedBookRequest', 'required')).toBeUndefined();
  expect(schema('PatchedBookRequest', 'properties')).toEqual(sent);
});

test('an enum is a component, wrapped where there is more to say', () => {
  expect(schema('ShelfKindEnum')).toEqual({ enum: ['open', 'closed'], type: 'string' });
  expect(schema('Shelf', 'properties', 'kind')).toEqual({
    allOf: [{ $ref: '#/components/schemas/ShelfKindEnum' }],
    description: 'Who may look.',
  });
});

test('a list has filters and shared parameters in alphabetical order, and the envelope', () => {
  const parameters = valuesOf(at('paths', '/toys/books/', 'get', 'parameters'));
  const nameOf = (one: Json) =>
    text(one, isJsonObject(one) && 'name' in one ? 'name' : '$ref')
      .split('/')
      .at(-1);
  expect(parameters.map(nameOf)).toEqual([
    'book_uuid',
    'created_by__name',
    'expires',
    'expires__isnull',
    'QueryName',
    'order',
    'QueryPaginationOrdering',
    'QueryPaginationPage',
    'QueryPaginationPageSize',
    'QuerySearch',
    'shelf__slug',
    'single_use',
  ]);
  expect(at('paths', '/toys/books/', 'get', 'responses', '200', 'content', 'application/json', 'schema')).toEqual({
    $ref: '#/components/schemas/PaginatedBookList',
  });
  expect(schema('PaginatedBookList', 'required')).toEqual(['autocomplete', 'pagination', 'results']);
});

test('a body is required where something in it is, and PATCH never asks for one', () => {
  const required = (method: string) => at('paths', '/toys/books/{book_uuid}/', method, 'requestBody', 'required');
  expect([required('put'), required('patch')]).toEqual([true, undefined]);
});

test('an endpoint on an object has its parameter, a union its variants', () => {
  const operation = ['paths', '/toys/books/{book_uuid}/adopt/', 'post'];
  expect(valuesOf(at(...operation, 'parameters'))[0]).toMatchObject({ in: 'path', name: 'book_uuid', required: true });
  expect(at(...operation, 'responses', '200', 'content', 'application/json', 'schema')).toEqual({
    $ref: '#/components/schemas/Animal',
  });
  expect(schema('Animal', 'discriminator', 'mapping')).toEqual({
    cat: '#/components/schemas/Cat',
    dog: '#/components/schemas/Dog',
  });
  expect(schema('GreetingRequest', 'properties', 'text')).toEqual({
    type: 'string',
    minLength: 1,
    default: 'hello',
  });
});

test('a public endpoint says so, and its own answers stand before the usual ones', () => {
  const operation = ['paths', '/toys/speak/{flow_slug}/', 'post'];
  expect(at(...operation, 'security')).toEqual([{ authentik: [] }, {}]);
  expect(at(...operation, 'responses', '400')).toEqual({ description: 'No response body' });
  expect(at(...operation, 'parameters')).toEqual([
    { in: 'path', name: 'flow_slug', schema: { type: 'string' }, required: true },
    { in: 'query', name: 'query', schema: { type: 'string' }, required: true },
  ]);
});

test('of a union exactly the keys of the named variant leave', async () => {
  const { pk } = (await app.send('POST', '/toys/books/', { name: 'b' })).json();
  const answer = await app.send('POST', `/toys/books/${pk}/adopt/`, { times: 1 });
  expect(answer.json()).toEqual({ component: 'dog', name: 'Rex' });
});

test('a raw body has the limits of every body', async () => {
  const send = (payload: string) =>
    app.send('POST', '/toys/speak/x/?query=', undefined, { payload, headers: { 'content-type': 'application/json' } });
  expect((await send('{"a":"\\u0000"}')).json()).toEqual({ a: ['Null characters are not allowed.'] });
  expect((await send('[]')).statusCode).toBe(400);
  expect((await send('{"a":1}')).statusCode).toBe(204);
});

test('every reference in the document leads somewhere', () => {
  const names = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)];
  expect(names.length).toBeGreaterThan(50);
  for (const [, kind = '', name = ''] of names) expect(at('components', kind)).toHaveProperty(name);
});

test('the document is served to anybody, as YAML unless JSON is asked for', async () => {
  const anonymous = { headers: { authorization: '' } };
  const yaml = await app.send('GET', '/schema/', undefined, anonymous);
  expect([yaml.statusCode, yaml.headers['content-type']]).toEqual([200, 'application/vnd.oai.openapi']);
  expect(parse(yaml.body)).toEqual(document);
  expect((await app.send('GET', '/schema/?format=json', undefined, anonymous)).json()).toEqual(document);
  const accepted = await app.send('GET', '/schema/', undefined, {
    headers: { authorization: '', accept: 'application/json' },
  });
  expect([accepted.headers['content-type'], accepted.json()]).toEqual(['application/json', document]);
});
