import type { Clock } from '../clock.ts';

const MAX_CLIENTS = 10_000;

/**
 * Counts requests per client in fixed windows of one second, in this process. Out: whether one more is allowed. The
 * count of a client may be forgotten when more than 10,000 others come within the same second.
 */
export function createThrottle(clock: Clock, limit: number): (client: string) => boolean {
  let second = 0;
  let counts = new Map<string, number>();
  return (client) => {
    const now = Math.floor(clock.now().getTime() / 1000);
    if (now !== second || counts.size > MAX_CLIENTS) {
      second = now;
      counts = new Map();
    }
    const count = (counts.get(client) ?? 0) + 1;
    counts.set(client, count);
    return count <= limit;
  };
}
