import { parseTimestamp } from '../schema/datetime.ts';
import { parseEmail } from '../schema/email.ts';
import { MAX_STORED_JSON_BYTES, MAX_STORED_JSON_DEPTH } from '../schema/limits.ts';
import { measureJson } from '../schema/measure.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json, JsonObject } from '../schema/types.ts';
import { parseUuid } from '../schema/uuid.ts';
import { below, report } from './type.ts';
import type { Place, Properties, Schema, SchemaSink, Type, ValuesOf } from './type.ts';

/** Added to a schema for readers. */
type About = { readonly description?: string };

const nameOf = (value: Json): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

const wrong = (place: Place, wanted: string, value: Json): undefined =>
  report(place, 'wrong_type', `This must be ${wanted}, not ${nameOf(value)}.`);

function mistaken(wanted: string, value: unknown): never {
  throw new TypeError(`${wanted} is declared, and the server made ${typeof value}.`);
}

type TextOptions = About & {
  readonly minLength?: number;
  /** In code points. */
  readonly maxLength: number;
  readonly pattern?: RegExp;
  /** What the pattern means, in words. */
  readonly allowed?: string;
};

/** Text as it is sent: nothing is trimmed. Line breaks and tabs are the only control characters. */
function text(options: TextOptions): Type<string> {
  const { minLength = 0, maxLength, pattern, allowed, description } = options;
  return {
    check(value, place) {
      if (typeof value !== 'string') return wrong(place, 'text', value);
      const length = [...value].length;
      if (length < minLength) return report(place, 'too_short', `This needs at least ${minLength} characters.`);
      if (length > maxLength) return report(place, 'too_long', `This takes at most ${maxLength} characters.`);
      if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)) {
        return report(place, 'control_character', 'Control characters are not allowed.');
      }
      if (pattern && !pattern.test(value))
        return report(place, 'wrong_form', `This must be ${allowed ?? 'of another form'}.`);
      return value;
    },
    present: (value) => (typeof value === 'string' ? value : mistaken('Text', value)),
    schema: () => ({
      type: 'string',
      ...(minLength === 0 ? {} : { minLength }),
      ...(Number.isFinite(maxLength) ? { maxLength } : {}),
      ...(pattern ? { pattern: pattern.source } : {}),
      ...(description === undefined ? {} : { description }),
    }),
  };
}

type NumberOptions = About & { readonly minimum?: number; readonly maximum?: number };

function integer(options: NumberOptions = {}): Type<number> {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = options;
  return {
    check(value, place) {
      if (typeof value !== 'number' || !Number.isInteger(value)) return wrong(place, 'a whole number', value);
      if (value < minimum) return report(place, 'too_small', `This must be at least ${minimum}.`);
      if (value > maximum) return report(place, 'too_large', `This must be at most ${maximum}.`);
      return value;
    },
    present: (value) => (typeof value === 'number' ? value : mistaken('A number', value)),
    schema: () => ({ type: 'integer', ...options }),
    fromText: (given) => (/^-?\d{1,15}$/.test(given) ? Number(given) : given),
  };
}

/** A number, whole or not; in answers. */
function number(options: About = {}): Type<number> {
  return {
    check: (value, place) => (typeof value === 'number' ? value : wrong(place, 'a number', value)),
    present: (value) => (typeof value === 'number' ? value : mistaken('A number', value)),
    schema: () => ({ type: 'number', ...options }),
  };
}

function boolean(options: About = {}): Type<boolean> {
  return {
    check: (value, place) => (typeof value === 'boolean' ? value : wrong(place, 'true or false', value)),
    present: (value) => (typeof value === 'boolean' ? value : mistaken('True or false', value)),
    schema: () => ({ type: 'boolean', ...options }),
    fromText: (given) => (given === 'true' ? true : given === 'false' ? false : given),
  };
}

/** One of some texts. */
function choice<const V extends readonly string[]>(values: V, options: About = {}): Type<V[number]> {
  const allowed: readonly string[] = values;
  return {
    check(value, place) {
      if (typeof value !== 'string') return wrong(place, 'text', value);
      // Found among them, so it is one of them.
      if (allowed.includes(value)) return value as V[number];
      return report(place, 'not_a_choice', `This must be one of ${allowed.join(', ')}.`);
    },
    present: (value) =>
      typeof value === 'string' && allowed.includes(value) ? value : mistaken(allowed.join(' or '), value),
    schema: () => ({ type: 'string', enum: [...allowed], ...options }),
  };
}

type Read = {
  readonly format: string;
  readonly wanted: string;
  readonly maxLength?: number;
  parse(given: string): string | undefined;
};

/** A text of a form that has a canonical spelling. */
function formed({ format, wanted, maxLength, parse }: Read, options: About): Type<string> {
  return {
    check(value, place) {
      if (typeof value !== 'string') return wrong(place, wanted, value);
      return parse(value) ?? report(place, 'wrong_form', `This must be ${wanted}.`);
    },
    present: (value) => (typeof value === 'string' ? value : mistaken(wanted, value)),
    schema: () => ({ type: 'string', format, ...(maxLength === undefined ? {} : { maxLength }), ...options }),
  };
}

const uuid = (options: About = {}): Type<string> =>
  formed({ format: 'uuid', wanted: 'a UUID', parse: parseUuid }, options);

/** An instant (RFC 3339); without an offset it is UTC. */
function dateTime(options: About = {}): Type<string> {
  const parse = (given: string): string | undefined => {
    const parsed = parseTimestamp(given);
    return 'value' in parsed ? parsed.value : undefined;
  };
  return formed({ format: 'date-time', wanted: 'an instant such as 2030-01-31T12:00:00Z', parse }, options);
}

