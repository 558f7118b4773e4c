// npm run bench:mail -- [--seconds 10] [--rounds 3] [--connections 32] [--mails 10000]: what sending an invitation costs,
// in turns with a PUT; how many invitations are made in a second; how many mails a process delivers. docs/performance.md
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuOf, cpuOfFamily, cpuOfMachine, cpuOfMe } from './cpu.mjs';
import { lean } from './generators.mjs';
import { INVITATIONS, makeInvitations } from './invitations.mjs';
import { median, printRows, quietRounds, QUIET } from './report.mjs';
import { runRounds, waitForQuiet } from './rounds.mjs';
import { keepFigures, machine, withScene } from './scene.mjs';
import { startProcess } from './server.mjs';
import { statementsOf } from './statements.mjs';

const OWN = '/api/vestibule/v1/invitations';
/** What a send may cost, as a multiple of a PUT; mails a minute and process. */
const GOALS = { send: 1.5, mails: 10_000 };
/** Addresses of one request (contract D10). */
const AT_ONCE = 50;
const DELIVERY_MS = 600_000;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    patience: { type: 'string', default: '10' },
    mails: { type: 'string', default: '10000' },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const connections = Number(options.connections);
const patience = Number(options.patience);
const mails = Number(options.mails);

/** The sink in a process of its own. */
async function startSink() {
  const child = fork(fileURLToPath(new URL('sink.mjs', import.meta.url)));
  process.once('exit', () => child.kill('SIGKILL'));
  const next = () => new Promise((resolve) => child.once('message', resolve));
  const { port } = await next();
  const ask = (wanted) => {
    const answer = next();
    child.send(wanted);
    return answer;
  };
  return {
    pid: child.pid,
    url: `smtp://127.0.0.1:${port}`,
    taken: () => ask('tell'),
    reset: () => ask('reset'),
    stop: () => child.disconnect(),
  };
}

/** Forgets what was queued: every round begins with an empty outbox, and an event log of the same size. */
async function forget({ db, server }) {
  await db.query('truncate outbox_message, outbox_recipient, invitation_mail, event');
  await db.query('truncate graphile_worker._private_jobs');
  // What it costs to begin anew does not belong to the next one.
  await server.ask('GET', `${INVITATIONS}?page_size=1`);
}

const post = (path, body) => ({ method: 'POST', path, body: JSON.stringify(body) });
const to = (at) => [`somebody-${at}@example.org`];

function requestsOf(invitations) {
  return {
    PUT: invitations.map(({ path, body }) => ({ method: 'PUT', path, body: JSON.stringify(body) })),
    'send_email, v3': invitations.map(({ path }, at) => post(`${path}send_email/`, { email_addresses: to(at) })),
    'send, own API': invitations.map(({ pk }, at) => post(`${OWN}/${pk}/send`, { recipients: to(at) })),
    'POST of an invitation, v3': invitations.map(({ body }) => post(INVITATIONS, body)),
    'POST of an invitation, own API': invitations.map(({ body: { single_use: _one, ...body } }) =>
      post(OWN, { ...body, max_uses: 1 }),
    ),
  };
}

/** What each request makes the server send to the database. */
async function capture({ cluster, server }, requests) {
  const captured = {};
  for (const [name, [{ method, path, body }]] of Object.entries(requests)) {
    const send = () => server.send(method, path, { body });
    captured[name] = (await statementsOf(cluster, send)).map(({ text }) => text);
  }
  return captured;
}

async function queueMails({ server, db }, invitations) {
  await forget({ db, server });
  for (let at = 0; at < mails; at += AT_ONCE) {
    const { path } = invitations[(at / AT_ONCE) % invitations.length];
    const people = Array.from({ length: Math.min(AT_ONCE, mails - at) }, (_, n) => `person-${at + n}@example.org`);
    await server.send('POST', `${path}send_email/`, { body: JSON.stringify({ email_addresses: people }) });
  }
}

