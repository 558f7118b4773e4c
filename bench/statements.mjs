import { readFileSync } from 'node:fs';

const SETTLE_MS = 300;
const PARAMETER = /\$(\d+) = (NULL|'((?:[^']|'')*)')/g;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @typedef {{ text: string, values: ReadonlyMap<number, string | null> }} Statement */

/** One line of PostgreSQL's JSON log as the statement that it tells of, if it does. */
function readStatement({ message = '', detail = '' }) {
  const [, text] = /^(?:execute [^:]+|statement): ([\s\S]*)$/.exec(message) ?? [];
  if (text === undefined || text.includes('graphile_worker')) return undefined;
  const values = new Map();
  for (const [, number, literal, inner] of detail.matchAll(PARAMETER)) {
    values.set(Number(number), literal === 'NULL' ? null : inner.replaceAll("''", "'"));
  }
  return { text, values };
}

function readLog(file) {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/**
 * The statements that one request really makes the server send, read from PostgreSQL's own log. The request is made
 * twice: what the first one caches does not belong to the second.
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {() => Promise<unknown>} request
 * @returns {Promise<Statement[]>}
 */
export async function statementsOf({ client, logFile }, request) {
  await client.query(`alter system set log_statement = 'all'`);
  await client.query('select pg_reload_conf()');
  await pause(SETTLE_MS);
  await request();
  await pause(SETTLE_MS / 3);
  // The server's own tasks speak in between now and then: the shortest of three is the request's alone.
  let fewest;
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = readLog(logFile).length;
    await request();
    await pause(SETTLE_MS / 3);
    const seen = readLog(logFile)
      .slice(before)
      .map(readStatement)
      .filter((statement) => statement !== undefined);
    if (!fewest || seen.length < fewest.length) fewest = seen;
  }
  await client.query('alter system reset log_statement');
  await client.query('select pg_reload_conf()');
  await pause(SETTLE_MS);
  return fewest;
}
