// node scripts/ambient-bans.mjs [--root <directory>]: style rule 7. Outside the kernel nothing reads the clock, makes
// random values or calls the network by itself. Test code may call its own server, and a page the server it came from.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OUTBOUND, ambientUse, declares } from './ambient-bans/bans.mjs';
import { lineAt, parse, walk } from './source/parse.mjs';
import { countModules, isBrowserCode, isTestCode, listModules } from './source/tree.mjs';

const { values } = parseArgs({ options: { root: { type: 'string' } } });
const root = resolve(values.root ?? dirname(dirname(fileURLToPath(import.meta.url))));
const source = join(root, 'src');

/**
 * @param {string} path relative to `src`
 * @returns {string[]} one sentence for each forbidden use
 */
function usesIn(path) {
  const text = readFileSync(join(source, path), 'utf8');
  const program = parse(path, text);
  if (path.startsWith('kernel/')) return [];
  const ownFetch = isTestCode(path) || isBrowserCode(path) || declares(program, 'fetch');
  const found = [];
  walk(program, (node, parent, key) => {
    const use = ambientUse(node, parent, key);
    if (!use || (ownFetch && use.instead === OUTBOUND)) return;
    found.push(`src/${path}:${lineAt(text, node.start)} uses ${use.what}: ${use.instead}`);
  });
  return found;
}

try {
  const modules = listModules(source);
  const uses = modules.flatMap(usesIn);
  for (const use of uses) console.log(use);
  console.log(
    `Ambient bans: ${modules.length} modules read, ${countModules(source)} source files, ${uses.length} uses.`,
  );
  process.exitCode = uses.length === 0 && modules.length > 0 && modules.length === countModules(source) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
