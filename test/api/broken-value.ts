import { componentName } from '../contract/openapi.ts';
import type { Schema } from '../contract/openapi.ts';

type Schemas = Readonly<Record<string, Schema>>;

/** A schema, or the component that it refers to. */
export function resolveSchema(schema: Schema, schemas: Schemas): Schema {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (ref === undefined) return schema;
  const found = schemas[componentName(ref)];
  if (!found) throw new Error(`no component ${ref}`);
  return found;
}

/** A value that a schema's field must refuse, and that is not null. */
export function brokenValue(schema: Schema, schemas: Schemas): unknown {
  const resolved = resolveSchema(schema, schemas);
  if (resolved.enum) return 'nonsense';
  switch (resolved.type) {
    case 'boolean':
    case 'integer':
    case 'array':
      return 'banana';
    case 'string':
      return resolved.format === 'uuid' ? 'banana' : ['banana'];
    case 'object':
      return ['banana'];
    default:
      throw new Error(`no broken value for ${JSON.stringify(schema)}`);
  }
}
