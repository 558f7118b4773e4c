const BASE = 'http://vestibule.invalid';

export const INVALID_NEXT = 'Invalid next URL';

/**
 * A redirect target on our own origin, normalised by the WHATWG parser so that nothing else can read it otherwise (T22);
 * undefined for everything that names a host, a scheme or no absolute path.
 */
export function localTarget(next: string): string | undefined {
  if (!next.startsWith('/') || next.length > 4096) return undefined;
  if (!URL.canParse(next, BASE)) return undefined;
  const url = new URL(next, BASE);
  if (url.origin !== BASE || url.username || url.password) return undefined;
  const target = `${url.pathname}${url.search}${url.hash}`;
  // A path that begins with two slashes would name a host when it is read again.
  return target.startsWith('//') ? undefined : target;
}

/** Where a finished flow goes (contract part 2, section 5): `next` of the page's query, else `/`; undefined: refused. */
export function finishTarget(params: URLSearchParams): string | undefined {
  const next = params.get('next');
  return next ? localTarget(next) : '/';
}
