import { baseUrl } from '../../../../core/flows/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { HttpRequest } from '../../../../kernel/http/message.ts';
import { ApiError } from '../../../../kernel/errors/api-error.ts';
import { linkPath } from '../link-path.ts';
import type { LINK_REASONS } from './fields.ts';
import type { InvitationRow } from './store.ts';

type Reason = (typeof LINK_REASONS)[number];
/** A link, or why there is none. */
export type Link = { readonly link: string; readonly reason: null } | { readonly link: null; readonly reason: Reason };

const without = (reason: Reason): Link => ({ link: null, reason });

/** Our own origin; undefined where none is configured and the host is no loopback one (contract D9). */
export function originOf(ctx: RequestContext, request: HttpRequest): string | undefined {
  try {
    return baseUrl(ctx, request);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/**
 * The link of an invitation. One with a secret has none without it (T14).
 * @param secret the one that was made just now
 */
export function linkOf(
  { ctx, request }: { readonly ctx: RequestContext; readonly request: HttpRequest },
  row: InvitationRow,
  secret?: string,
): Link {
  if (row.state !== 'pending') return without('not_pending');
  if (row.secret_link && secret === undefined) return without('secret_link');
  if (row.link_slug === null) return without('no_flow');
  const origin = originOf(ctx, request);
  if (origin === undefined) return without('no_public_url');
  return { link: `${origin}${linkPath(row.link_slug, row.id, secret)}`, reason: null };
}
