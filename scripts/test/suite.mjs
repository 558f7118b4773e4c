import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { run } from '../build/run.mjs';

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed a crash, a file that does not load and a suite without tests count as one each
 * @property {number} skipped
 * @property {{ name: string, browser: boolean }[]} skips which tests were skipped, and whether for a browser's sake
 * @property {string[]} failures what failed, a line each with the first line of why
 */

/**
 * Runs the tests and counts from the report they leave, not from what they print.
 * @param {string} root the repository
 * @param {readonly string[]} filters passed on to vitest
 * @param {string} [node] the program of another Node than this one
 * @returns {Promise<Tally>}
 */
export async function runSuite(root, filters, node) {
  const report = join(root, '.cache/vitest.json');
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run(node ?? process.execPath, [vitest, 'run', ...reporters, ...filters], {
    cwd: root,
    env: environment(node),
  });
  return tally(root, readReport(report), code);
}

/** Whatever the tests start by the name `node` is that Node too. */
function environment(node) {
  if (!node) return process.env;
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * Counts a report of vitest.
 * @param {string} root the repository
 * @param {object | undefined} report undefined when there is none
 * @param {number} code vitest's exit code
 * @returns {Tally}
 */
export function tally(root, report, code) {
  if (!report) {
    return { passed: 0, failed: 1, skipped: 0, skips: [], failures: [`the tests left no report; exit code ${code}`] };
  }
  const files = report.testResults;
  const skips = files.flatMap((file) => skipsOf(root, file));
  const failures = files.flatMap((file) => failuresOf(root, file));
  const unloaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const failed = report.numFailedTests + unloaded;
  const seen = report.numPassedTests + failed + skips.length;
  // An error outside any test, or nothing run at all, leaves only the exit code to tell.
  const untold = seen === 0 || (failed === 0 && code !== 0) ? 1 : 0;
  if (untold > 0) failures.push(`outside any test; exit code ${code}`);
  return { passed: report.numPassedTests, failed: failed + untold, skipped: skips.length, skips, failures };
}

function failuresOf(root, file) {
  if (file.status !== 'failed') return [];
  const place = relative(root, file.name);
  const line = (name, text) => `${name}: ${(text ?? '').trim().split('\n')[0]}`;
  if (file.assertionResults.length === 0) return [line(place, file.message)];
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  return failed.map(({ fullName, failureMessages }) => line(`${place}: ${fullName}`, failureMessages[0]));
}

function skipsOf(root, file) {
  const skipped = file.assertionResults.filter(({ status }) => !['passed', 'failed'].includes(status));
  if (skipped.length === 0) return [];
  const browser = /playwright|chromium/i.test(readFileSync(file.name, 'utf8'));
  return skipped.map(({ fullName }) => ({ name: `${relative(root, file.name)}: ${fullName}`, browser }));
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
