import type { Fault } from '../../errors/api-error.ts';
import { parseEmail } from '../../schema/email.ts';
import { isSlug } from '../../schema/slug.ts';
import { parseTimedelta } from '../../schema/timedelta.ts';
import type { Json } from '../../schema/types.ts';
import { bad } from '../field.ts';
import type { Checked, Kind, SchemaObject } from '../field.ts';
import { messages } from '../messages.ts';

export type TextOptions = {
  readonly blank?: boolean;
  /** Surrounding whitespace is cut off first; true unless said otherwise. */
  readonly trim?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** An ECMAScript pattern; stands in the document. */
  readonly pattern?: string;
  readonly patternMessage?: string;
};

type TextKind = TextOptions & {
  readonly name: string;
  readonly format?: string;
  /** The text to store, or a fault. */
  readonly refine?: (text: string) => string | Fault;
};

// What Python's str.strip() takes off; unlike trim() it takes U+001C to U+001F and leaves U+FEFF.
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

// By hand: a pattern that ends in `+$` takes quadratic time on a text with many spaces inside, hours for a full body.
function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.test(text.charAt(start))) start += 1;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Counts as Python does: code points. */
function lengthOf(text: string): number {
  let surrogates = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00) surrogates += 1;
  }
  return text.length - surrogates;
}

function faultsOf(text: string, kind: TextKind, pattern: RegExp | undefined): Fault[] {
  const faults: Fault[] = [];
  if (pattern && !pattern.test(text)) {
    faults.push({ code: 'invalid', message: kind.patternMessage ?? messages.pattern });
  }
  const { maxLength, minLength } = kind;
  const length = lengthOf(text);
  if (maxLength !== undefined && length > maxLength) {
    faults.push({ code: 'max_length', message: messages.maxLength(maxLength) });
  }
  if (minLength !== undefined && length < minLength) {
    faults.push({ code: 'min_length', message: messages.minLength(minLength) });
  }
  if (text.includes('\0')) faults.push({ code: 'null_characters_not_allowed', message: messages.nul });
  return faults;
}

function check(value: Json, kind: TextKind, pattern: RegExp | undefined): Checked<string> {
  // Numbers become their text, as Django REST Framework has it; booleans do not.
  if (typeof value !== 'string' && typeof value !== 'number') return bad('invalid', messages.notString);
  const sent = String(value);
  const text = kind.trim === false ? sent : strip(sent);
  if (text === '') return kind.blank === true ? { value: '' } : bad('blank', messages.blank);
  const faults = faultsOf(text, kind, pattern);
  const refined = kind.refine?.(text) ?? text;
  if (typeof refined !== 'string') return { faults: [refined, ...faults] };
  return faults.length > 0 ? { faults } : { value: refined };
}

function document(kind: TextKind, request: boolean): SchemaObject {
  return {
    type: 'string',
    ...(kind.format === undefined ? {} : { format: kind.format }),
    ...(kind.minLength === undefined ? {} : { minLength: kind.minLength }),
    ...(request && kind.blank !== true && kind.minLength === undefined ? { minLength: 1 } : {}),
    ...(kind.maxLength === undefined ? {} : { maxLength: kind.maxLength }),
    ...(kind.pattern === undefined ? {} : { pattern: kind.pattern }),
  };
}

function present(value: unknown): Json | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new TypeError('A text is declared.');
}

function make(kind: TextKind): Kind<string> {
  const pattern = kind.pattern === undefined ? undefined : new RegExp(kind.pattern, 'u');
  return {
    name: kind.name,
    sqlType: 'text',
    check: (value) => check(value, kind, pattern),
    encode: (value) => value,
    show: (expression) => expression,
    present,
    document: (side) => document(kind, side === 'request'),
  };
}

/** Any text. */
export const textKind = (options: TextOptions): Kind<string> => make({ ...options, name: 'string' });

/** Letters, digits, `_`, `-`. */
export const slugKind = (options: TextOptions): Kind<string> => {
  const refine = (text: string) => (isSlug(text) ? text : { code: 'invalid', message: messages.slug });
  const kind = make({ ...options, name: 'slug', refine });
  // The pattern is documented, but checked by `refine`, which has the contract's message.
  return { ...kind, document: (side) => ({ ...kind.document(side, NO_SINK), pattern: '^[-a-zA-Z0-9_]+$' }) };
};

const NO_SINK = { refer: () => ({}), shape: () => ({}), union: () => ({}) };

/** An e-mail address; stored in NFC. */
export const emailKind = (options: TextOptions): Kind<string> =>
  make({
    maxLength: 254,
    ...options,
    name: 'email',
    format: 'email',
    refine: (text) => parseEmail(text) ?? { code: 'invalid', message: messages.email },
  });

/** An http or https URL. */
export const urlKind = (options: TextOptions): Kind<string> =>
  make({
    ...options,
    name: 'url',
    format: 'uri',
    refine: (text) => (/^https?:$/.test(protocolOf(text)) ? text : { code: 'invalid', message: messages.url }),
  });

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}

/** A duration such as `hours=1;minutes=2`. */
export const timedeltaKind = (options: TextOptions): Kind<string> =>
  make({
    ...options,
    name: 'timedelta',
    refine: (text) =>
      parseTimedelta(text) === undefined ? { code: 'invalid', message: messages.timedelta(text) } : text,
  });
