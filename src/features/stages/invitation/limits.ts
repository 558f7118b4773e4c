import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../../../kernel/context.ts';
import type { Registry } from '../../../kernel/feature.ts';

/** So many calls in so many seconds, of one caller. */
export type Limit = { readonly name: string; readonly calls: number; readonly seconds: number };

type Window = { started: number; calls: number };

// Callers beyond this number push out those that were quiet longest.
const CALLERS = 10_000;
const windows = new WeakMap<Registry, LRUCache<string, Window>>();

function windowsOf({ registry }: RequestContext): LRUCache<string, Window> {
  const known = windows.get(registry) ?? new LRUCache<string, Window>({ max: CALLERS });
  windows.set(registry, known);
  return known;
}

/** A network as one caller: an IPv4 address, or the /64 of an IPv6 one (E16). */
export function callerOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

/** Counts a call of this visitor's network; false when there were too many. Of this process alone. */
export function withinLimit(ctx: RequestContext, { name, calls, seconds }: Limit): boolean {
  const known = windowsOf(ctx);
  const key = `${name} ${callerOf(ctx.clientIp)}`;
  const now = ctx.clock.now().getTime();
  const found = known.get(key);
  const current = found && now - found.started < seconds * 1000 ? found : { started: now, calls: 0 };
  current.calls += 1;
  known.set(key, current);
  return current.calls <= calls;
}
