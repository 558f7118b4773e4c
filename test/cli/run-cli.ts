import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { freePort } from '../processes/free-port.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export type CliResult = { readonly code: number | null; readonly out: string; readonly err: string };

/** A data directory of its own and the environment of somebody who works there; removed after the file's tests. */
export async function workplace(): Promise<{ env: Record<string, string>; dataDir: string; url: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'vestibule-cli-'));
  afterAll(() => rm(parent, { recursive: true, force: true }));
  const dataDir = join(parent, 'data');
  const listen = `127.0.0.1:${await freePort()}`;
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, VESTIBULE_DATA_DIR: dataDir, VESTIBULE_LISTEN: listen, VESTIBULE_LOG_LEVEL: 'warn' };
  return { env, dataDir, url: `http://${listen}` };
}

/** Runs one command of the built product to its end. */
export function cli(env: Record<string, string>, words: readonly string[], input = ''): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

/** Serves until it says where it listens, and stops it: a new installation, as an administrator makes one. Out: what it printed. */
export async function setUp(env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
      if (out.includes('listens on')) resolve();
    });
    child.once('close', () => reject(new Error(`The server ended: ${err}`)));
  });
  child.kill('SIGTERM');
  await ended;
  return out;
}
