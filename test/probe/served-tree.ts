import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Jar } from '../jar.ts';
import type { Answer, Send } from '../jar.ts';

const TOKEN = 'probe-admin-token-0123456789';

const START_LIMIT_MS = 60_000;

export type ServedTree = {
  /** Of the embedded database. */
  readonly dataDir: string;
  /** A fresh browser. */
  jar(): Jar;
  /** One API request with the administrator's token. */
  api(method: string, path: string, json?: unknown): Promise<Answer>;
  stop(): Promise<void>;
};

/** Starts the built server of a tree in a process of its own, on a fresh embedded database and a free port. */
export async function serveTree(root: string): Promise<ServedTree> {
  const dataDir = join(root, 'data');
  const listen = `127.0.0.1:${await freePort()}`;
  const foreign = Object.entries(process.env).filter(([name]) => !name.startsWith('VESTIBULE_'));
  const env = {
    ...Object.fromEntries(foreign),
    VESTIBULE_DATA_DIR: dataDir,
    VESTIBULE_LISTEN: listen,
    VESTIBULE_BOOTSTRAP_TOKEN: TOKEN,
    VESTIBULE_LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, [join(root, 'dist/main.js'), 'serve'], { cwd: root, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const send = sender(`http://${listen}`);
  try {
    await untilReady(send, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw new Error(`The server did not become ready:\n${output}`, { cause: error });
  }
  return {
    dataDir,
    jar: () => new Jar(send),
    api: (method, path, json) =>
      new Jar(send).ask(method, path, {
        headers: { authorization: `Bearer ${TOKEN}` },
        ...(json === undefined ? {} : { json }),
      }),
    stop,
  };
}

async function untilReady(send: Send, ended: () => boolean): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit && !ended()) {
    const answer = await send({ method: 'GET', url: '/-/health/ready/', headers: {} }).catch(() => undefined);
    if (answer?.status === 200 || answer?.status === 204) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(ended() ? 'It ended.' : 'It was not ready in time.');
}

function sender(origin: string): Send {
  return async ({ method, url, headers, payload }) => {
    const body = payload === undefined ? {} : { body: String(payload) };
    const response = await fetch(new URL(url, origin), { method, headers, redirect: 'manual', ...body });
    const text = await response.text();
    return {
      status: response.status,
      headers: { ...Object.fromEntries(response.headers), 'set-cookie': response.headers.getSetCookie() },
      text,
      body: parsed(text),
    };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}
