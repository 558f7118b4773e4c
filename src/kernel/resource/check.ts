import { ValidationError } from '../errors/api-error.ts';
import type { Fault, Faults, FieldFaults } from '../errors/api-error.ts';
import type { JsonProblem, ParsedJson } from '../schema/json.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import { bad } from './field.ts';
import type { Checked, Field, Fields } from './field.ts';
import { messages, typeName } from './messages.ts';

/** A body and what is to be done with absent keys. */
export type CheckOptions = {
  /** Absent keys are no fault and get no default (PATCH). */
  readonly partial?: boolean;
  /** Absent keys get their default (endpoints' bodies); otherwise they stay absent. */
  readonly fillDefaults?: boolean;
};

/** The checked values by key, or all faults by field. */
export type CheckedBody = { readonly value: Record<string, unknown> } | { readonly faults: FieldFaults };

export const NON_FIELD = 'non_field_errors';

/**
 * Checks a body against fields as Django REST Framework does (contract 2.3): every bad field is reported, unknown and
 * read-only keys are ignored. Places that the parser refused become faults of their top-level key (D16).
 */
export function checkShape(fields: Fields, body: ParsedJson, options: CheckOptions = {}): CheckedBody {
  const { value, problems } = body;
  if (value === null) return { faults: { [NON_FIELD]: bad('null', messages.noData).faults } };
  if (!isJsonObject(value))
    return { faults: { [NON_FIELD]: bad('invalid', messages.notObject(typeName(value))).faults } };
  const input: Record<string, unknown> = {};
  const faults: Record<string, Faults> = {};
  for (const [key, field] of Object.entries(fields)) {
    if (field.access === 'read') continue;
    const checked = checkField(field, Object.hasOwn(value, key) ? value[key] : undefined, options);
    if (checked === undefined) continue;
    if ('faults' in checked) faults[key] = checked.faults;
    else input[key] = checked.value;
  }
  for (const problem of problems) addProblem(faults, problem);
  return Object.keys(faults).length > 0 ? { faults } : { value: input };
}

/** As {@link checkShape}, throwing {@link ValidationError}. */
export function parseShape(fields: Fields, body: ParsedJson, options: CheckOptions = {}): Record<string, unknown> {
  const checked = checkShape(fields, body, options);
  if ('value' in checked) return checked.value;
  throw new ValidationError(checked.faults);
}

function checkField(field: Field, value: Json | undefined, options: CheckOptions): Checked<unknown> | undefined {
  if (value === undefined) {
    if (options.partial === true) return undefined;
    if (field.required) return bad('required', messages.required);
    if (options.fillDefaults === true && field.default !== undefined) return { value: field.default };
    return undefined;
  }
  const given = value === '' && field.emptyIsNull ? null : value;
  if (given === null) return field.nullable ? { value: null } : bad('null', messages.null);
  return field.kind.check(given);
}

function addProblem(faults: Record<string, Faults>, { path, message, kind }: JsonProblem): void {
  const [first] = path;
  // A refused key of the body itself is no field of anything.
  const own = typeof first !== 'string' || (path.length === 1 && kind === 'key') || first.includes('\0');
  const key = own ? NON_FIELD : first;
  const present = faults[key];
  const known: readonly Fault[] = Array.isArray(present) ? present : [];
  if (!known.some((fault) => fault.message === message)) faults[key] = [...known, { code: 'invalid', message }];
}
