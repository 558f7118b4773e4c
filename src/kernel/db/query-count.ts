import { AsyncLocalStorage } from 'node:async_hooks';

const counters = new AsyncLocalStorage<{ queries: number }>();
// Off until first used: an AsyncLocalStorage that nobody entered costs every query a look-up for nothing.
let inUse = false;

/**
 * Counts the statements that `work` sends, BEGIN and COMMIT included; for the debug log of a request. Counts of nested
 * calls are apart.
 */
export async function countQueries<T>(work: () => Promise<T>): Promise<{ result: T; queries: number }> {
  inUse = true;
  const counter = { queries: 0 };
  const result = await counters.run(counter, work);
  return { result, queries: counter.queries };
}

/** Adds one to the count of the work that is running, if it is counted. */
export function noteQuery(): void {
  if (!inUse) return;
  const counter = counters.getStore();
  if (counter) counter.queries += 1;
}
