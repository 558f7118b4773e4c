// npm run bench:processes -- [--seconds 5] [--rounds 3] [--rates 500,1000,2000]: why a GET costs more when two processes
// share the work. At rates that leave the machine idle time, one process at half the rate is set against one at the whole
// and two at half each: what grows with the first is less work at a time, the rest is contention. docs/performance.md
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cpuOf, cpuOfFamily, cpuOfMe } from './cpu.mjs';
import { lean } from './generators.mjs';
import { makeInvitations } from './invitations.mjs';
import { median } from './report.mjs';
import { keepFigures, machine, withScene } from './scene.mjs';

const CONNECTIONS = 32;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    rates: { type: 'string', default: '500,1000,2000' },
  },
});
const seconds = Number(options.seconds);

/** How often the threads of a process went to sleep, and how often they were put off a core, so far. */
function switchesOf(pid) {
  const sum = { slept: 0, displaced: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    sum.slept += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]);
    sum.displaced += Number(/^nonvoluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]);
  }
  return sum;
}

function now(servers, cluster) {
  const switches = servers.map(({ pid }) => switchesOf(pid));
  const total = (key) => switches.reduce((sum, one) => sum + one[key], 0);
  return {
    server: servers.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
    database: cpuOfFamily(cluster.pid),
    client: cpuOfMe(),
    slept: total('slept'),
    displaced: total('displaced'),
  };
}

/** GETs to some servers, by turns, from one generator. */
async function measure({ cluster, gets }, servers, { connections, rate }) {
  const before = now(servers, cluster);
  const { count, failures } = await lean(servers, gets.slice(0, connections), { seconds, rate });
  const after = now(servers, cluster);
  if (failures.length > 0) throw new Error(`Requests failed: ${failures[0]}`);
  const each = Object.fromEntries(Object.keys(before).map((key) => [key, (after[key] - before[key]) / count]));
  return { perSecond: count / seconds, ...each };
}

function plans([first, second], rates) {
  const paced = rates.flatMap((rate) => [
    { name: `${rate / 2}/s by one`, servers: [first], load: { connections: CONNECTIONS / 2, rate: rate / 2 } },
    { name: `${rate}/s by one`, servers: [first], load: { connections: CONNECTIONS, rate } },
    { name: `${rate}/s by two`, servers: [first, second], load: { connections: CONNECTIONS, rate } },
  ]);
  return [
    ...paced,
    { name: 'full by one', servers: [first], load: { connections: CONNECTIONS } },
    { name: 'full by one, half the connections', servers: [first], load: { connections: CONNECTIONS / 2 } },
    { name: 'full by two', servers: [first, second], load: { connections: CONNECTIONS } },
  ];
}

function report(cluster, results) {
  console.log(`\n${machine(cluster)}; ${options.rounds} rounds of ${seconds} s, medians\n`);
  console.log(
    '| GETs | a second | CPU µs a request: server | database | client | the server sleeps a request | is displaced |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, rows] of Object.entries(results)) {
    const of = (key, digits) => median(rows.map((row) => row[key])).toFixed(digits);
    const numbers = [of('perSecond', 0), of('server', 0), of('database', 0), of('client', 0)];
    console.log(`| ${name} | ${[...numbers, of('slept', 2), of('displaced', 2)].join(' | ')} |`);
  }
}

async function main({ cluster, server, addServer }) {
  const servers = [server, await addServer()];
  const made = await makeInvitations(server, CONNECTIONS);
  const scene = { cluster, gets: made.map(({ path }) => ({ method: 'GET', path })) };
  const work = plans(servers, options.rates.split(',').map(Number));
  const results = Object.fromEntries(work.map(({ name }) => [name, []]));
  for (let round = 0; round <= Number(options.rounds); round++) {
    for (const { name, servers: asked, load } of work) {
      const row = await measure(scene, asked, load);
      // The first round warms up.
      if (round > 0) results[name].push(row);
    }
  }
  report(cluster, results);
  keepFigures('processes', { machine: machine(cluster), seconds, results });
  return 0;
}

process.exitCode = await withScene(main);
