/** A path that something answers, such as `/if/flow/{slug}/`; a trailing `*` takes the rest, under the name `*`. */
export type Place = { readonly url: string };

type Params = Readonly<Record<string, string>>;

const isParameter = (part: string): boolean => part.startsWith('{');

function decoded(path: string): string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function match(pattern: readonly string[], given: readonly string[]): Params | undefined {
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    if (part === '*') return { ...params, '*': given.slice(at).join('/') };
    const value = given[at];
    if (value === undefined || (isParameter(part) ? value === '' : value !== part)) return undefined;
    if (isParameter(part)) params[part.slice(1, -1)] = value;
  }
  return pattern.length === given.length ? params : undefined;
}

/** Sorts as the router chooses: at the first difference what is written out goes before what is open. */
const rank = (pattern: readonly string[]): string =>
  pattern.map((part) => (part === '*' ? '2' : isParameter(part) ? '1' : '0')).join('');

/**
 * The place that a path means, whatever the method. For requests that the router has no route for, which are few: it
 * looks at every place.
 */
export function findPlace<P extends Place>(
  places: readonly P[],
  path: string,
): { readonly place: P; readonly params: Params } | undefined {
  const given = decoded(path);
  if (!given) return undefined;
  const found = places.flatMap((place) => {
    const pattern = place.url.split('/');
    const params = match(pattern, given);
    return params ? [{ place, params, rank: rank(pattern) }] : [];
  });
  return found.toSorted((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}
