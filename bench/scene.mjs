// What the benches share: a private cluster with a database, server processes on it, and a place for the figures.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startCluster } from './cluster.mjs';
import { startServer } from './server.mjs';

const DATABASE = 'vestibule';
const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url));

/**
 * @typedef {{ cluster: import('./cluster.mjs').Cluster, server: import('./server.mjs').Server, db: pg.Client,
 *   databaseUrl: string,
 *   addServer: (more?: Record<string, string>) => Promise<import('./server.mjs').Server> }} Scene
 */

/**
 * Runs a bench on a private cluster with one server process, and stops everything that it started.
 * @param {(scene: Scene) => Promise<number>} work gives the exit code
 * @param {{ env?: Record<string, string>, nodeFlags?: readonly string[] }} [how] what the servers get besides
 */
export async function withScene(work, { env = {}, nodeFlags = [] } = {}) {
  // What was started ends with us, also when somebody loses patience.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const cluster = await startCluster();
  const servers = [];
  const token = randomBytes(30).toString('hex');
  try {
    await cluster.client.query(`create database ${DATABASE}`);
    const databaseUrl = cluster.url.replace('/postgres?', `/${DATABASE}?`);
    const addServer = async (more = {}) => {
      const server = await startServer({ databaseUrl, nodeFlags, token, env: { ...env, ...more } });
      servers.push(server);
      return server;
    };
    const server = await addServer();
    const db = new pg.Client({ connectionString: databaseUrl });
    await db.connect();
    try {
      return await work({ cluster, server, db, databaseUrl, addServer });
    } finally {
      await db.end();
    }
  } finally {
    for (const server of servers) await server.stop();
    await cluster.stop();
  }
}

/** What the figures were got on. */
export function machine({ version }) {
  return `${cpus().length} x ${cpus()[0]?.model}, Node ${process.versions.node}, PostgreSQL ${version}`;
}

/** Writes the figures to `.cache/bench-<name>.json`. */
export function keepFigures(name, figures) {
  const path = join(CACHE, `bench-${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`\nEverything measured is in ${join('.cache', `bench-${name}.json`)}.`);
}

/** The value below which a share of the values lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