/** Waits until all is delivered. Out: how long that took from `start`, and who used the processors. */
async function deliver({ cluster, sink, db }, start) {
  const cpu = (pid) => ({
    worker: cpuOf(pid),
    sink: cpuOf(sink.pid),
    database: cpuOfFamily(cluster.pid),
    me: cpuOfMe(),
    machine: cpuOfMachine(),
    time: performance.now() * 1000,
  });
  const { pid, stop } = await start();
  const before = cpu(pid);
  const began = Date.now();
  let taken = await sink.taken();
  while (taken.count < mails) {
    if (Date.now() - began > DELIVERY_MS) throw new Error(`Only ${taken.count} of ${mails} mails came.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
    taken = await sink.taken();
  }
  const after = cpu(pid);
  // What was taken is also written down.
  for (;;) {
    const { rows } = await db.query('select count(*)::integer as open from outbox_message where finished is null');
    if (rows[0].open === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  const took = (key) => after[key] - before[key];
  const ours = ['worker', 'sink', 'database', 'me'].reduce((sum, key) => sum + took(key), 0);
  return {
    perMinute: (taken.count / (taken.last - began)) * 60_000,
    duplicates: taken.count - mails,
    workerMicros: took('worker') / mails,
    databaseMicros: took('database') / mails,
    sinkMicros: took('sink') / mails,
    others: (took('machine') - ours) / (took('time') * cpus().length),
  };
}

async function measureDelivery(scene, invitations) {
  const { sink, databaseUrl, env, addServer } = scene;
  const ways = {
    'a worker process': () => startProcess('worker', { databaseUrl, env: { ...env, VESTIBULE_WORKER: 'true' } }),
    'the worker inside a server': () => addServer({ VESTIBULE_WORKER: 'true' }),
  };
  const results = {};
  for (const [name, start] of Object.entries(ways)) {
    await queueMails(scene, invitations);
    await sink.reset();
    await waitForQuiet(patience);
    results[name] = await deliver(scene, start);
    console.log(`${name}: ${results[name].perMinute.toFixed(0)} mails a minute`);
  }
  return results;
}

function printSending(results, captured) {
  const used = quietRounds(results);
  printRows(used);
  console.log('\n| | statements |\n|---|---|');
  for (const [name, statements] of Object.entries(captured)) console.log(`| ${name} | ${statements.length} |`);
  const of = (name, key) => median(used[name].map((row) => row[key]));
  const total = (name) => of(name, 'serverMicros') + of(name, 'databaseMicros');
  console.log('\n| a send to a PUT | measured | at most | |\n|---|---|---|---|');
  return ['send_email, v3', 'send, own API'].flatMap((name) =>
    [
      ['requests a second', of('PUT', 'perSecond') / of(name, 'perSecond')],
      ['CPU of server and database', total(name) / total('PUT')],
      ['CPU of the server', of(name, 'serverMicros') / of('PUT', 'serverMicros')],
      ['CPU of the database', of(name, 'databaseMicros') / of('PUT', 'databaseMicros')],
    ].map(([what, value]) => {
      const reached = value <= GOALS.send;
      console.log(`| ${name}: ${what} | ${value.toFixed(2)} | ${GOALS.send} | ${reached ? 'reached' : 'missed'} |`);
      return reached;
    }),
  );
}

function printDelivery(results) {
  console.log(`\n${mails} mails, queued before\n`);
  console.log('| | a minute | at least | CPU µs a mail: process / database / sink | other programs | |');
  console.log('|---|---|---|---|---|---|');
  return Object.entries(results).map(([name, seen]) => {
    const reached = seen.perMinute >= GOALS.mails && seen.duplicates === 0;
    const micros = [seen.workerMicros, seen.databaseMicros, seen.sinkMicros].map((value) => value.toFixed(0));
    const others = `${(seen.others * 100).toFixed(0)}%`;
    const cells = [name, seen.perMinute.toFixed(0), GOALS.mails, micros.join(' / '), others];
    console.log(`| ${cells.join(' | ')} | ${reached ? 'reached' : 'missed'} |`);
    if (seen.others >= QUIET) console.log(`Not to be relied on: other programs were busy: ${name}`);
    return reached;
  });
}

async function main(scene) {
  const { cluster, server } = scene;
  const invitations = await makeInvitations(server, connections);
  const requests = requestsOf(invitations);
  const captured = await capture(scene, requests);
  const work = Object.entries(requests).map(([name, list]) => ({
    name,
    run: (time) => lean([server], list, time),
    after: () => forget(scene),
  }));
  const results = await runRounds({ cluster, servers: [server] }, work, { rounds, seconds, patience });
  const delivery = await measureDelivery(scene, invitations);
  console.log(`\n${machine(cluster)}; ${connections} connections, ${rounds} rounds of ${seconds} s, medians\n`);
  const reached = [...printSending(results, captured), ...printDelivery(delivery)];
  keepFigures('mail', { machine: machine(cluster), connections, seconds, rounds, mails, captured, results, delivery });
  return reached.every(Boolean) ? 0 : 1;
}

const sink = await startSink();
const env = {
  VESTIBULE_SMTP_URL: sink.url,
  VESTIBULE_MAIL_FROM: 'no-reply@example.org',
  VESTIBULE_PUBLIC_URL: 'https://id.example.org',
  // One account does it all.
  VESTIBULE_MAIL_DAILY_BUDGET: '1000000',
  VESTIBULE_API_RATE_LIMIT: '1000000',
  // What a send costs, without the delivering, which is measured by itself.
  VESTIBULE_WORKER: 'false',
};
process.exitCode = await withScene((scene) => main({ ...scene, sink, env }), { env });
sink.stop();
