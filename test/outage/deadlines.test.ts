import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrollmentFlow, INVITATIONS, invite } from '../processes/administrator.ts';
import { startExternal } from './external.ts';
import type { External } from './external.ts';

/** Of one statement, or of waiting for a connection. */
const DEADLINE_MS = 5000;
const LATEST_MS = 12_000;
const POOL = 3;

let external: External;
let flow: string;
beforeAll(async () => {
  external = await startExternal({ env: { VESTIBULE_DATABASE_POOL: String(POOL) } });
  flow = await enrollmentFlow(external.admin);
});
afterAll(() => external?.close());

type Timed = { readonly status: number; readonly retryAfter: number; readonly ms: number };

async function timed(ask: () => ReturnType<External['admin']['ask']>): Promise<Timed> {
  const start = performance.now();
  const { status, headers } = await ask();
  return { status, retryAfter: Number(headers['retry-after']), ms: performance.now() - start };
}

/** Holds a lock on the table of invitations, so that no change of them gets further, while `work` runs. */
async function whileLocked<T>(mode: string, work: () => Promise<T>): Promise<T> {
  return external.db
    .transaction(async (tx) => {
      await tx.query(`lock table invitation in ${mode} mode`, [], { prepare: false });
      return { result: await work() };
    })
    .then(({ result }) => result);
}

const change = (pk: string) => () =>
  external.admin.ask('PUT', `${INVITATIONS}${pk}/`, { name: 'locked', flow, fixed_data: { changed: true } });

test('a change that waits for a lock of somebody else is 503 after its deadline, others go on, and it works when the lock is gone (R07)', async () => {
  const { admin } = external;
  const pk = await invite(admin, { name: 'locked', flow, single_use: false });
  await whileLocked('share', async () => {
    const waiting = timed(change(pk));
    // Reads do not wait for it.
    await admin.expect(200, 'GET', `${INVITATIONS}${pk}/`);
    const { status, retryAfter, ms } = await waiting;
    expect([status, retryAfter > 0]).toEqual([503, true]);
    expect(ms).toBeGreaterThan(DEADLINE_MS / 2);
    expect(ms).toBeLessThan(LATEST_MS);
  });
  expect((await change(pk)()).status).toBe(200);
});

test('a search that meets its deadline says that it was too wide, another list does not (R07)', async () => {
  const { admin } = external;
  await whileLocked('access exclusive', async () => {
    const asked = ['?search=anything', '?name=anything'].map((query) => admin.ask('GET', `${INVITATIONS}${query}`));
    const [searched, listed] = await Promise.all(asked);
    expect([searched?.status, listed?.status]).toEqual([503, 503]);
    expect(JSON.stringify(searched?.body)).toContain('Search for something longer or rarer, or add a filter.');
    expect(JSON.stringify(listed?.body)).not.toContain('Search');
  });
});

test('who waits for a connection of the pool is 503 after the deadline, the process goes on, and the pool works again (R07)', async () => {
  const { admin, server } = external;
  const pk = await invite(admin, { name: 'locked', flow, single_use: false });
  await whileLocked('access exclusive', async () => {
    const holders = Array.from({ length: POOL }, () => timed(change(pk)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const late = Array.from({ length: 3 * POOL }, () => timed(() => admin.ask('GET', INVITATIONS)));
    expect((await server.send({ method: 'GET', url: '/-/health/live/', headers: {} })).status).toBe(200);
    for (const { status, retryAfter, ms } of await Promise.all([...holders, ...late])) {
      expect([status, retryAfter > 0]).toEqual([503, true]);
      expect(ms).toBeLessThan(LATEST_MS);
    }
  });
  const all = await Promise.all(Array.from({ length: 4 * POOL }, () => admin.ask('GET', INVITATIONS)));
  expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
  expect((await change(pk)()).status).toBe(200);
});

test('a page that waits for the database says so at its deadline (R07)', async () => {
  const { admin, server } = external;
  await external.db.transaction(async (tx) => {
    await tx.query('lock table flow in access exclusive mode', [], { prepare: false });
    const start = performance.now();
    const page = await server.send({ method: 'GET', url: '/if/flow/default-authentication-flow/', headers: {} });
    expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    expect(page.text).toContain('We are back in a moment');
    expect(performance.now() - start).toBeLessThan(LATEST_MS);
  });
  await admin.expect(200, 'GET', '/api/v3/flows/instances/');
});
