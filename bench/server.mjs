import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './cluster.mjs';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const READY_MS = 30_000;
const SECRET_KEY = randomBytes(32).toString('hex');

/** @typedef {{ port: number, pid: number, url: string, token: string, readyMs: number, send: (method: string, path: string, what?: { body?: string, type?: string }) => Promise<string>, ask: (method: string, path: string, json?: unknown) => Promise<any>, stop: () => Promise<void> }} Server */

async function waitReady(url, output) {
  const end = performance.now() + READY_MS;
  for (;;) {
    const answer = await fetch(`${url}/-/health/ready/`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > end) throw new Error(`The server does not get ready:\n${readFileSync(output, 'utf8')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Starts a process of ours on a database, with the configuration that an administrator has without thinking.
 * @param {'serve' | 'worker'} command
 * @param {{ databaseUrl: string, nodeFlags?: readonly string[], token?: string, main?: string,
 *   env?: Record<string, string> }} options `main`: the program of another version, to measure it beside this one
 */
export async function startProcess(command, options) {
  const { databaseUrl, nodeFlags = [], token = randomBytes(30).toString('hex'), env = {}, main = MAIN } = options;
  const directory = mkdtempSync(join(tmpdir(), 'vestibule-bench-'));
  const port = await freePort();
  const output = join(directory, 'output');
  const file = openSync(output, 'w');
  const child = spawn(process.execPath, [...nodeFlags, main, command], {
    env: {
      PATH: process.env.PATH,
      VESTIBULE_LISTEN: `127.0.0.1:${port}`,
      VESTIBULE_DATA_DIR: directory,
      VESTIBULE_DATABASE_URL: databaseUrl,
      VESTIBULE_BOOTSTRAP_TOKEN: token,
      // The processes of a run share a database.
      VESTIBULE_SECRET_KEY: SECRET_KEY,
      ...env,
    },
    stdio: ['ignore', file, file],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let stopped = false;
  return {
    port,
    token,
    output,
    pid: child.pid,
    async stop() {
      if (stopped) return;
      stopped = true;
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Starts one server process; see {@link startProcess}.
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const start = performance.now();
  const { port, token, output, pid, stop } = await startProcess('serve', options);
  const url = `http://127.0.0.1:${port}`;
  await waitReady(url, output);
  const readyMs = performance.now() - start;
  async function send(method, path, { body, type = 'application/json' } = {}) {
    const headers = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = type;
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text;
  }
  return {
    /** From the start of the process until it said that it is ready, in steps of 50 ms. */
    readyMs,
    port,
    url,
    token,
    pid,
    send,
    async ask(method, path, json) {
      return JSON.parse(await send(method, path, json === undefined ? {} : { body: JSON.stringify(json) }));
    },
    stop,
  };
}
