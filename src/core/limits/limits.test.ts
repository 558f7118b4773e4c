import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { attempt, createTurns, insist, look, succeed, take, takeBack } from './index.ts';
import type { Streak } from './index.ts';
import { purgeLimits } from './tasks.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const repeat = <T>(times: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, work));
const allowed = (verdicts: readonly { allowed: boolean }[]): number => verdicts.filter((one) => one.allowed).length;
const events = async (kind: string): Promise<object[]> =>
  app.ctx.db.query(`select context from event where action = 'suspicious_request' and context ->> 'limit' = $1`, [
    kind,
  ]);

describe('a window', () => {
  const limit = (kind: string, key = 'somebody') => ({ kind, key, points: 10, seconds: 600 });

  test('says what is left, when it ends, and when to come again', async () => {
    const first = await take(app.ctx, limit('told'), { cost: 9 });
    expect(first).toMatchObject({ allowed: true, limit: 10, remaining: 1 });
    expect(first.seconds).toBeGreaterThan(590);
    expect(first.seconds).toBeLessThanOrEqual(600);
    expect(await take(app.ctx, limit('told'), { cost: 2 })).toMatchObject({ allowed: false, remaining: 1 });
    expect(await take(app.ctx, limit('told'))).toMatchObject({ allowed: true, remaining: 0 });
    const refused = await look(app.ctx, limit('told'));
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(() => insist(refused)).toThrow(expect.objectContaining({ status: 429 }));
  });

  test('T24: of 50 at once no more get points than there are', async () => {
    expect(allowed(await repeat(50, () => take(app.ctx, limit('parallel'))))).toBe(10);
  });

  test('another key has points of its own, and a look takes none', async () => {
    await take(app.ctx, limit('keys'), { cost: 10 });
    await repeat(20, () => look(app.ctx, limit('keys', 'another')));
    expect(await take(app.ctx, limit('keys', 'another'))).toMatchObject({ allowed: true, remaining: 9 });
  });

  test('begins anew when it is over, by the clock of the database', async () => {
    const own = limit('over');
    await take(app.ctx, own, { cost: 10 });
    await app.ctx.db.query(`update limit_window set ends = clock_timestamp() where kind = 'over'`);
    expect(await look(app.ctx, own)).toMatchObject({ allowed: true, remaining: 10 });
    expect(await take(app.ctx, own)).toMatchObject({ allowed: true, remaining: 9 });
  });

  test('counts only what is committed where the caller gives a transaction', async () => {
    const own = limit('rolled-back');
    const rolledBack = app.ctx.db.transaction(async (tx) => {
      await take(app.ctx, own, { db: tx, cost: 10 });
      throw new Error('undone');
    });
    await expect(rolledBack).rejects.toThrow('undone');
    expect(await look(app.ctx, own)).toMatchObject({ allowed: true, remaining: 10 });
  });

  test('writes one event a window and key, and keeps neither the key nor its plain hash', async () => {
    for (const key of ['secret-of-a', 'secret-of-b']) {
      const own = { ...limit('told-once', key), about: { flow: 'f' } };
      await take(app.ctx, own, { cost: 10 });
      await repeat(5, () => take(app.ctx, own));
    }
    const written = await events('told-once');
    expect(written).toHaveLength(2);
    expect(written[0]).toEqual({ context: { limit: 'told-once', flow: 'f' } });
    const rows = await app.ctx.db.query<{ key: string }>(`select key from limit_window where kind = 'told-once'`);
    expect(rows).toHaveLength(2);
    for (const { key } of rows) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is not read by another secret key, nor under another kind', async () => {
    await take(app.ctx, limit('kind-a'));
    await take(app.ctx, limit('kind-b'));
    const rows = await app.ctx.db.query<{ key: string }>(
      `select distinct key from limit_window where kind in ('kind-a', 'kind-b')`,
    );
    expect(rows).toHaveLength(2);
  });
});

