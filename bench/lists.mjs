// npm run bench:lists -- [--sizes 1000,100000,1000000] [--repeats 40]: how long the list of invitations and its exact
// count take as it grows. docs/performance.md
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuOf, cpuOfFamily } from './cpu.mjs';
import { fillFast } from './fill.mjs';
import { keepFigures, machine, quantile, withScene } from './scene.mjs';

const INVITATIONS = '/api/v3/stages/invitation/invitations/';
const BATCH = 100_000;

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,100000,1000000' },
    repeats: { type: 'string', default: '40' },
  },
});
const sizes = options.sizes.split(',').map(Number);
const repeats = Number(options.repeats);

// An eighth are for sales; one in ten is used up, one in a thousand expired and not yet cleaned up; most come from one
// person and lead to one flow.
const FILL = `
  insert into invitation (name, created_by, flow, expires, fixed_data, single_use, max_uses, uses, used_up)
  select case n % 8 when 0 then 'sales-' else 'guest-' end || lpad(n::text, 7, '0'),
    (select id from users where username = case when n % 1000 = 7 then 'bench-rare' else 'akadmin' end),
    case when n % 10 = 3 then null else (select flow_uuid from flow where slug =
      case when n % 500 = 1 then 'bench-rare' else 'invitation-enrollment-flow' end) end,
    case when n % 20 = 5 then null when n % 1000 = 11 then now() - interval '1 minute'
      else date_trunc('second', now()) + interval '1 day' + n * interval '1 second' end,
    jsonb_build_object('email', 'guest-' || n || '@example.org', 'attributes', jsonb_build_object('department', 'Sales')),
    n % 2 = 0, case when n % 2 = 0 then 1 end, (n % 10 = 9)::integer, case when n % 10 = 9 then now() end
  from generate_series($1::bigint, $2::bigint) n`;

// Nearly all have one name, one expiry, one creator and one flow.
const FILL_ALIKE = `
  insert into invitation (name, created_by, flow, expires)
  select case when n % 20 = 1 then 'guest-' || lpad(n::text, 7, '0') else 'welcome' end,
    (select id from users where username = case when n % 1000 = 7 then 'bench-rare' else 'akadmin' end),
    (select flow_uuid from flow where slug = case when n % 500 = 3 then 'bench-rare' else 'invitation-enrollment-flow' end),
    case when n % 20 = 5 then null when n % 10 = 6 then date_trunc('second', now()) + interval '1 day' + n * interval '1 second'
      else '2090-01-01T00:00:00Z'::timestamptz end
  from generate_series($1::bigint, $2::bigint) n`;

/** Milliseconds that the 95th of a hundred may take at any size. */
const FLAT = 25;
const BROAD = 500;

/** Nothing is asked for longer. */
const PATIENCE_MS = 5000;

const EXPIRES = encodeURIComponent('2090-01-01T00:00:00Z');
const FLOW = 'invitation-enrollment-flow';
const questionsAlike = () => [
  ['alike: name, nearly all', '?name=welcome', FLAT],
  ['alike: expires, nearly all', `?expires=${EXPIRES}`, FLAT],
  ['alike: name and flow', `?name=welcome&flow__slug=${FLOW}`, FLAT],
  ['alike: name and creator', '?name=welcome&created_by__username=akadmin', FLAT],
  ['alike: name and expires', `?name=welcome&expires=${EXPIRES}`, FLAT],
  ['alike: expires and flow', `?expires=${EXPIRES}&flow__slug=${FLOW}`, FLAT],
  ['alike: all four', `?name=welcome&expires=${EXPIRES}&flow__slug=${FLOW}&created_by__username=akadmin`, FLAT],
  ['alike: name and a five-hundredth of the flows', '?name=welcome&flow__slug=bench-rare', FLAT],
];

const questions = (size, instant) => [
  ['first page', '', FLAT],
  ['name', '?name=guest-0000501', FLAT],
  ['created_by__username, nearly all', '?created_by__username=akadmin', FLAT],
  ['created_by__username, a thousandth', '?created_by__username=bench-rare', FLAT],
  ['expires', `?expires=${encodeURIComponent(instant)}`, FLAT],
  ['flow__slug, nearly all', '?flow__slug=invitation-enrollment-flow', FLAT],
  ['flow__slug, a five-hundredth', '?flow__slug=bench-rare', FLAT],
  ['flow and creator, nearly all', '?flow__slug=invitation-enrollment-flow&created_by__username=akadmin', FLAT],
  ['flow and creator, none', '?flow__slug=bench-rare&created_by__username=bench-rare', FLAT],
  ['name and flow', '?name=guest-0000501&flow__slug=bench-rare', FLAT],
  ['search, few', '?search=st-00005', FLAT],
  ['search, few, digits', '?search=0000501', FLAT],
  ['search, few, maybe part of an instant', '?search=0501', FLAT],
  ['search, one instant', `?search=${instant.slice(0, 19)}Z`, FLAT],
  ['search, a month, nearly all', `?search=${instant.slice(0, 6)}`, BROAD],
  ['search, an hour and a minute', '?search=05:01', FLAT],
  ['search, two letters, none', '?search=zq', FLAT],
  ['search, none', '?search=nobody-of-that-name', FLAT],
  ['search, an eighth', '?search=sales', BROAD],
  ['search, two letters, an eighth', '?search=al', BROAD],
  ['search, two digits', '?search=42', BROAD],
  ['ordering=name', '?ordering=name', FLAT],
  ['ordering=-name', '?ordering=-name', FLAT],
  ['ordering=expires', '?ordering=expires', FLAT],
  ['ordering=flow', '?ordering=flow', FLAT],
  ['ordering=-created_by', '?ordering=-created_by', FLAT],
  ['ordering=single_use', '?ordering=single_use', FLAT],
  ['ordering=pk', '?ordering=pk', FLAT],
  ['ordering=fixed_data (no index)', '?ordering=fixed_data', undefined],
  ['page a tenth deep', `?page=${Math.ceil(size / 200)}`, undefined],
  ['page half deep', `?page=${Math.ceil(size / 40)}`, undefined],
  ['last page', '?page=last', undefined],
];

