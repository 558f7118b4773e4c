import type { Faults } from '../../errors/api-error.ts';
import { MAX_STORED_JSON_BYTES, MAX_STORED_JSON_DEPTH } from '../../schema/limits.ts';
import { measureJson } from '../../schema/measure.ts';
import { isJsonObject } from '../../schema/types.ts';
import type { Json, JsonObject } from '../../schema/types.ts';
import { bad } from '../field.ts';
import type { Checked, Kind, Shape } from '../field.ts';
import { asSent, messages, typeName } from '../messages.ts';
import { checkShape } from '../check.ts';
import type { Union } from '../union.ts';
import { presentShape } from '../present-value.ts';

const asIs = (expression: string): string => expression;
const passOn = (value: unknown): Json | undefined => value as Json | undefined;

function withinLimits<T extends Json>(value: T): Checked<T> {
  const { bytes, depth } = measureJson(value);
  if (bytes > MAX_STORED_JSON_BYTES) return bad('invalid', messages.jsonSize(MAX_STORED_JSON_BYTES));
  if (depth > MAX_STORED_JSON_DEPTH) return bad('invalid', messages.jsonDepth(MAX_STORED_JSON_DEPTH));
  return { value };
}

/** A JSON object of any content, within the limits of D16. */
export const objectKind: Kind<JsonObject> = {
  name: 'object',
  sqlType: 'jsonb',
  check: (value) => (isJsonObject(value) ? withinLimits(value) : bad('invalid', messages.dictionary)),
  encode: (value) => JSON.stringify(value),
  show: asIs,
  present: passOn,
  document: () => ({ type: 'object', additionalProperties: {} }),
};

/** Any JSON value within the limits of D16. */
export const jsonKind: Kind<Json> = {
  name: 'json',
  sqlType: 'jsonb',
  check: withinLimits,
  encode: (value) => JSON.stringify(value),
  show: asIs,
  present: passOn,
  document: () => ({}),
};

/** One of a closed list of texts; `component` names the enum in the document. */
export function choiceKind<const V extends readonly string[]>(component: string, values: V): Kind<V[number]> {
  const known = new Set<string>(values);
  return {
    name: 'choice',
    sqlType: 'text',
    check(value) {
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string' || !known.has(text)) return bad('invalid_choice', messages.choice(asSent(value)));
      return { value: text };
    },
    encode: (value) => value,
    show: asIs,
    present: passOn,
    document: (_side, sink) => sink.refer(component, () => ({ enum: [...values], type: 'string' })),
  };
}

export type ListOptions = { readonly allowEmpty?: boolean; readonly maxItems?: number };

/** A list of one kind; stored as an array of the item's type, or as JSON where the item is JSON. */
export function listKind<T>(item: Kind<T>, options: ListOptions): Kind<T[]> {
  const json = item.sqlType === 'jsonb';
  return {
    name: 'list',
    sqlType: json ? 'jsonb' : `${item.sqlType}[]`,
    check: (value) => checkList(value, item, options),
    encode: (value) => (json ? JSON.stringify(value) : value.map((one) => String(item.encode(one)))),
    show: asIs,
    present: (value) => (Array.isArray(value) ? value.map((one) => item.present(one) ?? null) : passOn(value)),
    document: (side, sink) => ({ type: 'array', items: item.document(side, sink) }),
  };
}

function checkList<T>(value: Json, item: Kind<T>, { allowEmpty = true, maxItems }: ListOptions): Checked<T[]> {
  if (!Array.isArray(value)) return bad('not_a_list', messages.notList(typeName(value)));
  if (!allowEmpty && value.length === 0) return bad('empty', messages.emptyList);
  if (maxItems !== undefined && value.length > maxItems) return bad('max_length', messages.longList(maxItems));
  const values: T[] = [];
  const faults: Record<string, Faults> = {};
  for (const [index, one] of value.entries()) {
    const checked: Checked<T> = one === null ? bad('null', messages.null) : item.check(one);
    if ('faults' in checked) faults[index] = checked.faults;
    else values.push(checked.value);
  }
  return Object.keys(faults).length > 0 ? { faults } : { value: values };
}

/** An object with any keys and values of one kind. */
export function mapKind<T>(item: Kind<T>): Kind<Record<string, T>> {
  return {
    name: 'map',
    sqlType: 'jsonb',
    check(value) {
      if (!isJsonObject(value)) return bad('not_a_dict', messages.notDictionary(typeName(value)));
      const values: Record<string, T> = Object.create(null);
      const faults: Record<string, Faults> = {};
      for (const [key, one] of Object.entries(value)) {
        const checked: Checked<T> = one === null ? bad('null', messages.null) : item.check(one);
        if ('faults' in checked) faults[key] = checked.faults;
        else values[key] = checked.value;
      }
      return Object.keys(faults).length > 0 ? { faults } : { value: values };
    },
    encode: (value) => JSON.stringify(value),
    show: asIs,
    present(value) {
      if (typeof value !== 'object' || value === null) return passOn(value);
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item.present(one) ?? null]));
    },
    document: (side, sink) => ({ type: 'object', additionalProperties: item.document(side, sink) }),
  };
}

/** An object of a named shape. */
export function shapeKind(shape: () => Shape): Kind<Record<string, unknown>> {
  return {
    name: 'shape',
    sqlType: 'jsonb',
    check(value) {
      const checked = checkShape(shape().fields, { value, problems: [] });
      return checked;
    },
    encode: (value) => JSON.stringify(value),
    show: asIs,
    present: (value) => (value === null || value === undefined ? passOn(value) : presentShape(shape(), value)),
    document: (side, sink) => sink.shape(shape(), side),
  };
}

/** One of several shapes. What is made in Node passes as it is: whoever makes a variant presents it by its own shape. */
export function unionKind(union: Union): Kind<Json> {
  return {
    ...jsonKind,
    name: 'union',
    document: (side, sink) => sink.union(union, side),
  };
}
