import { spawn, execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const PACKAGES = '/usr/lib/postgresql';
const USER = 'postgres';
const START_MS = 30_000;

// Durable, as an administrator has it; the rest is PostgreSQL's default. The JSON log shows what the server is asked.
const SETTINGS = {
  synchronous_commit: 'on',
  fsync: 'on',
  full_page_writes: 'on',
  logging_collector: 'on',
  log_destination: 'jsonlog',
  log_filename: 'log',
  log_timezone: 'UTC',
};

/** @typedef {{ bin: string, host: string, port: number, pid: number, url: string, version: string, logFile: string, client: pg.Client, stop: () => Promise<void> }} Cluster */

/** The directory of the newest installed server's programs. Throws when there is none. */
function findBinaries() {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(PACKAGES, version, 'bin'));
  const bin = found.find((path) => ['postgres', 'initdb', 'pgbench'].every((name) => existsSync(join(path, name))));
  if (!bin) throw new Error('The benchmark needs a PostgreSQL server with pgbench: apt-get install postgresql');
  return bin;
}

/** Whom the server runs as: PostgreSQL refuses root. */
function account() {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${USER}:`));
  if (!line) throw new Error('The benchmark runs PostgreSQL as the user postgres, who does not exist here.');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** A TCP port nobody uses now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function connect(url) {
  const end = performance.now() + START_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Makes and starts a private PostgreSQL on the loopback address, with everything durable on.
 * @returns {Promise<Cluster>}
 */
export async function startCluster() {
  const bin = findBinaries();
  const as = account();
  const directory = mkdtempSync(join(tmpdir(), 'vestibule-bench-'));
  if (as.uid !== undefined) chownSync(directory, as.uid, as.gid);
  const data = join(directory, 'data');
  const options = { cwd: directory, stdio: 'ignore', ...as };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', USER, '--auth=trust', '-E', 'UTF8', '--locale=C'], options);
  const port = await freePort();
  const lines = Object.entries({ ...SETTINGS, port, unix_socket_directories: directory }).map(
    ([name, value]) => `${name} = '${value}'`,
  );
  writeFileSync(join(data, 'postgresql.conf'), `${lines.join('\n')}\n`, { flag: 'a' });
  const child = spawn(join(bin, 'postgres'), ['-D', data], options);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGQUIT'));
  // Both the server and pgbench come by the socket, as they would on one machine.
  const url = `postgres://${USER}@localhost:${port}/postgres?host=${encodeURIComponent(directory)}`;
  const client = await connect(url);
  const { rows } = await client.query('show server_version');
  return {
    bin,
    port,
    host: directory,
    url,
    client,
    pid: child.pid,
    version: rows[0].server_version,
    logFile: join(data, 'log', 'log.json'),
    async stop() {
      await client.end();
      child.kill('SIGINT');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
