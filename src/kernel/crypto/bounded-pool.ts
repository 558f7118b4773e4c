/** The pool's queue is full. */
export class PoolFull extends Error {
  constructor() {
    super('The queue is full.');
    this.name = 'PoolFull';
  }
}

/** Runs `task` as soon as a place is free, in order of arrival. Throws PoolFull when too many wait already. */
export type BoundedPool = {
  <T>(task: () => Promise<T>): Promise<T>;
  /** How many tasks wait. */
  waiting(): number;
};

/** A pool that runs at most `concurrency` tasks at once and lets at most `queueLimit` wait. */
export function createBoundedPool(concurrency: number, queueLimit: number): BoundedPool {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= queueLimit) throw new PoolFull();
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    // The place is handed over without becoming free in between, so nobody can overtake.
    if (next) next();
    else running -= 1;
  }

  async function run<T>(task: () => Promise<T>): Promise<T> {
    await enter();
    try {
      return await task();
    } finally {
      leave();
    }
  }

  return Object.assign(run, { waiting: () => waiting.length });
}
