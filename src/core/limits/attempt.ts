import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { failClosed } from './fail-closed.ts';
import type { Streak, Verdict } from './limit.ts';
import { placeOf } from './place.ts';
import { forgetRefusal, noteRefusal, rememberedRefusal } from './refused.ts';
import * as store from './store.ts';

const refused = ({ most }: Streak, { failures, seconds }: store.StreakRow): Verdict => ({
  allowed: false,
  limit: most,
  remaining: Math.max(0, most - failures),
  seconds: Math.max(1, Math.ceil(seconds)),
});

async function refusal(ctx: Context, streak: Streak, place: store.Place): Promise<Verdict> {
  const row = (await store.findStreak(ctx.db, place)) ?? { failures: 0, seconds: 0 };
  // At the last failure there is nothing to wait for; the longest wait says "not soon".
  const seconds = row.failures >= streak.most ? streak.longestWait : row.seconds;
  await noteRefusal(ctx, streak, { table: 'limit_streak', place, seconds });
  return refused(streak, { ...row, seconds });
}

/**
 * Begins an attempt that may fail, counted as failed from now on: of many at once no more begin than may fail. End it
 * with {@link succeed}, or with {@link takeBack} when it came to no verdict; a failure needs nothing more.
 * @throws what becomes a 503 when it cannot be counted
 */
export async function attempt(ctx: Context, streak: Streak): Promise<Verdict> {
  const place = placeOf(ctx, streak);
  const known = rememberedRefusal(ctx, place);
  if (known !== undefined) return refused(streak, { failures: streak.most, seconds: known });
  return failClosed(ctx, async () => {
    const begun = await store.startAttempt(ctx.db, { ...streak, ...place });
    if (!begun) return refusal(ctx, streak, place);
    const remaining = streak.most - begun.failures;
    return { allowed: true, limit: streak.most, remaining, seconds: Math.max(0, Math.ceil(begun.seconds)) };
  });
}

/** The attempt came to no verdict, because something else failed. */
export async function takeBack(ctx: Context, streak: Streak): Promise<void> {
  const place = placeOf(ctx, streak);
  await failClosed(ctx, () => store.takeBackAttempt(ctx.db, place));
  forgetRefusal(ctx, place);
}

/**
 * Ends a streak: an attempt succeeded, or what was guessed at was replaced.
 * @param db the caller's transaction, if it belongs to one
 */
export async function succeed(
  ctx: Context,
  streak: Pick<Streak, 'kind' | 'key'>,
  db: Queryable = ctx.db,
): Promise<void> {
  const place = placeOf(ctx, streak);
  await failClosed(ctx, () => store.deleteStreak(db, place));
  forgetRefusal(ctx, place);
}
