import type { Context } from '../context.ts';
import { limited } from '../metrics/limited.ts';
import { networkOf } from './network.ts';

const MAX_CLIENTS = 10_000;

export type Throttle = {
  /** What is counted, such as `pages`; a label of the metrics. */
  readonly kind: string;
  /** Requests a second. */
  readonly limit: number;
};

/**
 * Counts requests per client network in fixed windows of one second, in this process. Out: whether one more of that
 * address is allowed. The count of a client may be forgotten when more than 10,000 others come within the same second.
 */
export function createThrottle(
  { clock, metrics }: Pick<Context, 'clock' | 'metrics'>,
  { kind, limit }: Throttle,
): (clientIp: string) => boolean {
  let second = 0;
  let counts = new Map<string, number>();
  return (clientIp) => {
    const now = Math.floor(clock.now().getTime() / 1000);
    if (now !== second || counts.size > MAX_CLIENTS) {
      second = now;
      counts = new Map();
    }
    const network = networkOf(clientIp);
    const count = (counts.get(network) ?? 0) + 1;
    counts.set(network, count);
    if (count <= limit) return true;
    metrics.count(limited, [kind]);
    return false;
  };
}
