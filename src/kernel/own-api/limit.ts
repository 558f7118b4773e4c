import type { RequestContext } from '../context.ts';
import type { Database } from '../db/types.ts';
import { networkOf } from '../http/network.ts';
import { defineTask } from '../tasks/task.ts';
import { addToQuotas, purgeQuotas } from './store.ts';

const WINDOW_SECONDS = 60;
/** Of somebody who is not known. */
const ANONYMOUS_LIMIT = 300;
const MAX_KEYS = 10_000;
/** How often a process tells the others what it has counted, and hears what they have. */
const SHARE_MS = 1000;
/** More than clocks of two processes differ. */
const KEPT_MINUTES = 60;

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

/** Requests of one client: as the database had them last, and those that it has not heard of. */
type Count = { shared: number; own: number };

type Windows = { minute: number; counts: Map<string, Count>; sharedAt: number; timer: NodeJS.Timeout | undefined };

// By the database, since every installation has its own.
const windows = new WeakMap<Database, Windows>();

const minuteOf = (seconds: number): number => Math.floor(seconds / WINDOW_SECONDS);

type Scope = Pick<RequestContext, 'db' | 'vault'>;

/**
 * Adds what was counted here to the count of all processes. Each asks once a second at most, so that a limit holds over
 * all of them but for what the others take within that second; a statement for each request would cost more than many
 * of the requests.
 */
async function share({ db, vault }: Scope, open: Windows): Promise<void> {
  const { minute } = open;
  const told = [...open.counts]
    .filter(([, { own }]) => own > 0)
    .map(([key, count]) => ({ key, count, own: count.own }));
  const rows = told.map(({ key, own }) => ({ key: vault.fingerprint(key, 'api quota'), count: own }));
  try {
    const found = await addToQuotas(db, minute, rows);
    for (const [at, { count, own }] of told.entries()) {
      count.own -= own;
      count.shared = found.get(rows[at]?.key ?? '') ?? count.shared + own;
    }
  } catch {
    // The database is away, which every request says for itself. What was counted here goes on counting here.
  }
}

function shareSoon(scope: Scope, open: Windows): void {
  if (open.timer) return;
  const wait = Math.max(0, open.sharedAt + SHARE_MS - performance.now());
  open.timer = setTimeout(() => {
    open.sharedAt = performance.now();
    void share(scope, open).finally(() => {
      open.timer = undefined;
      if ([...open.counts.values()].some(({ own }) => own > 0)) shareSoon(scope, open);
    });
  }, wait);
  open.timer.unref();
}

// One window for all keys: it costs a look-up, and the keys of the last one are forgotten at once.
function countOf(ctx: RequestContext, key: string): { count: number; reset: number } {
  const { db, clock } = ctx;
  const now = Math.floor(clock.now().getTime() / 1000);
  const minute = minuteOf(now);
  const known = windows.get(db);
  const isOpen = known?.minute === minute && known.counts.size <= MAX_KEYS;
  const open = isOpen ? known : { minute, counts: new Map(), sharedAt: known?.sharedAt ?? -SHARE_MS, timer: undefined };
  windows.set(db, open);
  const count = open.counts.get(key) ?? { shared: 0, own: 0 };
  count.own += 1;
  open.counts.set(key, count);
  shareSoon(ctx, open);
  return { count: count.shared + count.own, reset: (minute + 1) * WINDOW_SECONDS - now };
}

/** Takes one request off the quota of an account, or of an address while nobody is known; shared by all processes. */
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

/** Forgets the counts of minutes that are over. */
export const purgeCounts = defineTask({
  name: 'quota.purge',
  schedule: '29 * * * *',
  async run({ db, clock }) {
    await purgeQuotas(db, minuteOf(clock.now().getTime() / 1000) - KEPT_MINUTES);
  },
});
