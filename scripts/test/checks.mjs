import { spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * @typedef {{ name: string, command: readonly string[] }} Check a program of Node that exits with 0 when all is well
 */

/**
 * The checks that come before the tests, cheapest knowledge first. What stands in one row runs at the same time.
 * @param {string} root the repository
 * @returns {Check[][]}
 */
export function staticChecks(root) {
  const tool = (path) => join(root, 'node_modules', path);
  const script = (name) => join(root, 'scripts', name);
  const tsc = tool('typescript/bin/tsc');
  return [
    [{ name: 'build', command: [script('build.mjs')] }],
    [
      { name: 'types of the server', command: [tsc, '-p', 'tsconfig.server.json'] },
      { name: 'types of the pages', command: [tsc, '-p', 'tsconfig.web.json'] },
    ],
    [{ name: 'lint', command: [tool('oxlint/bin/oxlint'), '--type-aware', '.'] }],
    [{ name: 'format', command: [tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] }],
    [
      { name: 'import rules', command: [script('import-rules.mjs')] },
      { name: 'ambient bans', command: [script('ambient-bans.mjs')] },
    ],
    [{ name: 'unused code', command: [tool('knip/bin/knip.js'), '--no-progress'] }],
  ];
}

/**
 * Runs a check; what it printed is shown only when it failed.
 * @param {string} root
 * @param {Check} check
 * @returns {Promise<boolean>} whether it passed
 */
export async function runCheck(root, { name, command }) {
  const started = performance.now();
  const { code, output } = await capture(root, command);
  const passed = code === 0;
  if (!passed) console.log(output.trimEnd());
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return passed;
}

function capture(root, command) {
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`;
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, PATH: path } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
