import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Jar } from '../jar.ts';
import type { Answer, Send } from '../jar.ts';
import { freePort } from '../processes/free-port.ts';
import { httpSend } from '../processes/http-send.ts';

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
  const { send, close } = httpSend(`http://${listen}`);
  const stop = async (): Promise<void> => {
    close();
    child.kill('SIGTERM');
    await exited;
  };
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
