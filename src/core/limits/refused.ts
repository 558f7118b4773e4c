import { LRUCache } from 'lru-cache';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/db/types.ts';
import { limited } from '../../kernel/metrics/limited.ts';
import type { Limit, Streak } from './limit.ts';
import { claimReport } from './store.ts';
import type { Place, Table } from './store.ts';

export const LIMIT_HIT = { app: 'vestibule.limits', name: 'suspicious_request' };

// Who was refused is refused again without asking the database, so that an attack costs it little. Not for long: a
// success in another process must count here soon.
const REMEMBERED_MILLISECONDS = 1_000;
const REMEMBERED = 10_000;

/** When it is worth trying again: milliseconds of the process's clock. Only differences of it are used. */
type Refusals = LRUCache<string, number>;

const caches = new WeakMap<Database, Refusals>();

function refusalsOf(db: Database): Refusals {
  const present = caches.get(db);
  if (present) return present;
  const made: Refusals = new LRUCache({ max: REMEMBERED, ttl: REMEMBERED_MILLISECONDS });
  caches.set(db, made);
  return made;
}

const nameOf = ({ kind, key }: Place): string => `${kind} ${key}`;

/** Seconds for which a counter refuses, as far as this process remembers; undefined when it may not. */
export function rememberedRefusal({ db, clock, metrics }: Context, place: Place): number | undefined {
  const until = refusalsOf(db).get(nameOf(place));
  if (until === undefined) return undefined;
  metrics.count(limited, [place.kind]);
  return Math.max(0, (until - clock.now().getTime()) / 1000);
}

/** The counter is another one now. */
export function forgetRefusal({ db }: Context, place: Place): void {
  refusalsOf(db).delete(nameOf(place));
}

/** Notes that the database refused: a figure, an event once a window and key, and a note for the next second. */
export async function noteRefusal(
  ctx: Context,
  of: Limit | Streak,
  { table, place, seconds }: { readonly table: Table; readonly place: Place; readonly seconds: number },
): Promise<void> {
  const { db, clock, metrics, events } = ctx;
  metrics.count(limited, [place.kind]);
  await db.transaction(async (tx) => {
    if (!(await claimReport(tx, table, place))) return;
    const context = { limit: of.kind, ...of.about };
    await events.record(tx, { app: LIMIT_HIT.app, action: LIMIT_HIT.name, context });
  });
  if (seconds <= 0) return;
  const ttl = Math.ceil(Math.min(REMEMBERED_MILLISECONDS, seconds * 1000));
  refusalsOf(db).set(nameOf(place), clock.now().getTime() + seconds * 1000, { ttl });
}
