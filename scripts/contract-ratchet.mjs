// The coverage ratchet of the API contract. Tests leave the pairs of operation and status that they saw under
// .cache/exercised/; the committed list test/contract/exercised.json only ever grows.
//
//   node scripts/contract-ratchet.mjs --reset     before the tests: forgets the last run, and the --implemented FILE
//   node scripts/contract-ratchet.mjs             after the tests: fails when a committed pair was not seen
//   node scripts/contract-ratchet.mjs --update    after the tests: adds what was seen to the committed list
//
// --implemented FILE  JSON array of operationIds: fails also for one that was never brought to a 2xx or 302
// --seen FOLDER, --committed FILE  other places than the usual ones
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usual = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    reset: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    implemented: { type: 'string' },
    seen: { type: 'string', default: usual('.cache/exercised') },
    committed: { type: 'string', default: usual('test/contract/exercised.json') },
  },
});

/** Pairs such as "core_users_list 200", from all processes of the run. */
function readSeen(folder) {
  if (!existsSync(folder)) return new Set();
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return new Set(texts.flatMap((text) => text.split('\n')).filter((line) => line !== ''));
}

function readCommitted(file) {
  const list = JSON.parse(readFileSync(file, 'utf8'));
  return Object.entries(list).flatMap(([operation, statuses]) => statuses.map((status) => `${operation} ${status}`));
}

function writeCommitted(file, pairs) {
  const list = {};
  for (const pair of [...pairs].sort()) {
    const [operation, status] = pair.split(' ');
    (list[operation] ??= []).push(Number(status));
  }
  const lines = Object.entries(list).map(
    ([operation, statuses]) => `  ${JSON.stringify(operation)}: ${JSON.stringify(statuses)}`,
  );
  writeFileSync(file, lines.length > 0 ? `{\n${lines.join(',\n')}\n}\n` : '{}\n');
}

function faultsOf(seen, committed) {
  // Nothing seen means that the recording is broken, not that all is well.
  if (seen.size === 0) return ['no test has recorded an answer'];
  const lost = committed
    .filter((pair) => !seen.has(pair))
    .map((pair) => `committed, but not seen in this run: ${pair}`);
  if (options.implemented === undefined) return lost;
  const succeeded = new Set([...seen].filter((pair) => / (2\d\d|302)$/.test(pair)).map((pair) => pair.split(' ')[0]));
  const implemented = JSON.parse(readFileSync(options.implemented, 'utf8'));
  if (implemented.length === 0) return [...lost, 'the list of implemented operations is empty'];
  const untested = implemented.filter((operation) => !succeeded.has(operation));
  return [...lost, ...untested.map((operation) => `implemented, but no test brought it to a success: ${operation}`)];
}

function main() {
  if (options.reset) {
    for (const place of [options.seen, options.implemented]) if (place) rmSync(place, { recursive: true, force: true });
    return;
  }
  const seen = readSeen(options.seen);
  const committed = readCommitted(options.committed);
  const pairs = new Set([...committed, ...seen]);
  if (options.update) {
    writeCommitted(options.committed, pairs);
    return console.log(`contract ratchet: ${pairs.size} pairs, ${pairs.size - committed.length} new`);
  }
  const faults = faultsOf(seen, committed);
  for (const fault of faults) console.error(`contract ratchet: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`contract ratchet: ${committed.length} committed pairs seen, ${pairs.size - committed.length} new`);
}

main();