const email = (options: About = {}): Type<string> =>
  // Domains may have letters of every script.
  formed({ format: 'idn-email', wanted: 'an e-mail address', maxLength: 254, parse: parseEmail }, options);

/** Any JSON object within what can be stored (D16). */
function json(options: About = {}): Type<JsonObject> {
  return {
    check(value, place) {
      if (!isJsonObject(value)) return wrong(place, 'an object', value);
      const { bytes, depth } = measureJson(value);
      if (bytes > MAX_STORED_JSON_BYTES) {
        return report(place, 'too_large', `This takes at most ${MAX_STORED_JSON_BYTES} bytes of JSON.`);
      }
      if (depth > MAX_STORED_JSON_DEPTH) {
        return report(place, 'too_deep', `This takes at most ${MAX_STORED_JSON_DEPTH} levels.`);
      }
      return value;
    },
    // Typed by whoever made it: what came from a json column is JSON.
    present: (value) => (typeof value === 'object' && value !== null ? (value as Json) : mistaken('An object', value)),
    schema: () => ({ type: 'object', ...options, additionalProperties: true }),
  };
}

type ListOptions = About & { readonly maxItems?: number };

function list<T>(item: Type<T>, { maxItems, description }: ListOptions = {}): Type<T[]> {
  return {
    check(value, place) {
      if (!Array.isArray(value)) return wrong(place, 'a list', value);
      if (maxItems !== undefined && value.length > maxItems) {
        return report(place, 'too_many', `This takes at most ${maxItems} items.`);
      }
      const checked = value.map((one, at) => item.check(one, below(place, at)));
      const good = checked.filter((one) => one !== undefined);
      return good.length === value.length ? good : undefined;
    },
    present: (value) => (Array.isArray(value) ? value.map((one) => item.present(one)) : mistaken('A list', value)),
    schema: (sink) => ({
      type: 'array',
      items: item.schema(sink),
      ...(maxItems === undefined ? {} : { maxItems }),
      ...(description === undefined ? {} : { description }),
    }),
    ...(item.fromText ? { fromText: item.fromText } : {}),
    repeated: true,
  };
}

/** A value or null. */
function nullable<T>(type: Type<T>): Type<T | null> {
  return {
    check: (value, place) => (value === null ? null : type.check(value, place)),
    present: (value) => (value === null ? null : type.present(value)),
    schema(sink): Schema {
      const schema = type.schema(sink);
      if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
      const { enum: values } = schema;
      return {
        ...schema,
        type: [schema['type'], 'null'],
        ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
      };
    },
  };
}

/** May be absent; then it is the fallback, or undefined. */
function optional<T>(type: Type<T>, fallback: T): Type<T>;
function optional<T>(type: Type<T>): Type<T | undefined>;
function optional<T>(type: Type<T>, fallback?: T): Type<T | undefined> {
  return { ...type, absent: { fallback } };
}

type ObjectOptions = About & { readonly closed?: boolean };

function checkObject(properties: Properties, value: Json, place: Place): Record<string, unknown> | undefined {
  if (!isJsonObject(value)) return wrong(place, 'an object', value);
  const before = place.problems.length;
  const checked: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(properties)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given !== undefined) checked[key] = type.check(given, below(place, key));
    else if (type.absent) checked[key] = type.absent.fallback;
    else report(below(place, key), 'required', 'This is required.');
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(properties, key)) report(below(place, key), 'unknown', 'There is no such field.');
  }
  return place.problems.length > before ? undefined : checked;
}

function presentObject(properties: Properties, value: unknown): Json {
  if (typeof value !== 'object' || value === null) return mistaken('An object', value);
  const given: Readonly<Record<string, unknown>> = { ...value };
  const shown: Record<string, Json> = {};
  for (const [key, type] of Object.entries(properties)) {
    const one = given[key];
    if (one !== undefined) shown[key] = type.present(one);
    else if (!type.absent) throw new TypeError(`${key} is declared, and the server did not make it.`);
  }
  return shown;
}

function describeObject(properties: Properties, sink: SchemaSink, { description }: ObjectOptions): Schema {
  const entries = Object.entries(properties);
  const required = entries.filter(([, { absent }]) => !absent).map(([key]) => key);
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(entries.map(([key, type]) => [key, describeProperty(type, sink)])),
    ...(required.length === 0 ? {} : { required }),
    ...(sink.side === 'request' ? { additionalProperties: false } : {}),
  };
}

function describeProperty(type: Type, sink: SchemaSink): Schema {
  const schema = type.schema(sink);
  const fallback = type.absent?.fallback;
  if (fallback === undefined || sink.side === 'response') return schema;
  // Only what a client could have sent is a default.
  return { ...schema, default: type.present(fallback) };
}

/** An object of declared keys; others are a problem. In requests its schema is named `<name>Request`. */
function object<const P extends Properties>(
  name: string,
  properties: P,
  options: ObjectOptions = {},
): Type<ValuesOf<P>> {
  return {
    // The keys are those of P, each checked by its own type.
    check: (value, place) => checkObject(properties, value, place) as ValuesOf<P> | undefined,
    present: (value) => presentObject(properties, value),
    schema: (sink) =>
      sink.named(sink.side === 'request' ? `${name}Request` : name, () => describeObject(properties, sink, options)),
  };
}

/** The types of the own API. */
export const t = {
  text,
  integer,
  number,
  boolean,
  choice,
  uuid,
  dateTime,
  email,
  json,
  list,
  nullable,
  optional,
  object,
};
