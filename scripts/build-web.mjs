// Builds the flow pages: browser files in dist/web/flow/assets with their manifest, and the same components for the
// server in dist/web/flow/server/entry-server.js. Fails when the browser's part is over its budget or holds Node code.
// node scripts/build-web.mjs [target folder]
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const BUDGET = 40_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = resolve(process.argv[2] ?? join(root, 'dist/web/flow'));
// Built beside the target and moved there when all is well: a running server never sees half a build.
const work = `${target}.${process.pid}.tmp`;

async function main() {
  const common = { root, logLevel: 'warn', configFile: join(root, 'vite.config.ts') };
  await Promise.all([
    build({ ...common, build: { outDir: work, emptyOutDir: false } }),
    build({
      ...common,
      build: { outDir: join(work, 'server'), emptyOutDir: false, ssr: 'src/web/flow/entry-server.tsx' },
    }),
  ]);
  const { size, faults } = inspect(join(work, 'assets'));
  if (faults.length > 0) {
    for (const fault of faults) console.error(`Pages: ${fault}`);
    return 1;
  }
  mkdirSync(target, { recursive: true });
  for (const part of ['assets', 'server', 'manifest.json']) {
    rmSync(join(target, part), { recursive: true, force: true });
    renameSync(join(work, part), join(target, part));
  }
  console.log(`Pages: ${(size / 1000).toFixed(1)} kB of JavaScript, compressed.`);
  return 0;
}

function inspect(folder) {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const sources = scripts.map((name) => ({ name, source: readFileSync(join(folder, name)) }));
  const size = sources.reduce((sum, { source }) => sum + gzipSync(source).length, 0);
  const faults = sources
    .filter(({ source }) => source.includes('node:'))
    .map(({ name }) => `${name} contains a node: module.`);
  if (sources.length === 0) faults.push('no browser code was built.');
  if (size > BUDGET) faults.push(`${size} bytes of compressed JavaScript, ${BUDGET} are allowed.`);
  return { size, faults };
}

try {
  process.exitCode = await main();
} finally {
  rmSync(work, { recursive: true, force: true });
}
