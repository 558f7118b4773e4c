import type { LogFields } from './types.ts';

const SECRET_KEY = /pass|secret|token|cookie|authorization/i;
const REDACTED = '[redacted]';
const MAX_DEPTH = 4;
const MAX_TEXT = 16_384;

// The value ends at what separates parameters, also percent-encoded: ?query=itoken%3D…%26x
const SECRET_PARAMETER = /((?:token|password|secret|session)(?:=|%(?:25)*3D))(?:(?!%(?:25)*26)[^&\s"'<>;,])+/gi;
const CREDENTIALS = /\b(Bearer|Basic)\s+[^\s"',;]+/gi;
const URL_PASSWORD = /(:\/\/[^\s:/@]{0,256}:)[^\s@/]{1,1024}@/g;

/** Masks secrets inside a text: `itoken=…` and its like, Bearer and Basic credentials, passwords in URLs (T08). */
export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return short
    .replace(SECRET_PARAMETER, `$1${REDACTED}`)
    .replace(CREDENTIALS, `$1 ${REDACTED}`)
    .replace(URL_PASSWORD, `$1${REDACTED}@`);
}

/**
 * A copy of log fields that is safe to print: values under secret keys replaced, texts masked, errors reduced to name,
 * message, code, cause and (if asked) stack. What lies deeper than four levels is left out. A net, not a licence: callers
 * do not log secrets.
 */
export function redactFields(fields: LogFields, withStack: boolean): LogFields {
  return redactRecord(fields, withStack, 1);
}

function redactRecord(record: object, withStack: boolean, depth: number): LogFields {
  const clean: LogFields = {};
  for (const [key, value] of Object.entries(record)) {
    const isSecret = SECRET_KEY.test(key) && typeof value !== 'boolean' && value !== null && value !== undefined;
    clean[key] = isSecret ? REDACTED : redactValue(value, withStack, depth);
  }
  return clean;
}

function redactValue(value: unknown, withStack: boolean, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return redactText(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value, withStack, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, withStack, depth + 1));
  return redactRecord(value, withStack, depth + 1);
}

// Not the error's other properties: those of the database's errors quote rows.
function describeError(error: Error, withStack: boolean, depth: number): LogFields {
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error && { code: redactValue(error.code, withStack, depth + 1) }),
    ...(error.cause !== undefined && { cause: redactValue(error.cause, withStack, depth + 1) }),
    ...(withStack && error.stack !== undefined && { stack: redactText(error.stack) }),
  };
}
