// npm run bench[:<name>]: builds when something changed, then measures with `bench/<name>.mjs`. Arguments are passed on.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './build/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name, ...args] = process.argv.slice(2);
const built = await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
const bench = [join(root, 'bench', `${name}.mjs`), ...args];
process.exitCode = built === 0 ? await run(process.execPath, bench) : built;