describe('a streak', () => {
  const streak = (kind: string): Streak => ({
    kind,
    key: 'somebody',
    free: 3,
    most: 6,
    firstWait: 60,
    longestWait: 200,
    keeps: null,
  });
  /** Lets the wait pass. */
  const later = (kind: string) =>
    app.ctx.db.query('update limit_streak set free_at = clock_timestamp() where kind = $1', [kind]);

  test('S12: the waits grow, and after the last failure none is allowed until success', async () => {
    const own = streak('growing');
    const waits: number[] = [];
    for (let failure = 0; failure < 6; failure += 1) {
      const begun = await attempt(app.ctx, own);
      expect(begun.allowed).toBe(true);
      waits.push(begun.seconds);
      await later('growing');
    }
    expect(waits).toEqual([0, 0, 60, 120, 200, 200]);
    expect(await attempt(app.ctx, own)).toMatchObject({ allowed: false, remaining: 0, seconds: 200 });
    await succeed(app.ctx, own);
    expect(await attempt(app.ctx, own)).toMatchObject({ allowed: true, remaining: 5 });
  });

  test('T24: of 50 at once no more begin than are free', async () => {
    expect(allowed(await repeat(50, () => attempt(app.ctx, streak('burst'))))).toBe(3);
    const refused = await attempt(app.ctx, streak('burst'));
    expect(refused.allowed).toBe(false);
    expect(refused.seconds).toBeGreaterThan(50);
  });

  test('what came to no verdict does not count', async () => {
    const own = streak('taken-back');
    for (let round = 0; round < 10; round += 1) {
      expect((await attempt(app.ctx, own)).allowed).toBe(true);
      await takeBack(app.ctx, own);
    }
  });

  test('one that is kept for a time begins anew after it', async () => {
    const own = { ...streak('kept'), keeps: 3600 };
    await repeat(3, () => attempt(app.ctx, own));
    await app.ctx.db.query(`update limit_streak set expires = clock_timestamp() where kind = 'kept'`);
    expect(await attempt(app.ctx, own)).toMatchObject({ allowed: true, remaining: 5, seconds: 0 });
  });
});

test('the purge removes what is over and nothing else', async () => {
  const own = { kind: 'purge', points: 5, seconds: 600 };
  await take(app.ctx, { ...own, key: 'over' });
  await app.ctx.db.query(`update limit_window set ends = now() - interval '1 second' where kind = 'purge'`);
  await take(app.ctx, { ...own, key: 'running' });
  const wrong = { kind: 'purge', free: 3, most: 6, firstWait: 1, longestWait: 1 };
  await attempt(app.ctx, { ...wrong, key: 'over', keeps: 0 });
  await attempt(app.ctx, { ...wrong, key: 'kept', keeps: null });
  await purgeLimits.run(app.ctx, null);
  const rows = await app.ctx.db.query(
    `select 1 from limit_window where kind = 'purge' union all select 2 from limit_streak where kind = 'purge'`,
  );
  expect(rows).toHaveLength(2);
});

test('fails closed: what cannot be counted is a 503 with Retry-After, not a pass', async () => {
  const broken = await testApp();
  await broken.ctx.db.query('drop table limit_window, limit_streak');
  const limit = { kind: 'k', key: 'k', points: 1, seconds: 1 };
  const streak = { kind: 'k', key: 'k', free: 1, most: 1, firstWait: 1, longestWait: 1, keeps: null };
  const refusal = expect.objectContaining({ status: 503, headers: { 'retry-after': expect.any(String) } });
  await expect(take(broken.ctx, limit)).rejects.toEqual(refusal);
  await expect(look(broken.ctx, limit)).rejects.toEqual(refusal);
  await expect(attempt(broken.ctx, streak)).rejects.toEqual(refusal);
  await expect(succeed(broken.ctx, streak)).rejects.toEqual(refusal);
});

test('turns of one key come one after the other, also after one that failed; others do not wait', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const work =
    (name: string, fails = false) =>
    async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    };
  const first = turns('a', work('first', true));
  const second = turns('a', work('second'));
  const other = turns('b', work('other'));
  await expect(first).rejects.toThrow('first');
  await Promise.all([second, other]);
  expect(order.indexOf('second begins')).toBeGreaterThan(order.indexOf('first ends'));
  expect(order.indexOf('other begins')).toBeLessThan(order.indexOf('first ends'));
});
