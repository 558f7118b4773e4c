import type { RequestContext } from '../context.ts';
import type { Database } from '../db/types.ts';
import { networkOf } from '../http/network.ts';

const WINDOW_SECONDS = 60;
/** Of somebody who is not known. */
const ANONYMOUS_LIMIT = 300;
const MAX_KEYS = 10_000;

/** How much of a client's quota is left. */
export type Quota = {
  readonly limit: number;
  /** Seconds in which the limit counts. */
  readonly window: number;
  readonly remaining: number;
  /** Seconds until the quota is whole again. */
  readonly reset: number;
  readonly allowed: boolean;
};

type Windows = { start: number; counts: Map<string, number> };

// By the database, since every installation has its own.
const windows = new WeakMap<Database, Windows>();

// One window for all keys: it costs a look-up, and the keys of the last one are forgotten at once.
function countOf({ db, clock }: RequestContext, key: string): { count: number; reset: number } {
  const now = Math.floor(clock.now().getTime() / 1000);
  const start = now - (now % WINDOW_SECONDS);
  const known = windows.get(db);
  const open = known && known.start === start && known.counts.size <= MAX_KEYS ? known : { start, counts: new Map() };
  windows.set(db, open);
  const count = (open.counts.get(key) ?? 0) + 1;
  open.counts.set(key, count);
  return { count, reset: start + WINDOW_SECONDS - now };
}

/**
 * Takes one request off the quota of an account, or of an address while nobody is known. Counted in this process; the
 * one place to change when the count is to be shared.
 */
export async function takeFromQuota(ctx: RequestContext): Promise<Quota> {
  const { actor, clientIp, config } = ctx;
  const limit = actor ? config.apiRateLimit : Math.min(ANONYMOUS_LIMIT, config.apiRateLimit);
  const { count, reset } = countOf(ctx, actor ? `user ${actor.id}` : `network ${networkOf(clientIp)}`);
  return { limit, window: WINDOW_SECONDS, remaining: Math.max(0, limit - count), reset, allowed: count <= limit };
}

/** The headers that tell of a quota (draft-ietf-httpapi-ratelimit-headers). */
export function quotaHeaders({ limit, window, remaining, reset }: Quota): Record<string, string> {
  return {
    'ratelimit-policy': `"default";q=${limit};w=${window}`,
    ratelimit: `"default";r=${remaining};t=${reset}`,
  };
}
