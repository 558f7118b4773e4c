import { componentName } from './openapi.ts';
import type { Schema } from './openapi.ts';

/** loose: as published. tight: in addition no key that is not declared, and the contract's forms of dates and ids. */
export type Mode = 'loose' | 'tight';
export type JsonSchema = Readonly<Record<string, unknown>>;

const plainKeys = [
  'enum',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'required',
] as const satisfies readonly (keyof Schema)[];

// What a response check may leave out: texts, and facts about requests. Anything else unknown stops the conversion.
const ignoredKeys = new Set(['description', 'title', 'default', 'readOnly', 'writeOnly', 'deprecated', 'nullable']);
const convertedKeys = new Set<string>([
  ...plainKeys,
  '$ref',
  'type',
  'format',
  'pattern',
  'properties',
  'additionalProperties',
  'items',
  'allOf',
  'oneOf',
  'discriminator',
]);

/** All components as one JSON Schema document, whose `$id` is the mode. */
export function toJsonSchemaDocument(schemas: Readonly<Record<string, Schema>>, mode: Mode): JsonSchema {
  const definitions = Object.entries(schemas).map(([name, schema]) => [name, toJsonSchema(schema, mode)]);
  return { $id: mode, definitions: Object.fromEntries(definitions) };
}

/**
 * One OpenAPI 3.0 schema as JSON Schema; references point into the document of the same mode.
 * Throws on a keyword that it does not know: a check silently left out would look like a pass.
 */
export function toJsonSchema(schema: Schema, mode: Mode): JsonSchema {
  const unknown = Object.keys(schema).filter((key) => !convertedKeys.has(key) && !ignoredKeys.has(key));
  if (unknown.length > 0) throw new Error(`schema keyword not covered: ${unknown.join(', ')}`);
  const converted = convert(schema, mode);
  if (!schema.nullable) return converted;
  // A bare type can be widened, which keeps error messages short; ajv's own `nullable` does not cover allOf wrappers.
  if (schema.type && !schema.enum) return { ...converted, type: [schema.type, 'null'] };
  return { anyOf: [converted, { type: 'null' }] };
}

function convert(schema: Schema, mode: Mode): JsonSchema {
  if (schema.$ref) return { $ref: definition(schema.$ref, mode) };
  if (schema.allOf) return wrapped(schema.allOf, mode);
  if (schema.oneOf) return union(schema, mode);
  const result: Record<string, unknown> = {};
  for (const key of plainKeys) if (schema[key] !== undefined) result[key] = schema[key];
  if (schema.type) result['type'] = schema.type;
  if (schema.format) result['format'] = schema.format;
  if (schema.pattern) result['pattern'] = unicodePattern(schema.pattern);
  if (schema.items) result['items'] = toJsonSchema(schema.items, mode);
  return { ...result, ...objectKeywords(schema, mode) };
}

function objectKeywords({ properties, additionalProperties }: Schema, mode: Mode): JsonSchema {
  const result: Record<string, unknown> = {};
  if (properties) {
    const converted = Object.entries(properties).map(([name, property]) => [name, toJsonSchema(property, mode)]);
    result['properties'] = Object.fromEntries(converted);
    if (mode === 'tight' && additionalProperties === undefined) result['additionalProperties'] = false;
  }
  if (typeof additionalProperties === 'boolean') result['additionalProperties'] = additionalProperties;
  else if (additionalProperties) result['additionalProperties'] = toJsonSchema(additionalProperties, mode);
  return result;
}

/** `allOf` is only ever a wrapper that hangs facts on one reference. With two branches `additionalProperties: false` would lie. */
function wrapped(branches: readonly Schema[], mode: Mode): JsonSchema {
  const [only, ...more] = branches;
  if (!only || more.length > 0) throw new Error('allOf of several branches is not covered');
  return { allOf: [toJsonSchema(only, mode)] };
}

/** The branches declare no constant, so several would match: the value of the discriminator alone chooses. */
function union({ oneOf, discriminator }: Schema, mode: Mode): JsonSchema {
  const property = discriminator?.propertyName;
  const mapping = Object.entries(discriminator?.mapping ?? {});
  const mapped = new Set(mapping.map(([, ref]) => ref));
  if (!property || !oneOf?.every((branch) => branch.$ref && mapped.has(branch.$ref))) {
    throw new Error('oneOf without a discriminator for each branch is not covered');
  }
  const branches = mapping.map(([key, ref]) => ({
    if: { properties: { [property]: { const: key } }, required: [property] },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword, in an object that is never awaited
    then: { $ref: definition(ref, mode) },
  }));
  return {
    type: 'object',
    required: [property],
    properties: { [property]: { enum: mapping.map(([key]) => key) } },
    allOf: branches,
  };
}

function definition(ref: string, mode: Mode): string {
  return `${mode}#/definitions/${componentName(ref)}`;
}

/** The patterns were written for Python, whose `\w` knows the letters of all scripts: a user may be called `jürgen`. */
function unicodePattern(pattern: string): string {
  return pattern.replaceAll('\\w', '\\p{L}\\p{N}_');
}
