// npm run test:matrix: the tests on other versions of Node, one after another. Linux on x64 only.
//   npm run test:matrix -- [--node 22,24] [path …]     by default every version (or TEST_NODES) and every test
// The binaries come from npm packages, in a package of their own (test/matrix) that nothing else installs: 190 MB each.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './build/run.mjs';
import { nodesOf, readVersions } from './test/nodes.mjs';
import { runSuite } from './test/suite.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = join(root, 'test/matrix');
const { values: options, positionals: paths } = parseArgs({
  options: { node: { type: 'string', default: process.env.TEST_NODES ?? '' } },
  allowPositionals: true,
});

/** Brings the binaries; nothing of theirs is run. */
async function install() {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  // As part of `npm run` npm says which npm it is.
  return npm ? run(process.execPath, [npm, ...args], { cwd: home }) : run('npm', args, { cwd: home });
}

async function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('Binaries are listed for Linux on x64.');
  const nodes = nodesOf(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')), options.node);
  if (nodes.some(({ name, version }) => readVersions(home).get(name) !== version) && (await install()) !== 0) return 1;
  if ((await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'])) !== 0) return 1;
  const lines = [];
  let failures = 0;
  for (const { name, version } of nodes) {
    console.log(`== Node ${version}`);
    const program = join(home, 'node_modules', name, 'bin/node');
    const told = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
    if (told !== `v${version}`) throw new Error(`${program} is Node ${told}.`);
    const { passed, failed, skipped } = await runSuite(root, paths, program);
    failures += failed;
    lines.push(`Node ${version}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
  console.log(`\n${lines.join('\n')}`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error) => {
  console.error(error.message);
  return 1;
});
