import { survivesDouble } from './json-number.ts';
import { MAX_BODY_DEPTH } from './limits.ts';
import type { Json, JsonPath } from './types.ts';

export type JsonProblemKind = 'nul' | 'key' | 'number' | 'surrogate' | 'depth';

/** A value that is good JSON and yet refused (contract D16). `path` leads to it, a bad key included. */
export type JsonProblem = { readonly path: JsonPath; readonly kind: JsonProblemKind; readonly message: string };

export type ParsedJson = { readonly value: Json; readonly problems: readonly JsonProblem[] };

/** The body is no JSON. `message` begins with `JSON parse error - ` (contract 1.4) and quotes nothing of the body. */
export class JsonError extends Error {
  readonly kind: 'syntax' | 'utf8';
  constructor(kind: 'syntax' | 'utf8', text: string) {
    super(`JSON parse error - ${text}`);
    this.name = 'JsonError';
    this.kind = kind;
  }
}

// One body must not make the answer, or our work, arbitrarily large.
const MAX_PROBLEMS = 100;
const STRING_PART = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ESCAPES = new Map(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
);
const LITERALS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const MESSAGES: Readonly<Record<JsonProblemKind, string>> = {
  nul: 'Null characters are not allowed.',
  key: 'The keys __proto__, constructor and prototype are not allowed.',
  number: 'The number cannot be represented exactly.',
  surrogate: 'Unpaired surrogates are not allowed.',
  depth: `The value is nested deeper than ${MAX_BODY_DEPTH} levels.`,
};

type Reader = {
  readonly text: string;
  at: number;
  readonly path: (string | number)[];
  readonly problems: JsonProblem[];
};

/** Whether a key may not occur in any body: assigned or merged it would reach a prototype (P5, T12). */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/**
 * Reads JSON text (RFC 8259), collecting what is refused though well-formed. Slower than `JSON.parse`, used when a cheap
 * test finds something suspicious. In the value, forbidden keys are left out and what is too deep is `null`; the rest is
 * as sent. Of equal keys the last wins. Throws JsonError with the words of Python's parser.
 */
export function readJson(text: string): ParsedJson {
  const reader: Reader = { text, at: 0, path: [], problems: [] };
  skipSpace(reader);
  const value = readValue(reader);
  skipSpace(reader);
  if (reader.at < text.length) throw syntaxError(reader, 'Extra data');
  return { value, problems: reader.problems };
}

function readValue(reader: Reader): Json {
  const start = reader.text[reader.at];
  if (start === '"') return readString(reader);
  if (start === '{' || start === '[') return readNested(reader, start);
  for (const [word, value] of LITERALS) {
    if (!reader.text.startsWith(word, reader.at)) continue;
    reader.at += word.length;
    return value;
  }
  return readNumber(reader);
}

function readNested(reader: Reader, start: '{' | '['): Json {
  if (reader.path.length < MAX_BODY_DEPTH) return start === '{' ? readObject(reader) : readArray(reader);
  report(reader, 'depth');
  skipNested(reader);
  return null;
}

function readObject(reader: Reader): Json {
  const object: { [key: string]: Json } = {};
  reader.at += 1;
  skipSpace(reader);
  if (take(reader, '}')) return object;
  for (;;) {
    if (reader.text[reader.at] !== '"') throw syntaxError(reader, 'Expecting property name enclosed in double quotes');
    const key = readKey(reader);
    skipSpace(reader);
    if (!take(reader, ':')) throw syntaxError(reader, "Expecting ':' delimiter");
    skipSpace(reader);
    const value = readValue(reader);
    if (!isForbiddenKey(key)) object[key] = value;
    reader.path.pop();
    skipSpace(reader);
    if (take(reader, '}')) return object;
    if (!take(reader, ',')) throw syntaxError(reader, "Expecting ',' delimiter");
    skipSpace(reader);
  }
}

/** Leaves the key on the path, so that its own problems and its value's are found there. */
function readKey(reader: Reader): string {
  const key = readRawString(reader);
  reader.path.push(key);
  reportString(reader, key);
  if (isForbiddenKey(key)) report(reader, 'key');
  return key;
}

function readArray(reader: Reader): Json {
  const items: Json[] = [];
  reader.at += 1;
  skipSpace(reader);
  if (take(reader, ']')) return items;
  for (;;) {
    reader.path.push(items.length);
    items.push(readValue(reader));
    reader.path.pop();
    skipSpace(reader);
    if (take(reader, ']')) return items;
    if (!take(reader, ',')) throw syntaxError(reader, "Expecting ',' delimiter");
    skipSpace(reader);
  }
}

function readNumber(reader: Reader): number {
  const text = matchHere(reader, NUMBER);
  if (text === '') throw syntaxError(reader, 'Expecting value');
  reader.at += text.length;
  if (!survivesDouble(text)) report(reader, 'number');
  return Number(text);
}

function readString(reader: Reader): string {
  const text = readRawString(reader);
  reportString(reader, text);
  return text;
}

function readRawString(reader: Reader): string {
  const start = reader.at;
  const parts: string[] = [];
  reader.at += 1;
  for (;;) {
    const part = matchHere(reader, STRING_PART);
    parts.push(part);
    reader.at += part.length;
    if (take(reader, '"')) return parts.join('');
    if (reader.at >= reader.text.length) throw syntaxError({ ...reader, at: start }, 'Unterminated string starting at');
    if (!take(reader, '\\')) throw syntaxError(reader, 'Invalid control character at');
    parts.push(readEscape(reader));
  }
}

function readEscape(reader: Reader): string {
  const letter = reader.text.charAt(reader.at);
  const plain = ESCAPES.get(letter);
  if (plain !== undefined) {
    reader.at += 1;
    return plain;
  }
  const digits = reader.text.slice(reader.at + 1, reader.at + 5);
  if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw syntaxError(reader, 'Invalid \\escape');
  reader.at += 5;
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** Steps over an object or array without recursion, so that no depth can overflow the stack. */
function skipNested(reader: Reader): void {
  let open = 0;
  while (reader.at < reader.text.length) {
    const char = reader.text[reader.at];
    if (char === '"') {
      readRawString(reader);
      continue;
    }
    reader.at += 1;
    if (char === '{' || char === '[') open += 1;
    if (char === '}' || char === ']') open -= 1;
    if (open === 0) return;
  }
  throw syntaxError(reader, 'Expecting value');
}

function reportString(reader: Reader, text: string): void {
  if (text.includes('\u0000')) report(reader, 'nul');
  if (LONE_SURROGATE.test(text)) report(reader, 'surrogate');
}

function report(reader: Reader, kind: JsonProblemKind): void {
  if (reader.problems.length >= MAX_PROBLEMS) return;
  reader.problems.push({ path: [...reader.path], kind, message: MESSAGES[kind] });
}

function take(reader: Reader, char: string): boolean {
  if (reader.text[reader.at] !== char) return false;
  reader.at += 1;
  return true;
}

function skipSpace(reader: Reader): void {
  reader.at += matchHere(reader, SPACE).length;
}

function matchHere(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  return pattern.exec(reader.text)?.[0] ?? '';
}

function syntaxError(reader: Reader, text: string): JsonError {
  const before = reader.text.slice(0, reader.at);
  const line = before.split('\n').length;
  const column = reader.at - before.lastIndexOf('\n');
  return new JsonError('syntax', `${text}: line ${line} column ${column} (char ${reader.at})`);
}
