import { parseDate, parseTimestamp } from '../../schema/datetime.ts';
import type { Json } from '../../schema/types.ts';
import { parseUuid } from '../../schema/uuid.ts';
import { bad } from '../field.ts';
import type { Checked, Kind, SchemaObject } from '../field.ts';
import { messages } from '../messages.ts';

const INT32 = { minimum: -2147483648, maximum: 2147483647 };

export type NumberOptions = { readonly minimum?: number; readonly maximum?: number };

const asIs = (expression: string): string => expression;
const passOn = (value: unknown): Json | undefined => value as Json | undefined;

/** SQL text that gives a timestamp's wire form (contract 1.5): UTC, microseconds omitted when zero. */
export function wireTime(expression: string): string {
  return `replace(to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')`;
}

// Python: 128 bits as a number are a UUID too.
function uuidOfNumber(value: number): string | undefined {
  if (!Number.isSafeInteger(value) || value < 0) return undefined;
  return parseUuid(value.toString(16).padStart(32, '0'));
}

/** Text or number to a UUID, as Python's `UUID` takes it; undefined for anything else. */
export function toUuid(value: Json): string | undefined {
  if (typeof value === 'string') return parseUuid(value);
  return typeof value === 'number' ? uuidOfNumber(value) : undefined;
}

export const uuidKind: Kind<string> = {
  name: 'uuid',
  sqlType: 'uuid',
  check(value) {
    const uuid = toUuid(value);
    return uuid === undefined ? bad('invalid', messages.notUuid) : { value: uuid };
  },
  encode: (value) => value,
  show: asIs,
  present: passOn,
  document: () => ({ type: 'string', format: 'uuid' }),
};

/** The integer in a JSON number or text, `5`, `5.0`, `"5"`, as Django REST Framework takes it. */
export function toInteger(value: Json): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[-+]?\d{1,16}(\.0*)?\s*$/.test(value)) return undefined;
  return Number(value);
}

function rangeFault(value: number, { minimum, maximum }: NumberOptions): Checked<number> {
  if (maximum !== undefined && value > maximum) return bad('max_value', messages.maxValue(maximum));
  if (minimum !== undefined && value < minimum) return bad('min_value', messages.minValue(minimum));
  return { value };
}

/** An integer; the limits are int32's unless given. `documented` false keeps them out of the document. */
export function integerKind(options: NumberOptions & { readonly documented?: boolean }): Kind<number> {
  const limits = { ...INT32, ...options };
  return {
    name: 'integer',
    sqlType: 'integer',
    check(value) {
      const integer = toInteger(value);
      return integer === undefined ? bad('invalid', messages.notInteger) : rangeFault(integer, limits);
    },
    encode: (value) => value,
    show: asIs,
    present: passOn,
    document(): SchemaObject {
      if (options.documented === false) return { type: 'integer' };
      return { type: 'integer', minimum: limits.minimum, maximum: limits.maximum };
    },
  };
}

/** A number that a double holds, also written as text, within the limits. */
export function numberKind(options: NumberOptions): Kind<number> {
  return {
    name: 'number',
    sqlType: 'double precision',
    check(value) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) return bad('invalid', messages.notNumber);
      return rangeFault(number, options);
    },
    encode: (value) => value,
    show: asIs,
    present: passOn,
    document: () => ({ type: 'number', ...options }) satisfies SchemaObject,
  };
}

// Contract 2.3, the sets of Django REST Framework.
const TRUE = new Set<Json>(['t', 'T', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', '1', 1]);
const FALSE = new Set<Json>([
  'f',
  'F',
  'n',
  'N',
  'no',
  'No',
  'NO',
  'false',
  'False',
  'FALSE',
  'off',
  'Off',
  'OFF',
  '0',
  0,
]);

export const booleanKind: Kind<boolean> = {
  name: 'boolean',
  sqlType: 'boolean',
  check(value) {
    if (value === true || TRUE.has(value)) return { value: true };
    if (value === false || FALSE.has(value)) return { value: false };
    return bad('invalid', messages.notBoolean);
  },
  encode: (value) => value,
  show: asIs,
  present: passOn,
  document: () => ({ type: 'boolean' }),
};

export const dateTimeKind: Kind<string> = {
  name: 'dateTime',
  sqlType: 'timestamptz',
  check(value) {
    if (typeof value !== 'string') return bad('invalid', messages.dateTime);
    const parsed = parseTimestamp(value);
    if ('value' in parsed) return { value: parsed.value };
    return parsed.fault === 'range' ? bad('overflow', messages.dateTimeRange) : bad('invalid', messages.dateTime);
  },
  encode: (value) => value,
  show: wireTime,
  present: passOn,
  document: () => ({ type: 'string', format: 'date-time' }),
};

export const dateKind: Kind<string> = {
  name: 'date',
  sqlType: 'date',
  check(value) {
    const date = typeof value === 'string' ? parseDate(value) : undefined;
    return date === undefined ? bad('invalid', messages.date) : { value: date };
  },
  encode: (value) => value,
  show: (expression) => `to_char(${expression}, 'YYYY-MM-DD')`,
  present: passOn,
  document: () => ({ type: 'string', format: 'date' }),
};
