import { bad } from '../../kernel/resource/field.ts';
import type { Checked, Kind } from '../../kernel/resource/field.ts';
import type { Filter } from '../../kernel/resource/resource.ts';
import { parseJson } from '../../kernel/schema/json.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';

const REFUSED = bad('invalid', 'Value must be valid JSON.');

function check(value: Json): Checked<JsonObject> {
  if (typeof value !== 'string') return REFUSED;
  try {
    const { value: parsed, problems } = parseJson(Buffer.from(value));
    return isJsonObject(parsed) && problems.length === 0 ? { value: parsed } : REFUSED;
  } catch {
    return REFUSED;
  }
}

/** A JSON object as text, as it stands in a query string. */
const jsonTextKind: Kind<JsonObject> = {
  // The layer reads the text of a filter by `check` for this name; for others it has rules of its own.
  name: 'reference',
  sqlType: 'jsonb',
  check,
  encode: (value) => JSON.stringify(value),
  show: (expression) => expression,
  present: (value) => (typeof value === 'string' ? value : undefined),
  document: () => ({ type: 'string' }),
};

/** `?attributes={"a":"b"}`: rows whose attributes contain that object, at any depth (PostgreSQL's `@>`). */
export const attributesFilter: Filter = {
  name: 'attributes',
  kind: jsonTextKind as Kind,
  description: 'Attributes',
  sql: (alias, value) => `${alias}.attributes @> ${value}`,
};
