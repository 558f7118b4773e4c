// npm run bench: builds when something changed, then measures. Arguments are passed on, see bench/put-invitation.mjs.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './build/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
const bench = [join(root, 'bench/put-invitation.mjs'), ...process.argv.slice(2)];
process.exitCode = built === 0 ? await run(process.execPath, bench) : built;
