import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { throttled } from '../../kernel/errors/index.ts';
import { failClosed } from './fail-closed.ts';
import type { Limit, Verdict } from './limit.ts';
import { placeOf } from './place.ts';
import { noteRefusal, rememberedRefusal } from './refused.ts';
import * as store from './store.ts';

type Counted = store.Window & { readonly allowed: boolean };

const verdictOf = ({ points: limit }: Limit, { allowed, points, seconds }: Counted): Verdict => ({
  allowed,
  limit,
  remaining: Math.max(0, limit - points),
  seconds: Math.max(1, Math.ceil(seconds)),
});

async function refusal(ctx: Context, limit: Limit, place: store.Place): Promise<Verdict> {
  // A window that ended this moment refuses this one request and no more.
  const window = (await store.findWindow(ctx.db, place)) ?? { points: limit.points, seconds: 0 };
  const isSpent = window.points >= limit.points;
  // Who asked for more than is left may ask for less, so that is not remembered.
  await noteRefusal(ctx, limit, { table: 'limit_window', place, seconds: isSpent ? window.seconds : 0 });
  return verdictOf(limit, { ...window, allowed: false });
}

async function withMemory(ctx: Context, limit: Limit, ask: (place: store.Place) => Promise<Verdict>): Promise<Verdict> {
  const place = placeOf(ctx, limit);
  const seconds = rememberedRefusal(ctx, place);
  if (seconds !== undefined) return verdictOf(limit, { allowed: false, points: limit.points, seconds });
  return failClosed(ctx, () => ask(place));
}

/**
 * Takes points from a limit, all or none. Of any number of requests at once, in any number of processes, no more get
 * them than there are.
 * @param options.cost points, 1 by default
 * @param options.db the caller's transaction, to count only what is committed; by default it is counted at once
 * @throws what becomes a 503 when it cannot be counted
 */
export function take(
  ctx: Context,
  limit: Limit,
  { cost = 1, db = ctx.db }: { readonly cost?: number; readonly db?: Queryable } = {},
): Promise<Verdict> {
  return withMemory(ctx, limit, async (place) => {
    const { points, seconds } = limit;
    if (cost > points) return refusal(ctx, limit, place);
    const window = await store.takePoints(db, { ...place, cost, limit: points, seconds });
    return window ? verdictOf(limit, { ...window, allowed: true }) : refusal(ctx, limit, place);
  });
}

/** Whether a limit has points left; takes none. Throws what becomes a 503 when it cannot be told. */
export function look(ctx: Context, limit: Limit): Promise<Verdict> {
  return withMemory(ctx, limit, async (place) => {
    const window = await store.findWindow(ctx.db, place);
    if (!window) return verdictOf(limit, { allowed: true, points: 0, seconds: limit.seconds });
    return window.points < limit.points ? verdictOf(limit, { ...window, allowed: true }) : refusal(ctx, limit, place);
  });
}

/** Passes a verdict that allows; else throws the 429 of the contract, with `Retry-After`. */
export function insist({ allowed, seconds }: Verdict): void {
  if (!allowed) throw throttled(seconds);
}
