// npm run bench:memory -- [--minutes 30]: start to ready, memory at rest, under load, and whether it grows; half of the
// load changes invitations, half reads them. docs/performance.md
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { lean } from './generators.mjs';
import { makeInvitations } from './invitations.mjs';
import { keepFigures, machine, withScene } from './scene.mjs';

const GOALS = { readySeconds: 2, idleMegabytes: 130, loadMegabytes: 250, growthMegabytes: 15 };
const REST_MS = 5000;
/** Shares of the time: before the first, memory still fills. */
const SETTLED = 0.2;

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const seconds = Number(options.minutes) * 60;

/** Resident memory of a process now, and at its highest, in megabytes. */
function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (key) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How much more the last fifth holds than the one after the settling. */
function growthOf(samples) {
  const part = Math.max(1, Math.floor(samples.length / 5));
  const from = Math.floor(samples.length * SETTLED);
  return mean(samples.slice(-part)) - mean(samples.slice(from, from + part));
}

async function load(server, invitations, onSample) {
  const requests = invitations.flatMap(({ path, body }) => [
    { method: 'PUT', path, body: JSON.stringify(body) },
    { method: 'GET', path },
  ]);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  while (performance.now() < end) {
    const rest = Math.ceil((end - performance.now()) / 1000);
    const seen = await lean([server], requests, Math.min(Math.max(1, Math.ceil(seconds / 60)), rest));
    if (seen.failures.length > 0) throw new Error(`Requests failed: ${seen.failures[0]}`);
    count += seen.count;
    onSample(memoryOf(server.pid).now);
  }
  return count;
}

async function main({ cluster, addServer, server: first }) {
  const invitations = await makeInvitations(first, 16);
  await first.stop();
  // The database is migrated: what a restart costs.
  const server = await addServer();
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const idle = memoryOf(server.pid).now;
  const samples = [];
  const count = await load(server, invitations, (value) => samples.push(value));
  const figures = {
    'start to ready, s': [server.readyMs / 1000, GOALS.readySeconds],
    'at rest, MB': [idle, GOALS.idleMegabytes],
    'under load, highest, MB': [memoryOf(server.pid).peak, GOALS.loadMegabytes],
    [`growth over ${options.minutes} minutes, MB`]: [growthOf(samples), GOALS.growthMegabytes],
  };
  console.log(`\n${machine(cluster)}; ${count} requests\n\n| | measured | goal below |\n|---|---|---|`);
  for (const [name, [value, goal]] of Object.entries(figures)) {
    console.log(`| ${name} | ${value.toFixed(1)} | ${goal}${value < goal ? '' : ' missed'} |`);
  }
  keepFigures('memory', { machine: machine(cluster), seconds, count, figures, samples });
  return Object.values(figures).every(([value, goal]) => value < goal) ? 0 : 1;
}

process.exitCode = await withScene(main);
