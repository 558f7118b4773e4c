// npm run campaign:events -- [--rows 10000000] [--plans]: builds when something changed, fills the audit log of a private
// PostgreSQL, and tells how long each question that the API asks of it takes. docs/performance-events.md
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './build/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
const campaign = [join(root, 'bench/events.mjs'), ...process.argv.slice(2)];
process.exitCode = built === 0 ? await run(process.execPath, campaign) : built;
