import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Send } from '../jar.ts';
import { freePort } from './free-port.ts';
import { httpSend } from './http-send.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const READY_MS = 60_000;
const LOOK_EVERY_MS = 20;
const STOP_MS = 30_000;

/** How the product's process ended. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly at: number };

/** A process of the built product, as an administrator runs it. Times are of `performance.now()`, in milliseconds. */
export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  readonly started: number;
  readonly send: Send;
  /** What it wrote so far, both streams. */
  output(): string;
  readonly exited: Promise<Exit>;
  /** Resolves with the milliseconds from the start of the process to its first `ready`. Rejects when it ended. */
  ready(): Promise<number>;
  /** SIGTERM, and SIGKILL if that does not help. */
  stop(): Promise<Exit>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<Exit>;
};

export type ServerSettings = {
  readonly dataDir: string;
  /** More environment variables, by their full names. */
  readonly env?: Readonly<Record<string, string>>;
  /** By how many milliseconds its clock is wrong; negative: it is slow. */
  readonly clockShift?: number;
};

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The environment of a child: ours without what configures the product or the test runner. */
function environment({ dataDir, env }: ServerSettings, port: number): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VESTIBULE_|VITEST|NODE_OPTIONS|NODE_ENV)/.test(name));
  return {
    ...Object.fromEntries(kept),
    VESTIBULE_LISTEN: `127.0.0.1:${port}`,
    VESTIBULE_DATA_DIR: dataDir,
    VESTIBULE_LOG_FORMAT: 'json',
    VESTIBULE_LOG_LEVEL: 'warn',
    ...env,
  };
}

function clock({ clockShift }: ServerSettings): string[] {
  if (clockShift === undefined) return [];
  return ['--import', `${new URL('shifted-clock.mjs', import.meta.url).href}?ms=${clockShift}`];
}

/** Runs a command of the built product, `serve` for instance. @throws when the product is not built */
export function startProcess(args: readonly string[], env: NodeJS.ProcessEnv, nodeOptions: readonly string[] = []) {
  if (!existsSync(MAIN)) throw new Error('The product is not built: run npm run build first.');
  const started = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, at: performance.now() });
    });
  });
  return { child, started, exited, output: () => text };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/-/health/ready/`, { signal: AbortSignal.timeout(2000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** Looks until the server says that it is ready. @returns whether it did within that many milliseconds */
export async function waitReady(url: string, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!(await isReady(url))) {
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

/** Starts `serve` on a free port; does not wait until it is ready. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { child, started, exited, output } = startProcess(['serve'], environment(settings, port), clock(settings));
  const http = httpSend(url);
  const end = (signal: NodeJS.Signals): Promise<Exit> => {
    http.close();
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  const died = exited.then(({ code, signal }) => {
    throw new Error(`The server ended (${code ?? signal}) and said:\n${output()}`);
  });
  died.catch(() => undefined);
  return {
    url,
    pid: child.pid ?? 0,
    started,
    send: http.send,
    output,
    exited,
    async ready() {
      const inTime = await Promise.race([waitReady(url, READY_MS), died]);
      if (!inTime) throw new Error(`The server is not ready after ${READY_MS} ms and said:\n${output()}`);
      return performance.now() - started;
    },
    stop() {
      const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      return end('SIGTERM').finally(() => clearTimeout(impatient));
    },
    kill: () => end('SIGKILL'),
  };
}
