import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url));

/** @typedef {{ method: string, path: string, body?: string }} Request one for each connection */
/** @typedef {{ count: number, perSecond: number, p50: number, p99: number, failures: readonly string[] }} Seen */

function rawRequest({ port, token }, { method, path, body }) {
  const head = [`${method} ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`, `authorization: Bearer ${token}`];
  if (body !== undefined) head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/**
 * Our own generator, in a process of its own. The connections go to the servers by turns.
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {readonly Request[]} requests
 * @param {number | { seconds: number, rate?: number }} time seconds; with `rate` so many a second at the most
 * @returns {Promise<Seen>}
 */
export function lean(servers, requests, time) {
  const { seconds, rate } = typeof time === 'number' ? { seconds: time } : time;
  const child = fork(LOAD, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    let seen;
    child.once('message', (message) => (seen = message));
    child.once('error', reject);
    // Not before its end, so that its CPU time is known.
    child.once('exit', (code) => (seen ? resolve(seen) : reject(new Error(`The load generator ended with ${code}.`))));
    const raw = requests.map((request, index) => rawRequest(servers[index % servers.length], request));
    child.send({ ports: servers.map(({ port }) => port), requests: raw, seconds, rate });
  });
}

/** The same with autocannon, to see that the result does not depend on the generator; a generator for each server. */
export async function cannon(servers, requests, seconds) {
  const parts = await Promise.all(
    servers.map((server, at) =>
      fire(
        server,
        requests.filter((_, index) => index % servers.length === at),
        seconds,
      ),
    ),
  );
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
  const worst = (key) => Math.max(...parts.map((part) => part[key]));
  const failures = parts.flatMap((part) => part.failures);
  return { count: sum('count'), perSecond: sum('perSecond'), p50: worst('p50'), p99: worst('p99'), failures };
}

async function fire(server, requests, seconds) {
  let next = 0;
  const result = await autocannon({
    url: server.url,
    connections: requests.length,
    duration: seconds,
    setupClient(client) {
      const { method, path, body } = requests[next++ % requests.length];
      const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
      client.setRequest({ method, path, headers, ...(body === undefined ? {} : { body }) });
    },
  });
  const { p50, p99 } = result.latency;
  const failures = result.non2xx + result.errors > 0 ? [`${result.non2xx} non-2xx, ${result.errors} errors`] : [];
  return { count: result['2xx'], perSecond: result['2xx'] / result.duration, p50, p99, failures };
}
