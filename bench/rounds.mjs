// Runs work in turns, and tells what a request cost whom, and how much of the machine went to other programs meanwhile.
import { cpus } from 'node:os';
import { cpuOf, cpuOfFamily, cpuOfMachine, cpuOfMe } from './cpu.mjs';
import { QUIET } from './report.mjs';

const SAMPLE_MS = 300;

/**
 * @typedef {{ cluster: import('./cluster.mjs').Cluster, servers: readonly { pid: number }[],
 *   settle?: () => Promise<unknown> }} Watched whose CPU counts; `settle` waits until what a run left behind is done
 * @typedef {{ count?: number, perSecond: number, failures?: readonly string[] }} Seen what a run tells of itself
 * @typedef {{ name: string, run: (seconds: number) => Promise<Seen>, after?: () => Promise<unknown> }} Work
 */

const cpuNow = ({ cluster, servers }) => ({
  server: servers.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
  database: cpuOfFamily(cluster.pid),
  client: cpuOfMe(),
  machine: cpuOfMachine(),
  time: performance.now() * 1000,
});

/** Runs something and tells the CPU time meanwhile, and the share of the machine that went to other programs. */
export async function measure(watched, work) {
  await watched.cluster.client.query('checkpoint');
  const before = cpuNow(watched);
  const seen = await work();
  const after = cpuNow(watched);
  if (seen.failures?.length > 0) throw new Error(`Requests failed: ${seen.failures[0]}`);
  await watched.settle?.();
  const settled = cpuNow(watched);
  const took = (key) => after[key] - before[key];
  const { count } = seen;
  return {
    ...seen,
    afterwardsMicros: (settled.server - after.server + settled.database - after.database) / count,
    serverMicros: took('server') / count,
    databaseMicros: took('database') / count,
    clientMicros: took('client') / count,
    others: (took('machine') - took('server') - took('database') - took('client')) / (took('time') * cpus().length),
  };
}

/** Waits, so many seconds at the most, until other programs leave the machine alone. */
export async function waitForQuiet(patience) {
  const end = performance.now() + patience * 1000;
  while (performance.now() < end) {
    const before = cpuOfMachine();
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    if (cpuOfMachine() - before < QUIET * SAMPLE_MS * 1000 * cpus().length) return;
  }
}

/**
 * Runs each work, one after the other, and all of that again.
 * @param {Watched} watched
 * @param {readonly Work[]} work
 * @param {{ rounds: number, seconds: number, patience: number }} how
 */
export async function runRounds(watched, work, { rounds, seconds, patience }) {
  const results = Object.fromEntries(work.map(({ name }) => [name, []]));
  for (const { run, after } of work) {
    await run(Math.min(seconds, 5)); // warm
    await after?.();
  }
  await watched.settle?.();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, after } of work) {
      await waitForQuiet(patience);
      const result = await measure(watched, () => run(seconds));
      await after?.();
      results[name].push(result);
      const { perSecond, others } = result;
      console.log(`round ${round + 1}: ${name} ${perSecond.toFixed(0)}/s, others ${(others * 100).toFixed(0)}%`);
    }
  }
  return results;
}
