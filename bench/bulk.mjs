// npm run bench:bulk -- [--rows 10000]: imports of many invitations, as JSON and as CSV, a transaction a row and all or
// none, made and only tried: how long they take, and what they do to the server's memory. docs/performance.md
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cpuOf, cpuOfFamily, cpuOfMachine, cpuOfMe } from './cpu.mjs';
import { FLOW } from './invitations.mjs';
import { QUIET } from './report.mjs';
import { waitForQuiet } from './rounds.mjs';
import { keepFigures, machine, withScene } from './scene.mjs';

const IMPORTS = '/api/vestibule/v1/invitation-imports';
/** Milliseconds a row; megabytes that an import may add while it is made, and that one more leaves behind. */
const GOALS = { rowMs: 1, working: 64, growth: 20 };
// A look counts all rows, which is not to be measured.
const POLL_MS = 500;

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '10000' }, patience: { type: 'string', default: '10' } },
});
const rows = Number(options.rows);
const patience = Number(options.patience);

const recipient = (n) => `guest-${n}@example.org`;

const JSON_FILE = JSON.stringify(
  Array.from({ length: rows }, (_, n) => ({
    name: `guest-${n}`,
    expires: '2090-01-01T00:00:00Z',
    flow: FLOW,
    max_uses: 1,
    fixed_data: { email: recipient(n), attributes: { department: 'Sales' } },
    recipients: [recipient(n)],
  })),
);
const CSV_FILE = [
  'name,expires,flow,max_uses,email,attribute.department,recipients',
  ...Array.from({ length: rows }, (_, n) => {
    const cells = [`guest-${n}`, '2090-01-01T00:00:00Z', FLOW, '1', recipient(n), 'Sales', recipient(n)];
    return cells.join(',');
  }),
].join('\r\n');

const FORMATS = [
  ['JSON', 'application/json', JSON_FILE],
  ['CSV', 'text/csv', CSV_FILE],
];
const MODES = [
  ['a transaction a row', 'mode=each'],
  ['all or none', 'mode=all'],
  ['a transaction a row, tried', 'mode=each&dry_run=true'],
  ['all or none, tried', 'mode=all&dry_run=true'],
];

// When all code has run and memory has filled.
const AGAIN = ['a transaction a row, JSON, again', 'a transaction a row, JSON, once more'];

/** Resident memory of a process in megabytes: now, and at its highest since that was last forgotten. */
function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (key) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

// proc(5): this makes the highest what is held now.
const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

async function follow(server, id) {
  for (;;) {
    const seen = await server.ask('GET', `${IMPORTS}/${id}`);
    if (seen.state === 'done' || seen.state === 'failed') return seen;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** One import, from sending the file until its last row is done. */
async function importOnce({ cluster, server }, query, [, type, file]) {
  await waitForQuiet(patience);
  const cpuNow = () => ({
    server: cpuOf(server.pid),
    database: cpuOfFamily(cluster.pid),
    me: cpuOfMe(),
    machine: cpuOfMachine(),
    time: performance.now() * 1000,
  });
  const before = cpuNow();
  const rest = memoryOf(server.pid).now;
  forgetPeak(server.pid);
  const start = performance.now();
  const { id } = JSON.parse(await server.send('POST', `${IMPORTS}?${query}`, { body: file, type }));
  const taken = performance.now();
  const takenPeak = memoryOf(server.pid).peak;
  forgetPeak(server.pid);
  const seen = await follow(server, id);
  const end = performance.now();
  const after = cpuNow();
  if (seen.done !== rows || seen.failed > 0) throw new Error(`Not all was made: ${JSON.stringify(seen)}`);
  const took = (key) => after[key] - before[key];
  const ours = took('server') + took('database') + took('me');
  return {
    takenMs: taken - start,
    seconds: (end - start) / 1000,
    rowMs: (end - start) / rows,
    serverMicros: took('server') / rows,
    databaseMicros: took('database') / rows,
    memory: { before: rest, taken: takenPeak, peak: memoryOf(server.pid).peak, after: memoryOf(server.pid).now },
    others: (took('machine') - ours) / (took('time') * cpus().length),
  };
}

function report(cluster, results) {
  console.log(`\n${machine(cluster)}; ${rows} rows\n`);
  console.log(
    '| | s | file taken, s | ms a row | CPU µs a row: server / database | MB before / taking the file / working / after | other programs |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, seen] of Object.entries(results)) {
    const { before, taken, peak, after } = seen.memory;
    const cells = [
      name,
      seen.seconds.toFixed(1),
      (seen.takenMs / 1000).toFixed(1),
      seen.rowMs.toFixed(2),
      `${seen.serverMicros.toFixed(0)} / ${seen.databaseMicros.toFixed(0)}`,
      [before, taken, peak, after].map((value) => value.toFixed(0)).join(' / '),
      `${(seen.others * 100).toFixed(0)}%`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const busy = Object.entries(results).filter(([, { others }]) => others >= QUIET);
  for (const [name] of busy) console.log(`Not to be relied on: other programs were busy: ${name}`);
  const all = Object.values(results);
  const working = Math.max(...all.map(({ memory: { before, taken, peak } }) => Math.max(taken, peak) - before));
  const [earlier = '', later = ''] = AGAIN;
  const growth = results[later].memory.after - results[earlier].memory.after;
  const goals = [
    ['ms a row, the slowest', Math.max(...all.map(({ rowMs }) => rowMs)), GOALS.rowMs],
    ['MB more while it is made, the most', working, GOALS.working],
    ['MB more after one more', growth, GOALS.growth],
  ];
  console.log('\n| goal | measured | below | |\n|---|---|---|---|');
  const reached = goals.map(([name, value, goal]) => {
    console.log(`| ${name} | ${value.toFixed(2)} | ${goal} | ${value < goal ? 'reached' : 'missed'} |`);
    return value < goal;
  });
  return reached.every(Boolean);
}

async function main(scene) {
  const [first] = FORMATS;
  const results = {};
  const turns = MODES.flatMap(([mode, query]) =>
    FORMATS.map((format) => ({ name: `${mode}, ${format[0]}`, query, format })),
  );
  for (const name of AGAIN) turns.push({ name, query: 'mode=each', format: first });
  for (const { name, query, format } of turns) {
    results[name] = await importOnce(scene, query, format);
    console.log(`${name}: ${results[name].seconds.toFixed(1)} s`);
  }
  const reached = report(scene.cluster, results);
  keepFigures('bulk', { machine: machine(scene.cluster), rows, results });
  return reached ? 0 : 1;
}

process.exitCode = await withScene(main, { env: { VESTIBULE_API_RATE_LIMIT: '1000000' } });
