import { expect, test } from 'vitest';
import { toJsonSchema } from './json-schema.ts';
import { resolveResponse } from './openapi.ts';
import { publishedDocument } from './published-document.ts';
import { faultsOf, validatorOf } from './schema.ts';

test('all 3,366 published JSON response schemas compile, loose and tight', { timeout: 120_000 }, () => {
  const document = publishedDocument();
  const schemas = Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .flatMap((operation) => Object.values(operation.responses))
    .map((response) => resolveResponse(document, response).content?.['application/json']?.schema)
    .filter((schema) => schema !== undefined);
  expect(schemas).toHaveLength(3366);
  for (const schema of schemas) {
    validatorOf(schema, 'loose');
    validatorOf(schema, 'tight');
  }
});

test('every published component compiles, so also those that only requests use', { timeout: 120_000 }, () => {
  const names = Object.keys(publishedDocument().components.schemas);
  expect(names).toHaveLength(925);
  for (const name of names) validatorOf({ $ref: `#/components/schemas/${name}` }, 'tight');
});

test('a nullable allOf wrapper takes null and what it wraps', () => {
  const wrapper = { allOf: [{ $ref: '#/components/schemas/ThemedUrls' }], nullable: true };
  expect(faultsOf(null, wrapper, 'tight')).toEqual([]);
  expect(faultsOf({ light: null, dark: null }, wrapper, 'tight')).toEqual([]);
  expect(faultsOf({ light: 1, dark: null }, wrapper, 'tight')).not.toEqual([]);
});

test('a schema keyword that is not covered stops the conversion', () => {
  const strange = { type: 'string', not: { type: 'null' } };
  expect(() => toJsonSchema(strange, 'loose')).toThrow('not');
});

test('an allOf of several branches stops the conversion, since the tight form of it would be wrong', () => {
  expect(() => toJsonSchema({ allOf: [{ type: 'object' }, { type: 'object' }] }, 'tight')).toThrow('several branches');
});
