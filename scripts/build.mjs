// npm run build: src/ → dist/. The server is emitted by tsc, never bundled; the browser's part by scripts/build-web.mjs.
// With --if-stale it does nothing when nothing changed since the last complete build.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyAssets, expectedOutputs, removeStale } from './build/outputs.mjs';
import { run } from './build/run.mjs';
import { fingerprint, lastStamp } from './build/stamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const target = join(root, 'dist');
const stampFile = join(target, '.stamp');

async function main() {
  // Taken before the build: what changes while it runs makes the result stale.
  const stamp = fingerprint(root);
  if (process.argv.includes('--if-stale') && lastStamp(stampFile) === stamp) return 0;

  const started = performance.now();
  console.log('Building the server and the pages …');
  rmSync(stampFile, { force: true });
  mkdirSync(target, { recursive: true });
  const [server, web] = await Promise.all([buildServer(), buildWeb()]);
  if (server !== 0 || web !== 0) {
    console.error(`The build failed (${server !== 0 ? 'server' : 'pages'}).`);
    return 1;
  }
  writeFileSync(stampFile, stamp);
  console.log(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  return 0;
}

async function buildServer() {
  const { compiled, assets } = expectedOutputs(source);
  removeStale(target, [...compiled, ...assets]);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const code = await run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')]);
  if (code !== 0) return code;
  copyAssets(source, target, assets);
  const missing = compiled.filter((path) => !existsSync(join(target, path)));
  if (missing.length > 0) console.error(`tsc did not emit: ${missing.join(', ')}`);
  return missing.length > 0 ? 1 : 0;
}

function buildWeb() {
  return run(process.execPath, [join(root, 'scripts/build-web.mjs')]);
}

process.exitCode = await main();
