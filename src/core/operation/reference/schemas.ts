import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { nothing, render } from './html.ts';
import type { Markup } from './html.ts';

/** The value as an object; an empty one when it is none. */
export const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The value as a list of objects. */
export const objectsOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

/** The value as text; empty when it is none. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const LIMITS = ['format', 'maxLength', 'minLength', 'minimum', 'maximum', 'maxItems', 'pattern', 'default'];

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function join(types: readonly Markup[], word: string): Markup {
  return render`${types.map((type, at) => (at === 0 ? type : render`${word}${type}`))}`;
}

/** What a schema takes, in words, with links to the named ones. */
export function schemaType(schema: JsonObject): Markup {
  const { $ref, allOf, oneOf, anyOf, items, additionalProperties } = schema;
  const type = plainType(schema['type']);
  if (typeof $ref === 'string') return render`<a href="#schema-${refName($ref)}">${refName($ref)}</a>`;
  if (Array.isArray(allOf)) return join(objectsOf(allOf).map(schemaType), ' and ');
  if (Array.isArray(anyOf)) return join(objectsOf(anyOf).map(schemaType), ' or ');
  if (Array.isArray(oneOf)) return join(objectsOf(oneOf).map(schemaType), ' or ');
  if (schema['enum'] !== undefined) return render`one of ${JSON.stringify(schema['enum'])}`;
  if (type === 'array') return render`list of ${schemaType(objectOf(items))}`;
  if (type === 'object' && isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0) {
    return render`object of ${schemaType(additionalProperties)}`;
  }
  return render`${type || 'anything'}`;
}

/** OpenAPI 3.1 writes what may be null as a list of types. */
function plainType(type: Json | undefined): string {
  if (!Array.isArray(type)) return textOf(type);
  return type.map(textOf).find((one) => one !== 'null') ?? 'null';
}

/** What limits a value: its format, lengths, default. */
export function schemaLimits(schema: JsonObject): string {
  const limits = LIMITS.flatMap((key) => {
    const value = schema[key];
    return value === undefined ? [] : [`${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
  const { type } = schema;
  const nullable = Array.isArray(type) && type.includes('null') ? ['nullable'] : [];
  const flags = ['nullable', 'readOnly', 'writeOnly'].filter((key) => schema[key] === true);
  return [...nullable, ...flags, ...limits].join(', ');
}

function fieldRow(name: string, schema: JsonObject, required: boolean): Markup {
  const mark = required ? render` <b title="required">*</b>` : nothing;
  return render`<tr>
    <td><code>${name}</code>${mark}</td>
    <td>${schemaType(schema)}</td>
    <td>${schemaLimits(schema)}</td>
    <td>${textOf(schema['description'])}</td>
  </tr> `;
}

/** A named schema with its fields. */
export function schemaSection(name: string, schema: JsonObject): Markup {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const fields = Object.entries(objectOf(schema['properties']));
  const rows = fields.map(([field, value]) => fieldRow(field, objectOf(value), required.includes(field)));
  const body =
    rows.length > 0
      ? render`<table>
          ${rows}
        </table>`
      : render`<p>${schemaType(schema)}</p>`;
  return render`<details id="schema-${name}">
    <summary><code>${name}</code></summary>
    <p>${textOf(schema['description'])}</p>
    ${body}
  </details> `;
}
