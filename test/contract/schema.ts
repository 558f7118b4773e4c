import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import formatsPlugin from 'ajv-formats';
import { withDeviations } from './deviations.ts';
import { toJsonSchema, toJsonSchemaDocument } from './json-schema.ts';
import type { Mode } from './json-schema.ts';
import type { Schema } from './openapi.ts';
import { publishedDocument } from './published-document.ts';

/** A fault: where in the body (JSON pointer, empty = the whole), and what. Never contains a value, which may be a secret. */
export interface Fault {
  readonly at: string;
  readonly message: string;
}

const instances = new Map<Mode, Ajv>();
const validators = new Map<string, ValidateFunction>();

/**
 * Checks a value against a schema of the published document.
 * @returns the faults; empty when there is none
 */
export function faultsOf(value: unknown, schema: Schema, mode: Mode): readonly Fault[] {
  const validate = validatorOf(schema, mode);
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // The branch of a union reports its faults itself; that the branch as a whole failed says nothing more.
  const telling = errors.filter(({ keyword }) => keyword !== 'if');
  return (telling.length > 0 ? telling : errors).map(toFault);
}

/** The compiled check of a schema. The first use compiles, which takes milliseconds; later ones look it up. Throws if it does not compile. */
export function validatorOf(schema: Schema, mode: Mode): ValidateFunction {
  const key = `${mode} ${schema.$ref ?? JSON.stringify(schema)}`;
  const known = validators.get(key);
  if (known) return known;
  const compiled = instanceOf(mode).compile(toJsonSchema(schema, mode));
  validators.set(key, compiled);
  return compiled;
}

function instanceOf(mode: Mode): Ajv {
  const known = instances.get(mode);
  if (known) return known;
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
  });
  addFormats(ajv, mode);
  ajv.addSchema(toJsonSchemaDocument(withDeviations(publishedDocument().components.schemas), mode));
  instances.set(mode, ajv);
  return ajv;
}

function addFormats(ajv: Ajv, mode: Mode): void {
  formatsPlugin.default(ajv, ['date-time', 'uuid', 'uri']);
  const published = ajv.formats['uri'];
  if (typeof published !== 'function') throw new Error('ajv-formats: uri is no function');
  // Upstream's forms let both be blank, and schema.yml has no word for it.
  ajv.addFormat('uri', (text) => text === '' || Boolean(published(text)));
  ajv.addFormat('email', /^$|^[^\s@]+@[^\s@]+$/);
  for (const format of ['double', 'int64']) ajv.addFormat(format, { type: 'number', validate: () => true });
  ajv.addFormat('binary', true);
  if (mode === 'loose') return;
  // Contract part 1, section 1.5: UTC with Z and six digits, omitted when zero; ids dashed and in lower case.
  const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000000)\d{6})?Z$/;
  ajv.addFormat('date-time', (text) => timestamp.test(text) && !Number.isNaN(Date.parse(text)));
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
}

function toFault({ instancePath, message, keyword, params }: ErrorObject): Fault {
  const extra = keyword === 'additionalProperties' ? ` ("${String(params['additionalProperty'])}")` : '';
  return { at: instancePath, message: `${message ?? keyword}${extra}` };
}
