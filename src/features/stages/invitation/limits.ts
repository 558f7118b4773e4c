import { take } from '../../../core/limits/index.ts';
import type { RequestContext } from '../../../kernel/context.ts';
import { networkOf } from '../../../kernel/http/network.ts';

/** The limit on links that are wrong, by the name of `core/limits`. */
export const WRONG_LINKS = 'invitation.link';

/** So many calls in so many seconds, of one network. */
export type Limit = { readonly name: string; readonly calls: number; readonly seconds: number };

/**
 * Counts a call of this visitor's network, over all processes; false when there were too many.
 * @throws what becomes a 503 when it cannot be counted
 */
export async function withinLimit(ctx: RequestContext, { name, calls, seconds }: Limit): Promise<boolean> {
  const verdict = await take(ctx, { kind: name, key: networkOf(ctx.clientIp), points: calls, seconds });
  return verdict.allowed;
}
