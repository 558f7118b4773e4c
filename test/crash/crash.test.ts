import { afterEach, beforeEach, expect, test } from 'vitest';
import { pause, waitUntil } from '../../src/kernel/db/embedded/processes.ts';
import { waitReady } from '../processes/server-process.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { checkLog } from './check-log.ts';
import type { RoundResult } from './check-log.ts';
import { createInstallation } from './installation.ts';
import type { Installation } from './installation.ts';
import { startLoad } from './writers.ts';
import type { WriteLog } from './writers.ts';

const ROUNDS = testRounds(5);
const ROUND_MS = 40_000;
/** R02. Of the best round: the tests share their machine with each other. */
const READY_MS = 5000;

let installation: Installation;

beforeEach(async () => {
  installation = await createInstallation();
  await installation.start();
});

afterEach(() => installation?.close());

// Never at the same point of the work.
const extraTime = (round: number): number => (round * 137) % 500;
const MIN_CHANGES = 20;

/** Resolves when there is something to lose: changes and an account. */
async function somethingAcknowledged({ counters, attempts }: WriteLog): Promise<void> {
  const changes = (): number => counters.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const enough = (): boolean => changes() >= MIN_CHANGES && attempts.some(({ acknowledged }) => acknowledged);
  expect(await waitUntil(enough, ROUND_MS / 2), 'nothing is acknowledged even without a crash').toBe(true);
}

/** One round: load, crash, recovery, comparison. `crash` resolves with the milliseconds until ready again. */
async function crashOnce(round: number, crash: () => Promise<number>): Promise<RoundResult & { ready: number }> {
  const load = await startLoad(installation, `r${round}`);
  await somethingAcknowledged(load.log);
  await pause(extraTime(round));
  const ready = await crash();
  await load.stopped;
  return { ...(await checkLog(installation, load.log)), ready };
}

type Summary = Record<keyof RoundResult | 'rounds' | 'quickest' | 'slowest', number>;

/** All rounds; what was acknowledged and how many people were caught on the way, in sum. */
async function crashOften(what: string, crash: () => Promise<number>): Promise<Summary> {
  const results: (RoundResult & { ready: number })[] = [];
  for (let round = 0; round < ROUNDS; round++) results.push(await crashOnce(round, crash));
  const sum = (key: keyof RoundResult): number => results.reduce((total, result) => total + result[key], 0);
  const times = results.map(({ ready }) => Math.round(ready));
  const summary = {
    rounds: ROUNDS,
    changes: sum('changes'),
    made: sum('made'),
    enrolled: sum('enrolled'),
    interrupted: sum('interrupted'),
    quickest: Math.min(...times),
    slowest: Math.max(...times),
  };
  reportFigures(`kill -9 of ${what}`, {
    rounds: ROUNDS,
    'PUTs acknowledged': summary.changes,
    'invitations made': summary.made,
    enrolled: summary.enrolled,
    'caught on the way': summary.interrupted,
    'ready again, ms: best': summary.quickest,
    median: times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0,
    worst: summary.slowest,
  });
  return summary;
}

test(
  `${ROUNDS} times kill -9 of the server under load loses nothing acknowledged, leaves no half account, and its orphaned database is taken over (T03, R02, R04)`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    const summary = await crashOften('the server', async () => {
      const orphan = await installation.postmaster();
      await installation.server().kill();
      expect(await installation.postmaster()).toBe(orphan);
      const ready = await installation.start();
      expect(await installation.postmaster(), 'the same database serves on').toBe(orphan);
      return ready;
    });
    expect(summary.interrupted, 'people who were caught on the way').toBeGreaterThan(0);
    expect(summary.quickest, 'milliseconds until ready again, in the best round').toBeLessThan(READY_MS);
  },
);

test(
  `${ROUNDS} times kill -9 of the embedded database and all its children under load loses nothing acknowledged, and the server brings it back (T03, R02)`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    const summary = await crashOften('the database and its children', async () => {
      const before = await installation.postmaster();
      await installation.killDatabase();
      const killed = performance.now();
      const inTime = await waitReady(installation.server().url, ROUND_MS / 2);
      if (!inTime) throw new Error(`It does not come back:\n${installation.server().output()}`);
      const ready = performance.now() - killed;
      const after = await installation.postmaster();
      expect(after).toEqual(expect.any(Number));
      expect(after).not.toBe(before);
      return ready;
    });
    expect(summary.interrupted, 'people who were caught on the way').toBeGreaterThan(0);
    expect(summary.quickest, 'milliseconds until ready again, in the best round').toBeLessThan(READY_MS);
  },
);

test(
  `${ROUNDS} times kill -9 of server and database together loses nothing acknowledged (T03, R02)`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    const summary = await crashOften('server and database', async () => {
      await Promise.all([installation.killDatabase(), installation.server().kill()]);
      return installation.start();
    });
    expect(summary.interrupted, 'people who were caught on the way').toBeGreaterThan(0);
    expect(summary.quickest, 'milliseconds until ready again, in the best round').toBeLessThan(READY_MS);
  },
);
