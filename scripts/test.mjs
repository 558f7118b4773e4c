// npm test: build, types, lint, format, import rules, unused code, then every test, then the ratchet of the contract.
//   --only <filter>     only the tests whose path contains it
//   --suite-only        only the tests, all of them
//   --require-browser   a browser test that is skipped counts as failed
// The tests run on an embedded PostgreSQL, or on the server that VESTIBULE_TEST_DATABASE_URL names.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './build/run.mjs';
import { runCheck, staticChecks } from './test/checks.mjs';
import { HOW_TO_INSTALL, findChromium } from './test/chromium.mjs';
import { runSuite } from './test/suite.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    'suite-only': { type: 'boolean', default: false },
    'require-browser': { type: 'boolean', default: false },
  },
});
const whole = options.only === undefined && !options['suite-only'];

/** @param {readonly boolean[]} results */
function count(results) {
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}

async function beforeTests() {
  if (!whole)
    return (await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'])) === 0 ? [] : [false];
  const results = [];
  for (const row of staticChecks(root)) {
    results.push(...(await Promise.all(row.map((check) => runCheck(root, check)))));
  }
  return results;
}

function explainSkips({ skips }) {
  const browser = skips.filter((skip) => skip.browser).length;
  if (browser > 0 && !findChromium(process.env)) console.log(`${HOW_TO_INSTALL}; ${browser} browser tests skipped`);
  else for (const { name } of skips) console.log(`skipped: ${name}`);
  return options['require-browser'] ? browser : 0;
}

// The tests leave the list of what our own document serves there; each of it must have been brought to a success.
const implemented = join(root, '.cache/implemented.json');
const ratchet = [join(root, 'scripts/contract-ratchet.mjs'), '--implemented', implemented];
const checked = await beforeTests();
if (whole) await run(process.execPath, [...ratchet, '--reset']);
const suite = await runSuite(root, options.only === undefined ? [] : [options.only]);
if (whole) checked.push(await runCheck(root, { name: 'contract ratchet', command: ratchet }));

// Said again at the end, where it is seen.
for (const failure of suite.failures) console.log(`FAILED ${failure}`);
const checks = count(checked);
const missed = explainSkips(suite);
const failed = checks.failed + suite.failed + missed;
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${checks.passed + suite.passed} passed, ${failed} failed, ${suite.skipped - missed} skipped`);
