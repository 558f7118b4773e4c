const SECRETS: readonly string[] = ['itoken', 'token', 'secret', 'flow_token'];

/**
 * Takes the link's secrets out of a page address, so that address bar, history and screenshots do not show them (T08).
 * The other parameters stay exactly as they were written.
 * @param search the query part, with or without its `?`
 * @returns the query part without them, with its `?` unless empty
 */
export function withoutSecrets(search: string): string {
  const pairs = search.replace(/^\?/, '').split('&');
  const kept = pairs.filter((pair) => pair !== '' && !SECRETS.includes(nameOf(pair)));
  return kept.length > 0 ? `?${kept.join('&')}` : '';
}

// Read as the server will: `%69token=…` is an itoken too.
function nameOf(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? '';
}

/** Rewrites the visible address; the history entry keeps its place. */
export function cleanLocation(): void {
  const { pathname, search, hash } = window.location;
  const clean = withoutSecrets(search);
  if (clean !== search) window.history.replaceState(window.history.state, '', `${pathname}${clean}${hash}`);
}
