import { JsonError, readJson } from './json-reader.ts';
import type { ParsedJson } from './json-reader.ts';
import { MAX_BODY_DEPTH } from './limits.ts';
import type { Json } from './types.ts';

export { isForbiddenKey, JsonError } from './json-reader.ts';
export type { JsonProblem, JsonProblemKind, ParsedJson } from './json-reader.ts';

// Whatever readJson could object to contains an escape (NUL, surrogates, keys in disguise), a forbidden key, or a number
// with an exponent or at least 16 digits: fewer digits always survive a double. Two patterns are faster than one.
const SUSPICIOUS_TEXT = /\\u|__proto__|constructor|prototype/;
const SUSPICIOUS_NUMBER = /(?:^|[[,:\s])-?(?:[\d.]{16}|[\d.]+[eE])/;

/**
 * Parses a request body strictly. In: the bytes as received, not empty. Out: the value, and beside it the places that
 * the contract refuses (D16): NUL, lone surrogates, the keys `__proto__`, `constructor`, `prototype`, numbers that a
 * double cannot hold, more than 100 levels. A body with problems must be answered 400; its value serves only to report
 * the other fields' errors in the same answer (P8). Throws JsonError for bad UTF-8 (P3) and bad syntax.
 */
export function parseJson(bytes: Uint8Array): ParsedJson {
  const text = decodeUtf8(bytes);
  if (SUSPICIOUS_TEXT.test(text) || SUSPICIOUS_NUMBER.test(text) || mayBeDeep(text)) return readJson(text);
  try {
    // Typed here and nowhere else: JSON.parse returns nothing but Json.
    const value: Json = JSON.parse(text);
    return { value, problems: [] };
  } catch {
    // The engine's message quotes the body, which may hold a password.
    return readJson(text);
  }
}

// Made once: making one costs more than decoding a body.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new JsonError('utf8', 'The body is not valid UTF-8.');
  }
}

/** Counts opening brackets, those inside strings too: may say yes wrongly, which costs only time, but never no. */
function mayBeDeep(text: string): boolean {
  return countUpTo(text, '{', MAX_BODY_DEPTH) + countUpTo(text, '[', MAX_BODY_DEPTH) > MAX_BODY_DEPTH;
}

function countUpTo(text: string, char: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0 && count <= limit; at = text.indexOf(char, at + 1)) count += 1;
  return count;
}
