import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openServer } from '../../src/installation.ts';
import { loadConfig } from '../../src/kernel/config/config.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { cli, setUp, workplace } from './run-cli.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const running = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  running.clear();
});

type Served = { readonly child: ChildProcess; readonly out: () => string; readonly err: () => string };

/** Serves until it says where it listens and answers that it is ready. */
async function serve(env: Record<string, string>, url: string): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  while (!out.includes('listens on')) {
    if (child.exitCode !== null) throw new Error(`The server ended: ${err}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const ready = await fetch(`${url}/-/health/ready/`);
  expect(await ready.text()).toBe('ready\n');
  return { child, out: () => out, err: () => err };
}

async function terminate({ child }: Served): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await exit;
  return code;
}

test('the first start prints where it listens, a set-up link and an invitation; a later one no secret', async () => {
  const { env, dataDir, url } = await workplace();
  const first = await serve(env, url);
  expect(first.err()).not.toContain('worker');
  // Every Node that is supported knows what we set.
  expect(first.err()).not.toContain('unrecognized');
  expect(first.out()).toContain(`Vestibule listens on ${url}\n`);
  expect(first.out()).toMatch(/\/if\/flow\/initial-setup\/\?flow_token=\w{60}\n/);
  expect(first.out()).toMatch(/\/if\/flow\/invitation-enrollment-flow\/\?itoken=[-0-9a-f]{36}\n/);
  expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600);
  expect(await terminate(first)).toBe(0);

  const second = await serve(env, url);
  expect(second.out()).toBe(`Vestibule listens on ${url}\n`);
  expect(await terminate(second)).toBe(0);
});

test('with the bootstrap variables no set-up link is printed, and the token works', async () => {
  const { env, url } = await workplace();
  const token = 'a-bootstrap-token-of-some-length';
  const given = {
    VESTIBULE_BOOTSTRAP_EMAIL: 'root@example.org',
    VESTIBULE_BOOTSTRAP_PASSWORD: 'a long password',
    VESTIBULE_BOOTSTRAP_TOKEN: token,
  };
  const server = await serve({ ...env, ...given }, url);
  expect(server.out()).not.toContain('flow_token');
  expect(server.out() + server.err()).not.toContain(token);
  const me = await fetch(`${url}/api/v3/core/users/me/`, { headers: { authorization: `Bearer ${token}` } });
  const person = { username: 'akadmin', email: 'root@example.org', is_superuser: true };
  expect(await me.json()).toMatchObject({ user: person });
});

test('commands work beside a running server', async () => {
  const { env, url } = await workplace();
  await serve(env, url);
  const { code, out, err } = await cli(env, ['invite', '--name', 'carol']);
  expect({ code, err }).toMatchObject({ code: 0 });
  const page = await fetch(out.trim());
  expect(await page.text()).toContain('Accept the invitation');
});

test('a database set up with another secret key is refused, with the reason', async () => {
  const { env, url } = await workplace();
  const first = await serve({ ...env, VESTIBULE_SECRET_KEY: 'one-secret-key-of-enough-characters-0001' }, url);
  await terminate(first);
  const other = { ...env, VESTIBULE_SECRET_KEY: 'another-secret-key-of-enough-characters-2' };
  const { code, err } = await cli(other, ['serve']);
  expect(code).toBe(1);
  expect(err).toContain('VESTIBULE_SECRET_KEY');
  expect(err).not.toContain('another-secret-key');
});

/** Asks the embedded database of a place where nothing runs. */
async function query(dataDir: string, sql: string): Promise<unknown> {
  const server = await openServer({ config: loadConfig({ VESTIBULE_DATA_DIR: dataDir }), log: silentLogger });
  const db = openDatabase({ connection: server.connection, log: silentLogger });
  const rows = await db.query(sql);
  await db.close();
  await server.stop();
  return rows;
}

test('without the secret key of its database serve makes no new one, migrates nothing, and says what to do', async () => {
  const { env, dataDir } = await workplace();
  await setUp(env);
  const key = join(dataDir, 'secret.key');
  await rename(key, `${key}.away`);
  // What a start would change first.
  await query(dataDir, `delete from vestibule_migration where name like '%create-invitation'`);
  const count = 'select count(*)::int as n from vestibule_migration';
  const before = [await readdir(dataDir), await query(dataDir, count)];
  for (const words of [['serve'], ['worker'], ['invite', '--name', 'x']]) {
    const { code, out, err } = await cli(env, words);
    expect({ words, code, out }).toEqual({ words, code: 1, out: '' });
    expect(err).toContain('put secret.key back');
  }
  const wrong = await cli({ ...env, VESTIBULE_SECRET_KEY: 'another-secret-key-of-enough-characters-3' }, ['serve']);
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.err).toContain('is not the key');
  expect([await readdir(dataDir), await query(dataDir, count)]).toEqual(before);
  // With it the start goes as far as before: to the migration that was taken out.
  await rename(`${key}.away`, key);
  expect((await cli(env, ['serve'])).err).toContain('migration');
});
