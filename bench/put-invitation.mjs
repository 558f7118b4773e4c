// How near a PUT of an invitation through everything comes to what PostgreSQL itself can do with the same statements:
// a private cluster, one server process, 32 connections; pgbench and the server take turns. docs/performance.md
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startCluster } from './cluster.mjs';
import { cannon, lean } from './generators.mjs';
import { INVITATIONS, makeInvitations } from './invitations.mjs';
import { planOf, runPgbench } from './pgbench.mjs';
import { printReport } from './report.mjs';
import { runRounds } from './rounds.mjs';
import { startServer } from './server.mjs';
import { takeInEvents } from './settle.mjs';
import { statementsOf } from './statements.mjs';

const DATABASE = 'vestibule';
const PGBENCH_CLIENTS = [10, 32];
const REPORT = fileURLToPath(new URL('../.cache/bench.json', import.meta.url));

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    /** Seconds to wait before each measurement until the machine is quiet. */
    patience: { type: 'string', default: '10' },
    autocannon: { type: 'boolean', default: false },
    /** Where the server leaves a CPU profile. */
    profile: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const patience = Number(options.patience);
const connections = Number(options.connections);
const generate = options.autocannon ? cannon : lean;

function plans(scene, captured) {
  const { cluster, server, second, invitations } = scene;
  const puts = invitations.map(({ path, body }) => ({ method: 'PUT', path, body: JSON.stringify(body) }));
  const gets = invitations.map(({ path }) => ({ method: 'GET', path }));
  const put = planOf(captured.put, invitations[0].pk);
  const get = planOf(captured.get, invitations[0].pk);
  const pgbench = (name, plan) =>
    PGBENCH_CLIENTS.map((clients) => ({
      name: `pgbench ${name}, ${clients} clients`,
      async run(time) {
        const seen = await runPgbench(cluster, plan, { database: DATABASE, clients, seconds: time });
        return { ...seen, count: seen.perSecond * time };
      },
    }));
  return [
    { name: 'PUT', run: (time) => generate([server], puts, time) },
    ...pgbench('PUT', put),
    { name: 'GET', run: (time) => generate([server], gets, time) },
    ...pgbench('GET', get),
    { name: 'PUT, two processes', run: (time) => generate([server, second], puts, time) },
    { name: 'GET, two processes', run: (time) => generate([server, second], gets, time) },
  ];
}

async function capture({ cluster, server, invitations }) {
  const [{ pk, body }] = invitations;
  return {
    put: await statementsOf(cluster, () => server.ask('PUT', `${INVITATIONS}${pk}/`, body)),
    get: await statementsOf(cluster, () => server.ask('GET', `${INVITATIONS}${pk}/`)),
  };
}

async function run(cluster) {
  await cluster.client.query(`create database ${DATABASE}`);
  const nodeFlags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
  const databaseUrl = cluster.url.replace('/postgres?', `/${DATABASE}?`);
  const server = await startServer({ databaseUrl, nodeFlags });
  const second = await startServer({ databaseUrl, nodeFlags: [], token: server.token });
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const invitations = await makeInvitations(server, connections);
    const scene = { cluster, server, second, invitations };
    const captured = await capture(scene);
    const watched = { cluster, servers: [server, second], settle: () => takeInEvents(db) };
    const results = await runRounds(watched, plans(scene, captured), { rounds, seconds, patience });
    return { captured, results };
  } finally {
    await db.end();
    await second.stop();
    await server.stop();
  }
}

async function main() {
  const cluster = await startCluster();
  try {
    const { captured, results } = await run(cluster);
    const machine = `${cpus().length} x ${cpus()[0]?.model}, Node ${process.versions.node}, PostgreSQL ${cluster.version}`;
    const generator = options.autocannon ? 'autocannon' : 'bench/load.mjs';
    const setting = { machine, generator, connections, seconds, rounds };
    const statements = { put: captured.put.map(({ text }) => text), get: captured.get.map(({ text }) => text) };
    const reached = printReport({ setting, statements, results });
    mkdirSync(dirname(REPORT), { recursive: true });
    writeFileSync(REPORT, `${JSON.stringify({ setting, statements, results }, null, 2)}\n`);
    console.log(`Everything measured is in ${join('.cache', 'bench.json')}.`);
    return reached ? 0 : 1;
  } finally {
    await cluster.stop();
  }
}

// What was started ends with us, also when somebody loses patience.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.exitCode = await main();
