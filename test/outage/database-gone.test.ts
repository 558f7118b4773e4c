import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause, waitUntil } from '../../src/kernel/db/embedded/processes.ts';
import { Jar } from '../jar.ts';
import { enrollmentFlow, FLOW, INVITATIONS, invite } from '../processes/administrator.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { waitReady } from '../processes/server-process.ts';
import { startExternal } from './external.ts';
import type { External } from './external.ts';
import { startTraffic } from './traffic.ts';
import type { Client } from './traffic.ts';

const ROUNDS = testRounds(4);
const ROUND_MS = 60_000;
/** R06. Of the best round: the tests share their machine. */
const BACK_MS = 2000;
/** A statement's five seconds, as many for a connection, and what a busy machine adds. */
const DEADLINE_MS = 15_000;
const COUNTERS = 4;

type Counter = { readonly pk: string; sent: number; acknowledged: number };

let external: External;
let flow: string;
/** Somebody with a session. */
let visitor: Jar;
beforeAll(async () => {
  external = await startExternal();
  flow = await enrollmentFlow(external.admin);
  visitor = new Jar(external.server.send);
  await visitor.open(FLOW);
});
afterAll(() => external?.close());

const body = (fields: object = {}) => ({
  name: 'counter',
  flow,
  single_use: false,
  expires: '2090-01-01T00:00:00Z',
  ...fields,
});

function clients(counters: readonly Counter[]): Client[] {
  const { admin, server } = external;
  return [
    ...counters.map((counter, index) => ({
      name: `PUT ${index}`,
      async ask() {
        const number = ++counter.sent;
        const answer = await admin.ask('PUT', `${INVITATIONS}${counter.pk}/`, body({ fixed_data: { number } }));
        if (answer.status === 200) counter.acknowledged = number;
        return answer;
      },
    })),
    { name: 'GET', ask: () => admin.ask('GET', INVITATIONS) },
    { name: 'GET me', ask: () => admin.ask('GET', '/api/v3/core/users/me/') },
    { name: 'executor', ask: () => new Jar(server.send).open(FLOW) },
    page('page', () => new Jar(server.send).get('/if/flow/default-authentication-flow/')),
    page('home', () => visitor.ask('GET', '/if/user/')),
  ];
}

/** One network gets 200 pages a second (T07), and without a database each takes a few milliseconds. */
function page(name: string, ask: Client['ask']): Client {
  return { name, html: true, ask: (turn) => pause(15).then(() => ask(turn)) };
}

/** What a balancer, a client and a browser see while there is no database. */
async function lookAtOutage(): Promise<void> {
  const { server, admin } = external;
  const status = async (path: string) => (await server.send({ method: 'GET', url: path, headers: {} })).status;
  expect([await status('/-/health/live/'), await status('/-/health/ready/')]).toEqual([200, 503]);
  const api = await admin.ask('POST', INVITATIONS, body());
  expect([api.status, api.body]).toEqual([503, { detail: 'The service is not available at the moment.' }]);
  expect(Number(api.headers['retry-after'])).toBeGreaterThan(0);
  for (const path of ['/if/flow/default-authentication-flow/', '/if/user/', '/flows/-/default/authentication/', '/']) {
    const page = await visitor.ask('GET', path);
    expect([path, page.status, page.headers['content-type']]).toEqual([path, 503, 'text/html; charset=utf-8']);
    expect(page.text).toContain('We are back in a moment');
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(0);
  }
}

const ADD_JOBS = "select graphile_worker.add_job('sessions.purge') from generate_series(1, 3)";

/** Keeps the worker busy, so that every stop of the database meets jobs on their way. */
function startJobs() {
  let stopped = false;
  const adding = (async () => {
    while (!stopped) {
      await external.db.query(ADD_JOBS).catch(() => undefined);
      await pause(15);
    }
  })();
  return async (): Promise<void> => {
    stopped = true;
    await adding;
  };
}

const JOBS = 'select count(*)::int as count from graphile_worker._private_jobs';

async function jobsLeft(): Promise<number> {
  const [row] = await external.db.query<{ count: number }>(JOBS);
  return row?.count ?? -1;
}

/** Stops the database and starts it again. @returns milliseconds from when it answers to when the server is ready */
async function restartOnce(round: number): Promise<number> {
  const { postgres, server } = external;
  await postgres.stop('immediate');
  if (round % 4 === 0) await lookAtOutage();
  else await pause((round * 137) % 500);
  await postgres.start();
  const answers = performance.now();
  expect(await waitReady(server.url, ROUND_MS / 2), `not back: ${server.output()}`).toBe(true);
  return performance.now() - answers;
}

async function checkCounters(counters: readonly Counter[]): Promise<void> {
  for (const { pk, acknowledged, sent } of counters) {
    const { body: found } = await external.admin.expect(200, 'GET', `${INVITATIONS}${pk}/`);
    expect(found.fixed_data.number, 'an acknowledged PUT is lost').toBeGreaterThanOrEqual(acknowledged);
    expect(found.fixed_data.number).toBeLessThanOrEqual(sent);
  }
}

test(
  `${ROUNDS} times the database goes away under load: 503 with Retry-After, nothing hangs, nothing acknowledged is lost, and it goes on when the database is back, the worker too (R06)`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    const { admin, server, db } = external;
    const pks = await Promise.all(Array.from({ length: COUNTERS }, () => invite(admin, body())));
    const counters: Counter[] = pks.map((pk) => ({ pk, sent: 0, acknowledged: 0 }));
    const traffic = startTraffic(clients(counters));
    const stopJobs = startJobs();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      expect(await traffic.more(60, ROUND_MS / 2), `nothing is answered: ${traffic.tally.wrong.join('\n')}`).toBe(true);
      times.push(await restartOnce(round));
    }
    expect(await traffic.more(60, ROUND_MS / 2)).toBe(true);
    await Promise.all([traffic.stop(), stopJobs()]);
    const { tally } = traffic;
    const sorted = times.map(Math.round).toSorted((a, b) => a - b);
    reportFigures('database stopped at once and started again', {
      rounds: ROUNDS,
      answered: tally.answered,
      refused: tally.refused,
      wrong: tally.wrong.length,
      'slowest answer, ms': Math.round(tally.slowest),
      'back after, ms: best': sorted[0] ?? 0,
      median: sorted[Math.floor(sorted.length / 2)] ?? 0,
      worst: sorted.at(-1) ?? 0,
    });
    expect(tally.wrong).toEqual([]);
    expect(tally.refused, 'requests that met the outage').toBeGreaterThan(ROUNDS);
    expect(tally.slowest, 'milliseconds of the slowest answer').toBeLessThan(DEADLINE_MS);
    expect(sorted[0], 'milliseconds until ready again, in the best round').toBeLessThan(BACK_MS);
    await checkCounters(counters);
    // Every connection of the pool at once, and none of them is stuck.
    const all = await Promise.all(Array.from({ length: 40 }, () => admin.ask('GET', INVITATIONS)));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(await waitUntil(async () => (await jobsLeft()) === 0, ROUND_MS), `${await jobsLeft()} jobs are left`).toBe(
      true,
    );
    await db.query(ADD_JOBS);
    expect(await waitUntil(async () => (await jobsLeft()) === 0, ROUND_MS)).toBe(true);
    expect(server.output()).not.toContain('worker exited');
  },
);

test('SIGTERM while the database is away ends the server with 0 (R08)', async () => {
  const { postgres, server } = external;
  await postgres.stop('immediate');
  expect(await server.stop()).toMatchObject({ code: 0, signal: null });
});
