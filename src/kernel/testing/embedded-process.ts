import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const ENTRY = join(REPOSITORY, 'src/kernel/db/embedded/index.ts');

const PROGRAM = `
import { startEmbedded } from './kernel/db/embedded/index.js';
const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };
try {
  const { connection, firstStart, pid, stop } = await startEmbedded({ dataDir: process.argv[2], log });
  process.stdin.once('data', async () => { await stop(); process.exit(0); });
  say({ connection, firstStart, pid });
} catch ({ name, message, ownerPid }) {
  say({ error: name, message, ownerPid });
  process.exitCode = 1;
}
`;

/** What the program said: that it serves, or why it does not. */
export type Said = {
  readonly connection?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  readonly firstStart?: boolean;
  readonly pid?: number;
  readonly error?: string;
  readonly message?: string;
  readonly ownerPid?: number;
};

/** A running Vestibule reduced to its database: what it said, and its process. */
export type EmbeddedProcess = { readonly said: Said; readonly child: ChildProcess; stop(): Promise<void> };

/**
 * Compiles the embedded launcher into a directory, with a program that starts it, to be run in processes of its own.
 * `node_modules` there is a link to ours, unless it exists.
 */
export async function compileEmbedded(directory: string): Promise<void> {
  const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  const flags = '--module nodenext --target es2023 --rewriteRelativeImportExtensions --skipLibCheck --types node';
  const places = ['--rootDir', join(REPOSITORY, 'src'), '--outDir', directory];
  execFileSync(process.execPath, [tsc, '--ignoreConfig', ENTRY, ...flags.split(' '), ...places], { cwd: REPOSITORY });
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await writeFile(join(directory, 'program.js'), PROGRAM);
  await mkdir(directory, { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(directory, 'node_modules')).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/** Runs the compiled program on a data directory, in a process group of its own, until it says how that went. */
export async function runEmbedded(compiled: string, dataDir: string): Promise<EmbeddedProcess> {
  const child = spawn(process.execPath, [join(compiled, 'program.js'), dataDir], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => undefined); // it may have ended by itself
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = await new Promise<Said>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`The program ended with ${code} and said nothing.`)));
  });
  return {
    said,
    child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.stdin.write('stop\n');
      await exited;
    },
  };
}
