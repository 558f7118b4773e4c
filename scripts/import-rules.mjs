// node scripts/import-rules.mjs [--root <directory>]: checks the import rules of src/ (ARCHITECTURE.md), types included.
// Fails on a violation, and when it did not read every module that there is.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkTree } from './import-rules/check-tree.mjs';

const { values } = parseArgs({ options: { root: { type: 'string' } } });
const root = resolve(values.root ?? dirname(dirname(fileURLToPath(import.meta.url))));

try {
  const { violations, read, present } = checkTree(root);
  for (const { rule, file, line, target } of violations) {
    console.log(`rule ${rule}  src/${file}:${line} → ${target}`);
  }
  console.log(`Import rules: ${read} modules read, ${present} source files, ${violations.length} violations.`);
  if (read === 0) console.error('No module was read: nothing was checked.');
  if (read !== present) console.error('The numbers differ: some files were not checked.');
  process.exitCode = violations.length === 0 && read > 0 && read === present ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
