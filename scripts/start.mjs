// npm start: builds when something changed, then runs `vestibule serve` in the same terminal with the arguments given.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './build/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs the server and passes on the signals that end it.
 * @returns {Promise<number>} the server's exit code; 0 when it ended because it was asked to
 */
function serve() {
  const child = spawn(process.execPath, [join(root, 'dist/main.js'), 'serve', ...process.argv.slice(2)], {
    stdio: 'inherit',
    cwd: root,
  });
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      asked = true;
      // Ctrl-C reaches the whole group from the terminal; a second SIGINT would look like impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? (asked ? 0 : 1)));
  });
}

const built = await run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
process.exitCode = built === 0 ? await serve() : built;
