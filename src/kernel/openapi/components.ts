import type { Registry } from '../feature.ts';
import type { ComponentSink, Field, SchemaObject, Shape, Side } from '../resource/field.ts';
import type { Union } from '../resource/union.ts';

const ref = (name: string): SchemaObject => ({ $ref: `#/components/schemas/${name}` });

/** The components of a document, collected while its operations are described. */
export type Components = ComponentSink & {
  /** All components so far, by name in alphabetical order. */
  all(): { readonly [name: string]: SchemaObject };
  patched(shape: Shape): SchemaObject;
};

/** An empty collection. */
export function createComponents(registry: Registry): Components {
  const made = new Map<string, SchemaObject>();
  const refer = (name: string, make: () => SchemaObject): SchemaObject => {
    if (!made.has(name)) {
      // Put in first: a shape may contain itself.
      made.set(name, {});
      made.set(name, make());
    }
    return ref(name);
  };
  const sink: ComponentSink = {
    refer,
    shape(shape, side) {
      const name = side === 'request' ? `${shape.name}Request` : shape.name;
      return refer(name, () => describeShape(shape, side, sink));
    },
    union: (union, side) => refer(unionName(union, side), () => describeUnion(union, { side, sink, registry })),
  };
  return {
    ...sink,
    all: () => Object.fromEntries([...made].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    patched(shape) {
      return refer(`Patched${shape.name}Request`, () => {
        const { required: _required, ...rest } = describeShape(shape, 'request', sink);
        return rest;
      });
    },
  };
}

function unionName({ name }: Union, side: Side): string {
  return side === 'request' ? `${name}Request` : name;
}

function describeUnion(
  { variants, discriminator }: Union,
  { side, sink, registry }: { side: Side; sink: ComponentSink; registry: Registry },
): SchemaObject {
  const refs = Object.entries(variants(registry)).map(([value, shape]) => [value, sink.shape(shape, side)] as const);
  const mapping = Object.fromEntries(refs.map(([value, schema]) => [value, schema['$ref'] ?? '']));
  return { oneOf: refs.map(([, schema]) => schema), discriminator: { propertyName: discriminator, mapping } };
}

function describeShape(shape: Shape, side: Side, sink: ComponentSink): SchemaObject {
  const properties: { [key: string]: SchemaObject } = {};
  const required: string[] = [];
  for (const [key, field] of Object.entries(shape.fields)) {
    if (field.access === (side === 'request' ? 'read' : 'write')) continue;
    properties[key] = describeField(field, side, sink);
    if (field.required || field.access === 'read') required.push(key);
  }
  return {
    type: 'object',
    ...(shape.description === '' ? {} : { description: shape.description }),
    properties,
    ...(required.length === 0 ? {} : { required: required.toSorted() }),
    ...(shape.open === true ? { additionalProperties: {} } : {}),
  };
}

/** A property: what the kind says, and around a reference upstream's `allOf` wrapper where there is more to say. */
export function describeField(field: Field, side: Side, sink: ComponentSink): SchemaObject {
  const schema = field.kind.document(side, sink);
  const extra: SchemaObject = {
    ...(field.access === 'read' ? { readOnly: true } : {}),
    ...(field.access === 'write' ? { writeOnly: true } : {}),
    ...(field.nullable ? { nullable: true } : {}),
    ...(field.documentDefault && field.default !== undefined ? { default: field.default } : {}),
    ...field.documentation,
  };
  if (Object.keys(extra).length === 0) return schema;
  return '$ref' in schema ? { allOf: [schema], ...extra } : { ...schema, ...extra };
}
