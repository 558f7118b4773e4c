// npm run bench:enrollments -- [--seconds 20] [--people 16] [--profile <dir>]: whole enrollments, from opening the link to
// the account, by as many people at a time as keep the server busy, and then at half that load; where the time goes.
// docs/performance.md
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import argon2 from '@node-rs/argon2';
import { newBrowser, openConnection } from './browser.mjs';
import { cpuOf, cpuOfFamily, cpuOfMachine } from './cpu.mjs';
import { FLOW, INVITATIONS } from './invitations.mjs';
import { keepFigures, machine, quantile, withScene } from './scene.mjs';

const GOALS = { perCore: 30, p95: 300 };
// OWASP's: 19 MiB, two passes, one lane.
const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
const PASSWORD = 'correct horse battery staple';
const STEPS = ['link', 'credentials', 'details and account'];

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    people: { type: 'string', default: '16' },
    /** Where the server leaves a CPU profile. */
    profile: { type: 'string' },
  },
});
const seconds = Number(options.seconds);

/** What a hash costs, and how many the machine makes in a second when it does nothing else: no enrollment is faster. */
async function measureHashing() {
  const before = process.cpuUsage();
  const end = performance.now() + 3000;
  let count = 0;
  const work = async () => {
    while (performance.now() < end) {
      await argon2.hash(PASSWORD, ARGON);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: cpus().length }, work));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: count / 3, milliseconds: (user + system) / 1000 / count };
}

let people = 0;

/** One person's whole way. Out: milliseconds of each step. */
async function enroll(server, connection, link) {
  people += 1;
  const username = `person-${people}`;
  const path = `/api/v3/flows/executor/${FLOW}/?query=${encodeURIComponent(`itoken=${link}`)}`;
  const ask = newBrowser(connection, { host: `127.0.0.1:${server.port}`, path });
  const component = 'ak-stage-prompt';
  const credentials = { component, username, password: PASSWORD, password_repeat: PASSWORD };
  const marks = [performance.now()];
  const mark = () => marks.push(performance.now());
  await ask('GET');
  mark();
  await ask('POST', credentials);
  mark();
  const last = await ask('POST', { component, name: `Person ${people}`, email: `${username}@example.org` });
  mark();
  if (last.component !== 'xak-flow-redirect') throw new Error(`No account: ${JSON.stringify(last).slice(0, 300)}`);
  return marks.slice(1).map((at, index) => at - marks[index]);
}

/** People come one after the other on each of so many places, at most `rate` a second altogether. */
async function run({ server, cluster }, links, { places, rate }) {
  const taken = [];
  const cpuNow = () => ({
    server: cpuOf(server.pid),
    database: cpuOfFamily(cluster.pid),
    people: cpuOfThis(),
    machine: cpuOfMachine(),
  });
  const before = cpuNow();
  const start = performance.now();
  const end = start + seconds * 1000;
  let next = 0;
  const place = async () => {
    const connection = openConnection(server.port);
    while (performance.now() < end) {
      const due = rate === undefined ? 0 : start + (next / rate) * 1000;
      next += 1;
      if (due > end) break;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const link = links.pop();
      if (link === undefined) break;
      taken.push(await enroll(server, connection, link));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: places }, place));
  const took = (performance.now() - start) / 1000;
  const after = cpuNow();
  const spent = (who) => (after[who] - before[who]) / 1e6;
  const each = (who) => (spent(who) * 1000) / taken.length;
  const cores = cpus().length;
  const totals = taken.map((steps) => steps.reduce((sum, step) => sum + step, 0));
  return {
    count: taken.length,
    perSecond: taken.length / took,
    p50: quantile(totals, 0.5),
    p95: quantile(totals, 0.95),
    steps: STEPS.map((name, at) => ({
      name,
      p50: quantile(
        taken.map((steps) => steps[at]),
        0.5,
      ),
    })),
    serverMs: each('server'),
    databaseMs: each('database'),
    peopleMs: each('people'),
    /** Of all cores of the machine, whoever used them. */
    perCore: taken.length / took / cores,
    /** Of the cores that server and database used; what the people used is not the product's. */
    perProductCore: taken.length / (spent('server') + spent('database')),
    others: (spent('machine') - spent('server') - spent('database') - spent('people')) / (took * cores),
  };
}

/** CPU time of this process, which is the people's, in microseconds. */
function cpuOfThis() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function makeLinks({ ask }, db, count) {
  const flow = (await ask('GET', `/api/v3/flows/instances/${FLOW}/`)).pk;
  await ask('POST', INVITATIONS, { name: 'bench', flow, single_use: true });
  const { rows } = await db.query(
    `insert into invitation (name, flow, created_by, single_use)
     select 'bench', $1, (select id from users where username = 'akadmin'), true from generate_series(1, $2)
     returning invite_uuid`,
    [flow, count],
  );
  return rows.map((row) => row.invite_uuid);
}

function report(cluster, { hashes, full, half }) {
  const cores = cpus().length;
  console.log(`\n${machine(cluster)}; Argon2id with ${ARGON.memoryCost / 1024} MiB, ${ARGON.timeCost} passes\n`);
  console.log(
    `| load | a second | p50 ms | p95 ms | CPU ms a person: server | database | people | other programs | ${STEPS.join(' | ')} (p50 ms) |`,
  );
  console.log(`|${'---|'.repeat(8 + STEPS.length)}`);
  for (const [name, seen] of [
    ['full', full],
    ['half', half],
  ]) {
    const { perSecond, p50, p95, serverMs, databaseMs, peopleMs, others, steps } = seen;
    const numbers = [perSecond, p50, p95, serverMs, databaseMs, peopleMs].map((value) => value.toFixed(1));
    const shown = [...numbers, `${(others * 100).toFixed(0)}%`, ...steps.map((step) => step.p50.toFixed(1))];
    console.log(`| ${name} | ${shown.join(' | ')} |`);
  }
  const hashMs = hashes.milliseconds;
  const wanted = Math.min(GOALS.perCore, hashes.perSecond / cores);
  console.log(
    `\nA hash costs ${hashMs.toFixed(1)} ms of CPU: ${hashes.perSecond.toFixed(0)} a second on ${cores} cores.`,
  );
  const rest = full.serverMs - hashMs;
  console.log(
    `Of a person's ${full.serverMs.toFixed(1)} ms in the server the hash is ${hashMs.toFixed(1)}, the rest ${rest.toFixed(1)}.`,
  );
  console.log(
    `Enrollments a second and core, server, database and people on all ${cores}: ${full.perCore.toFixed(1)} (goal ${wanted.toFixed(1)})`,
  );
  console.log(
    `The same by the CPU that server and database used, people apart: ${full.perProductCore.toFixed(1)} (for comparison; the goal is the line above)`,
  );
  console.log(`p95 at half that load: ${half.p95.toFixed(0)} ms (goal below ${GOALS.p95})`);
  return full.perCore >= wanted && half.p95 < GOALS.p95;
}

async function main(scene) {
  const { cluster, server, db } = scene;
  const links = await makeLinks(server, db, 100_000);
  const hashes = await measureHashing();
  const connection = openConnection(server.port);
  for (let warm = 0; warm < 20; warm++) await enroll(server, connection, links.pop());
  connection.close();
  const places = Number(options.people);
  const full = await run(scene, links, { places });
  const half = await run(scene, links, { places, rate: full.perSecond / 2 });
  const reached = report(cluster, { hashes, full, half });
  keepFigures('enrollments', { machine: machine(cluster), seconds, places, hashes, full, half });
  return reached ? 0 : 1;
}

const nodeFlags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
process.exitCode = await withScene(main, { nodeFlags });
