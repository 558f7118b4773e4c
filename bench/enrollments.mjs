// npm run bench:enrollments -- [--seconds 20] [--people 16]: whole enrollments, from opening the link to the account, by
// as many people at a time as keep the server busy, and then at half that load; where the time goes. docs/performance.md
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import argon2 from '@node-rs/argon2';
import { cpuOf, cpuOfFamily } from './cpu.mjs';
import { FLOW, INVITATIONS } from './invitations.mjs';
import { keepFigures, machine, quantile, withScene } from './scene.mjs';

const GOALS = { perCore: 30, p95: 300 };
// OWASP's: 19 MiB, two passes, one lane.
const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
const PASSWORD = 'correct horse battery staple';
const STEPS = ['link', 'credentials', 'details and account'];

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, people: { type: 'string', default: '16' } },
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

/** A browser: keeps cookies, follows the executor's redirects. */
function browser(server, link) {
  const cookies = new Map();
  const url = `/api/v3/flows/executor/${FLOW}/?query=${encodeURIComponent(`itoken=${link}`)}`;
  async function ask(method, json) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const csrf = cookies.get('authentik_csrf');
    if (csrf) headers['x-authentik-csrf'] = csrf;
    if (json) headers['content-type'] = 'application/json';
    const answer = await fetch(`${server.url}${url}`, {
      method,
      headers,
      redirect: 'manual',
      ...(json ? { body: JSON.stringify(json) } : {}),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const text = await answer.text();
    if (answer.status === 302) return ask('GET');
    if (answer.status !== 200) throw new Error(`${method} ${answer.status} ${text}`);
    return JSON.parse(text);
  }
  return ask;
}

let people = 0;

/** One person's whole way. Out: milliseconds of each step. */
async function enroll(server, link) {
  people += 1;
  const username = `person-${people}`;
  const ask = browser(server, link);
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
  const before = { server: cpuOf(server.pid), database: cpuOfFamily(cluster.pid) };
  const start = performance.now();
  const end = start + seconds * 1000;
  let next = 0;
  const place = async () => {
    while (performance.now() < end) {
      const due = rate === undefined ? 0 : start + (next / rate) * 1000;
      next += 1;
      if (due > end) return;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const link = links.pop();
      if (link === undefined) return;
      taken.push(await enroll(server, link));
    }
  };
  await Promise.all(Array.from({ length: places }, place));
  const took = (performance.now() - start) / 1000;
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
    serverMs: (cpuOf(server.pid) - before.server) / taken.length / 1000,
    databaseMs: (cpuOfFamily(cluster.pid) - before.database) / taken.length / 1000,
  };
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
    `| load | a second | p50 ms | p95 ms | server CPU ms | database CPU ms | ${STEPS.join(' | ')} (p50 ms) |`,
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, seen] of [
    ['full', full],
    ['half', half],
  ]) {
    const { perSecond, p50, p95, serverMs, databaseMs, steps } = seen;
    const numbers = [perSecond, p50, p95, serverMs, databaseMs, ...steps.map((step) => step.p50)];
    console.log(`| ${name} | ${numbers.map((value) => value.toFixed(1)).join(' | ')} |`);
  }
  const hashMs = hashes.milliseconds;
  const perCore = full.perSecond / cores;
  const wanted = Math.min(GOALS.perCore, hashes.perSecond / cores);
  console.log(
    `\nA hash costs ${hashMs.toFixed(1)} ms of CPU: ${hashes.perSecond.toFixed(0)} a second on ${cores} cores.`,
  );
  const rest = full.serverMs - hashMs;
  console.log(
    `Of a person's ${full.serverMs.toFixed(1)} ms in the server the hash is ${hashMs.toFixed(1)}, the rest ${rest.toFixed(1)}.`,
  );
  console.log(`Enrollments a second and core: ${perCore.toFixed(1)} (goal ${wanted.toFixed(1)})`);
  console.log(`p95 at half that load: ${half.p95.toFixed(0)} ms (goal below ${GOALS.p95})`);
  return perCore >= wanted && half.p95 < GOALS.p95;
}

async function main(scene) {
  const { cluster, server, db } = scene;
  const links = await makeLinks(server, db, 100_000);
  const hashes = await measureHashing();
  for (let warm = 0; warm < 20; warm++) await enroll(server, links.pop());
  const places = Number(options.people);
  const full = await run(scene, links, { places });
  const half = await run(scene, links, { places, rate: full.perSecond / 2 });
  const reached = report(cluster, { hashes, full, half });
  keepFigures('enrollments', { machine: machine(cluster), seconds, places, hashes, full, half });
  return reached ? 0 : 1;
}

process.exitCode = await withScene(main);