async function fill({ db, cluster }, { from, to, statement }) {
  await fillFast({ db, cluster, table: 'invitation' }, async () => {
    for (let first = from; first <= to; first += BATCH) {
      await db.query(statement, [first, Math.min(first + BATCH - 1, to)]);
    }
  });
  console.log('  filled');
}

/**
 * Asks one thing again and again. Out: milliseconds, the count told, and the CPU time of server and database for one
 * answer, which other programs disturb least; the first answers, which plan, do not count.
 */
async function timesOf({ server, cluster }, path) {
  const times = [];
  let count;
  let before;
  for (let repeat = -3; repeat < repeats; repeat++) {
    if (repeat === 0) before = [cpuOf(server.pid), cpuOfFamily(cluster.pid)];
    const start = performance.now();
    try {
      count = (await server.ask('GET', path)).pagination.count;
    } catch (error) {
      return { failed: String(error.message).slice(0, 120) };
    }
    if (repeat >= 0) times.push(performance.now() - start);
    if (times.length > 4 && times.reduce((sum, time) => sum + time, 0) > PATIENCE_MS) break;
  }
  const [serverMs, databaseMs] = [cpuOf(server.pid), cpuOfFamily(cluster.pid)].map(
    (micros, at) => (micros - before[at]) / 1000 / times.length,
  );
  return { count, p50: quantile(times, 0.5), p95: quantile(times, 0.95), serverMs, databaseMs };
}

const show = ({ failed, p50, p95 }) => (failed ? 'failed' : `${p50.toFixed(1)} / ${p95.toFixed(1)}`);
const showCpu = ({ failed, serverMs, databaseMs }) =>
  failed ? '–' : `${serverMs.toFixed(1)} / ${databaseMs.toFixed(1)}`;

function report(cluster, results) {
  console.log(`\n${machine(cluster)}; p50 / p95 in ms\n`);
  const heads = sizes.map((size) => size.toLocaleString('en'));
  console.log(`| | rows told | ${heads.join(' | ')} | goal | CPU ms at ${heads.at(-1)}, server / database |`);
  console.log(`|---|---|${sizes.map(() => '---|').join('')}---|---|`);
  let reached = true;
  for (const [name, { goal, measured }] of Object.entries(results)) {
    const last = measured.at(-1);
    const missed = goal !== undefined && !(last.p95 < goal);
    if (missed) reached = false;
    const told = goal === undefined ? '–' : `${goal}${missed ? ' missed' : ''}`;
    console.log(`| ${name} | ${last.count ?? '–'} | ${measured.map(show).join(' | ')} | ${told} | ${showCpu(last)} |`);
  }
  return reached;
}

/** Asks all questions at every size. */
async function measure(scene, { results, statement, ask }) {
  const { db } = scene;
  let filled = 0;
  for (const size of sizes) {
    console.log(`${size.toLocaleString('en')} invitations …`);
    await fill(scene, { from: filled + 1, to: size, statement });
    filled = size;
    const { rows } = await db.query(`select to_json(expires) #>> '{}' as at from invitation where name = $1`, [
      'guest-0000501',
    ]);
    const asked = ask(size, rows[0].at);
    // What fails is seen below.
    for (const [, query] of asked) await scene.server.ask('GET', `${INVITATIONS}${query}`).catch(() => undefined);
    await countersReady(db);
    for (const [name, query, goal] of asked) {
      const measured = await timesOf(scene, `${INVITATIONS}${query}`);
      console.log(`  ${name}: ${measured.failed ?? show(measured)}`);
      (results[name] ??= { query, goal, measured: [] }).measured.push({ size, ...measured });
    }
  }
}

/** Waits for the counters of the values that very many rows have, which come within a minute of the first question. */
async function countersReady(db) {
  const start = performance.now();
  const { rows } = await db.query('select 1 from counted_value where not exact');
  if (rows.length === 0) return;
  for (let left = rows.length; left > 0;) {
    if (performance.now() - start > 90_000) throw new Error('The counters do not become exact.');
    await pause(200);
    left = (await db.query('select 1 from counted_value where not exact')).rows.length;
  }
  console.log(`  counters after ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

async function main({ cluster, server, db }) {
  await server.ask('POST', '/api/v3/core/users/', { username: 'bench-rare', name: 'Rare' });
  const flow = { name: 'Rare', slug: 'bench-rare', title: 'Rare', designation: 'enrollment' };
  await server.ask('POST', '/api/v3/flows/instances/', flow);
  const results = {};
  await measure({ db, cluster, server }, { results, statement: FILL, ask: questions });
  await db.query('truncate invitation cascade');
  await measure({ db, cluster, server }, { results, statement: FILL_ALIKE, ask: questionsAlike });
  const reached = report(cluster, results);
  keepFigures('lists', { machine: machine(cluster), results });
  return reached ? 0 : 1;
}

process.exitCode = await withScene(main);
