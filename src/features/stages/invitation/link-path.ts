import { SECRET_KEY } from './proof.ts';

/** The path of an invitation's link, with its query. In: the slug of its flow, its id, and the secret of a secret link. */
export function linkPath(slug: string, id: string, secret: string | undefined): string {
  const query = new URLSearchParams({ itoken: id, ...(secret === undefined ? {} : { [SECRET_KEY]: secret }) });
  return `/if/flow/${slug}/?${query.toString()}`;
}
