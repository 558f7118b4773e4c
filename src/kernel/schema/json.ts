import { JsonError, readJson } from './json-reader.ts';
import type { ParsedJson } from './json-reader.ts';
import { MAX_BODY_DEPTH } from './limits.ts';
import type { Json } from './types.ts';

export { isForbiddenKey, JsonError } from './json-reader.ts';
export type { JsonProblem, JsonProblemKind, ParsedJson } from './json-reader.ts';

// Everything that readJson could object to contains one of these: an escape (NUL, surrogates, keys in disguise), a
// forbidden key, 16 digits or more, an exponent. Fewer than 16 digits without exponent always survive a double.
const SUSPICIOUS = /\\u|__proto__|constructor|prototype|[\d.]{16}|(?:^|[[,:\s])-?[\d.]+[eE]/;

/**
 * Parses a request body strictly. In: the bytes as received, not empty. Out: the value, and beside it the places that
 * the contract refuses (D16): NUL, lone surrogates, the keys `__proto__`, `constructor`, `prototype`, numbers that a
 * double cannot hold, more than 100 levels. A body with problems must be answered 400; its value serves only to report
 * the other fields' errors in the same answer (P8). Throws JsonError for bad UTF-8 (P3) and bad syntax.
 */
export function parseJson(bytes: Uint8Array): ParsedJson {
  const text = decodeUtf8(bytes);
  if (SUSPICIOUS.test(text) || mayBeDeep(text)) return readJson(text);
  try {
    // Typed here and nowhere else: JSON.parse returns nothing but Json.
    const value: Json = JSON.parse(text);
    return { value, problems: [] };
  } catch {
    // The engine's message quotes the body, which may hold a password.
    return readJson(text);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError('utf8', 'The body is not valid UTF-8.');
  }
}

/** Counts brackets, those inside strings too: may say yes wrongly, which costs only time, but never no. */
function mayBeDeep(text: string): boolean {
  if (text.length < MAX_BODY_DEPTH * 2) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) depth += 1;
    if (depth > MAX_BODY_DEPTH) return true;
  }
  return false;
}
