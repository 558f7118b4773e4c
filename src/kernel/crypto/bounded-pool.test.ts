import { expect, test } from 'vitest';
import { createBoundedPool, PoolFull } from './bounded-pool.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than the given number run at once, in order of arrival', async () => {
  const pool = createBoundedPool(2, 10);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const jobs = [0, 1, 2, 3, 4, 5].map((id) =>
    pool(async () => {
      started.push(id);
      running += 1;
      most = Math.max(most, running);
      await tick();
      running -= 1;
    }),
  );
  await Promise.all(jobs);
  expect(most).toBe(2);
  expect(started).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a task that fails gives its place back', async () => {
  const pool = createBoundedPool(1, 1);
  const fail = (): Promise<never> => Promise.reject(new Error('broken'));
  const results = await Promise.allSettled([pool(fail), pool(fail), pool(fail)]);
  expect(results.map((result) => result.status === 'rejected' && result.reason instanceof PoolFull)).toEqual([
    false,
    false,
    true,
  ]);
  expect(await pool(async () => 'works')).toBe('works');
});

test('without a queue the second task is refused', async () => {
  const pool = createBoundedPool(1, 0);
  const first = pool(tick);
  await expect(pool(tick)).rejects.toThrow(PoolFull);
  await first;
});
