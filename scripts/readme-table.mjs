// node scripts/readme-table.mjs [--check]: writes the table of variables into README.md, from the built configuration
// schema. With --check it writes nothing and exits with 1 when the table is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BEGIN = '<!-- prettier-ignore-start -->\n';
const END = '<!-- prettier-ignore-end -->\n';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'README.md');

async function main() {
  const { describeVariables } = await import(join(root, 'dist/kernel/config/config.js'));
  const readme = readFileSync(file, 'utf8');
  const [before, rest] = split(readme, BEGIN);
  const [, after] = split(rest, END);
  const current = `${before}${BEGIN}\n${describeVariables()}\n${END}${after}`;
  if (current === readme) return 0;
  if (process.argv.includes('--check')) {
    console.error('The table of variables in README.md is not current: node scripts/readme-table.mjs writes it.');
    return 1;
  }
  writeFileSync(file, current);
  return 0;
}

function split(text, mark) {
  const at = text.indexOf(mark);
  if (at < 0 || text.indexOf(mark, at + 1) >= 0) throw new Error(`README.md has not exactly one ${mark.trim()}.`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

process.exitCode = await main();
