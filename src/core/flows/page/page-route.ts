import { errorReply } from '../../../kernel/errors/error-reply.ts';
import type { RawRoute } from '../../../kernel/http/raw-route.ts';
import type { ErrorInput } from './schema.ts';
import { showError, showThrottled } from './show.ts';

function kindOf(status: number): ErrorInput['kind'] {
  if (status === 403) return 'forbidden';
  if (status === 429) return 'throttled';
  if (status === 400 || status === 413 || status === 415) return 'unreadable';
  if (status < 500) return 'not-found';
  // No database, no room on its disk, no time to hash.
  return status === 503 || status === 507 ? 'unavailable' : 'server-error';
}

/** A route that people look at: what goes wrong is a page in words, with the status and headers of the API's error. */
export function pageRoute(route: RawRoute): RawRoute {
  return {
    throttled: showThrottled,
    ...route,
    async handle(ctx, request) {
      try {
        return await route.handle(ctx, request);
      } catch (error) {
        const { status, headers } = errorReply(error);
        if (status >= 500) ctx.log.error('page failed', { requestId: request.id, error });
        const after = headers['retry-after'];
        const wait = after === undefined ? {} : { retrySeconds: Number(after) };
        const page = await showError(ctx, request, { status, kind: kindOf(status), ...wait });
        return { ...page, headers: { ...headers, ...page.headers } };
      }
    },
  };
}
