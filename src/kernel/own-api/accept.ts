const QUALITY_ZERO = /;\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)/i;

function admits(range: string, type: string): boolean {
  const named = range.split(';')[0]?.trim().toLowerCase() ?? '';
  if (named === '*/*' || named === type) return true;
  return named.endsWith('/*') && type.startsWith(named.slice(0, -1));
}

/** Whether an `Accept` header admits one of the media types (RFC 9110 §12.5.1); an absent or empty one does. */
export function accepts(accept: string | undefined, types: readonly string[]): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const ranges = accept.split(',').filter((range) => !QUALITY_ZERO.test(range));
  return ranges.some((range) => types.some((type) => admits(range, type)));
}
