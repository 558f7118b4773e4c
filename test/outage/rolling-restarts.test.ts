import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../../src/kernel/db/embedded/processes.ts';
import { testDatabase } from '../../src/kernel/testing/database.ts';
import type { TestDatabase } from '../../src/kernel/testing/database.ts';
import { administrator, bootstrap, enrollmentFlow, FLOW, INVITATIONS, invite } from '../processes/administrator.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { reportFigures, testRate, testRounds } from '../processes/rounds.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import type { Backend, Balancer, Sent } from './balancer.ts';
import { startBalancer, startStream } from './balancer.ts';

const ROUNDS = testRounds(3);
const PER_SECOND = testRate(60);
/** As docs/operation.md advises behind a balancer; the short form has less to send and less time. */
const DELAY_SECONDS = PER_SECOND > 100 ? 5 : 2;
const PROCESSES = 2;
const ROUND_MS = 60_000;

/** A place behind the balancer, and the process that has it now. */
type Slot = Backend & { server: ServerProcess };

let directory: string;
let database: TestDatabase;
let token: string;
let start: () => Promise<ServerProcess>;
const slots: Slot[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vestibule-rolling-'));
  database = await testDatabase();
  const { token: secret, env: secrets } = bootstrap();
  token = secret;
  const env = {
    ...secrets,
    VESTIBULE_DATABASE_URL: databaseUrl(database.connection),
    VESTIBULE_DATABASE_POOL: '5',
    // As long as the balancer takes to notice, with plenty to spare on a busy machine.
    VESTIBULE_SHUTDOWN_DELAY: String(DELAY_SECONDS),
  };
  start = async () => {
    const server = await startServer({ dataDir: directory, env });
    await server.ready();
    return server;
  };
  for (let index = 0; index < PROCESSES; index++) {
    const server = await start();
    slots.push({ server, url: server.url });
  }
});
afterAll(async () => {
  await Promise.all(slots.map(({ server }) => server.kill()));
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

/** What a client of each sort asks, by turns. */
async function requests(): Promise<readonly Sent[]> {
  const [first] = slots;
  if (!first) throw new Error('No server was started.');
  const admin = administrator(() => first.server.send, token);
  const flow = await enrollmentFlow(admin);
  const pk = await invite(admin, { name: 'rolling', flow, single_use: false });
  const headers = { authorization: `Bearer ${token}` };
  const body = JSON.stringify({ name: 'rolling', flow, fixed_data: { changed: true } });
  const put = { ...headers, 'content-type': 'application/json', 'content-length': String(body.length) };
  return [
    { method: 'GET', path: INVITATIONS, headers },
    { method: 'PUT', path: `${INVITATIONS}${pk}/`, headers: put, body },
    { method: 'GET', path: `/api/v3/flows/executor/${FLOW}/?query=` },
    { method: 'GET', path: '/if/flow/default-authentication-flow/' },
  ];
}

async function restart(slot: Slot, balancer: Balancer): Promise<void> {
  expect(await slot.server.stop()).toMatchObject({ code: 0, signal: null });
  slot.server = await start();
  slot.url = slot.server.url;
  expect(await waitUntil(() => balancer.isReady(slot), ROUND_MS / 2), 'the balancer never sees it ready').toBe(true);
}

test(
  `${ROUNDS} rolling restarts of ${PROCESSES} processes behind a balancer that asks for readiness drop none of ${PER_SECOND} requests a second (R08)`,
  { timeout: ROUNDS * PROCESSES * ROUND_MS },
  async () => {
    const balancer = startBalancer(slots);
    const wanted = await requests();
    expect(await waitUntil(() => slots.every(balancer.isReady), ROUND_MS / 2)).toBe(true);
    const stream = startStream(PER_SECOND, (turn) => {
      const next = wanted[turn % wanted.length];
      return next ? balancer.send(next) : Promise.resolve();
    });
    for (let round = 0; round < ROUNDS; round++) for (const slot of slots) await restart(slot, balancer);
    await stream.stop();
    balancer.close();
    const { sent, answered, droppedCount, dropped, slowest } = balancer.tally;
    reportFigures('rolling restarts of two processes', {
      rounds: ROUNDS,
      'requests a second': PER_SECOND,
      sent,
      answered,
      dropped: droppedCount,
      'slowest answer, ms': Math.round(slowest),
    });
    expect(dropped).toEqual([]);
    expect(answered).toBe(sent);
    expect(sent, 'requests during the restarts').toBeGreaterThan(ROUNDS * PROCESSES * PER_SECOND);
  },
);
