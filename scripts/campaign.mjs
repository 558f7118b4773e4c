// npm run campaign:<name> -- [--rounds 10]: builds when something changed, and runs the tests of bad days for as long as
// nobody waits for `npm test`. Prints what was counted as a table, and writes it to .cache/campaign-<name>.json.
//   races      200 rounds of 64 people who finish one invitation at once over 4 processes
//   crashes    1,000 rounds of kill -9: of the server, of its database, and of both
//   guesses    10,000 wrong links, and 1,250 pairs of a wrong link of each kind and an unknown one, timed
//   mail       a worker killed 200 times between the mail server's 250 and our commit, and 200 times at any moment; the same
//              of webhooks
//   outages    the database stopped 100 times under load, and its disk filled
//   restarts   20 rolling restarts of 2 processes at 200 requests a second
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './build/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {Record<string, { rounds: number, tests: string[], env?: Record<string, string>, kinds?: number }>} */
const CAMPAIGNS = {
  races: { rounds: 200, tests: ['test/race'], env: { VESTIBULE_TEST_PEOPLE: '64' } },
  // Each of the three tests takes a third.
  crashes: { rounds: 1000, tests: ['test/crash/crash.test.ts'], kinds: 3 },
  guesses: { rounds: 10_000, tests: ['test/limits/guessing.test.ts', 'test/limits/guessing-time.test.ts'] },
  mail: { rounds: 200, tests: ['test/mail/crash.test.ts', 'test/webhooks/crash.test.ts'] },
  outages: { rounds: 100, tests: ['test/outage/database-gone.test.ts', 'test/outage/disk-full.test.ts'] },
  restarts: { rounds: 20, tests: ['test/outage/rolling-restarts.test.ts'], env: { VESTIBULE_TEST_RATE: '200' } },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string' } } });
const [name = ''] = positionals;
const campaign = Object.hasOwn(CAMPAIGNS, name) ? CAMPAIGNS[name] : undefined;
const rounds = Number(values.rounds ?? campaign?.rounds);
if (!campaign || !Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`Which of ${Object.keys(CAMPAIGNS).join(', ')}? --rounds takes a number from 1 on.`);
  process.exit(2);
}

/** What the tests counted, one object each. */
function readFigures(path) {
  try {
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

async function runTests(figuresPath) {
  const env = {
    ...process.env,
    ...campaign.env,
    VESTIBULE_TEST_ROUNDS: String(Math.ceil(rounds / (campaign.kinds ?? 1))),
    VESTIBULE_CAMPAIGN_FIGURES: figuresPath,
  };
  // One file at a time: they would take each other's processors.
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--no-file-parallelism', ...campaign.tests];
  return run(process.execPath, vitest, { cwd: root, env });
}

const loadBefore = loadavg()[0];
const started = new Date();
const built = await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
if (built !== 0) process.exit(built);
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const figuresPath = join(cache, `campaign-${name}.figures`);
rmSync(figuresPath, { force: true });
const code = await runTests(figuresPath);
const figures = readFigures(figuresPath);
rmSync(figuresPath, { force: true });
const report = {
  campaign: name,
  rounds,
  passed: code === 0,
  started: started.toISOString(),
  seconds: Math.round((Date.now() - started.getTime()) / 1000),
  node: process.version,
  processors: cpus().length,
  load: { before: loadBefore, after: loadavg()[0] },
  figures,
};
writeFileSync(join(cache, `campaign-${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
for (const { what, ...counted } of figures) {
  console.log(`\n${what}`);
  console.table(Object.fromEntries(Object.entries(counted).map(([figure, value]) => [figure, { value }])));
}
const load = `load ${report.load.before.toFixed(1)} before, ${report.load.after.toFixed(1)} after`;
console.log(
  `${report.passed ? 'passed' : 'FAILED'} in ${report.seconds} s on ${report.processors} processors, ${load}`,
);
console.log(`kept in .cache/campaign-${name}.json`);
// Without figures nothing was counted, whatever the tests say.
process.exitCode = code === 0 && figures.length === 0 ? 1 : code;
