const JSON_RANGE = /^\s*(?:\*\/\*|application\/\*|application\/json)\s*(?:;|$)/i;

/** Whether an `Accept` header admits JSON (RFC 9110 §12.5.1); an absent or empty one does. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '' || accept === '*/*') return true;
  return accept.split(',').some((range) => JSON_RANGE.test(range) && !/;\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)/i.test(range));
}
