import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { workplace } from './run-cli.ts';

const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;
const running = new Set<ReturnType<typeof spawn>>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

async function serve(delay: number, place = workplace()) {
  const { env, url } = await place;
  const settings = { ...env, VESTIBULE_SHUTDOWN_DELAY: String(delay), VESTIBULE_LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [MAIN, 'serve'], { env: settings, stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  await once(child.stdout, 'data');
  return { child, place, url, port: Number(new URL(url).port) };
}

/** Begins a request and leaves its body unfinished. `finish` sends the rest; out: everything that was answered. */
async function beginSlowly(port: number) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const body = JSON.stringify({ component: 'ak-stage-identification', uid_field: 'nobody' });
  const head = 'POST /api/v3/flows/executor/default-authentication-flow/?query= HTTP/1.1\r\nHost: localhost\r\n';
  socket.write(`${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
  // Long enough for the server to have begun.
  await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    async finish(): Promise<string> {
      const ended = once(socket, 'close');
      socket.write(body.slice(10));
      await ended;
      return text;
    },
  };
}

test('R08 after SIGTERM the server is not ready at once, serves on for a while, then exits with 0', async () => {
  const { child, url } = await serve(2);
  expect((await fetch(`${url}/-/health/ready/`)).status).toBe(200);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const ready = await fetch(`${url}/-/health/ready/`);
  expect([ready.status, await ready.text()]).toEqual([503, 'The server is stopping.\n']);
  const served = await fetch(`${url}/api/v3/root/config/`);
  expect(served.status).toBe(200);
  expect(served.headers.get('connection')).toBe('close');
  expect(await exit).toEqual([0, null]);
});

test('R08 a request under way at SIGTERM is answered, its connection closed, and the exit code is 0', async () => {
  const { child, port } = await serve(0);
  const slow = await beginSlowly(port);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(child.exitCode).toBeNull();
  const answer = await slow.finish();
  expect(answer).toMatch(/^HTTP\/1\.1 (200|302) /);
  expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
  expect(await exit).toEqual([0, null]);
});

test.each([
  ['has said nothing', ''],
  ['has not finished its header', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
])('R08 a connection that %s holds up no stop: the exit code is 0', async (_what, said) => {
  const { child, port } = await serve(0);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(said, resolve));
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('R08 a second SIGTERM ends the process at once', async () => {
  const { child, place, port } = await serve(0);
  await beginSlowly(port);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill('SIGTERM');
  expect(await exit).toEqual([1, null]);
  // It left its database running, which the next server takes over and stops.
  const next = await serve(0, place);
  const ended = once(next.child, 'exit');
  next.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
