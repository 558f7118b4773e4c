import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { createContext, discoverFeatures } from '../../src/installation.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { createHttpServer } from '../../src/server.ts';
import { ADMIN_TOKEN, testApp } from '../app.ts';

const LIMIT = 50;
const URL_ = '/api/vestibule/v1/me/inviting';

const one = await testApp({ env: { VESTIBULE_API_RATE_LIMIT: String(LIMIT) } });

/** A second process of the installation, as far as the database can tell. */
async function other() {
  const db = openDatabase({ connection: one.connection, maxConnections: 4, log: silentLogger });
  const { config } = one.ctx;
  const ctx = await createContext({ config, log: silentLogger, db, discovery: await discoverFeatures() });
  const http = await createHttpServer({ ctx });
  afterAll(async () => {
    await http.close();
    await db.close();
  });
  const headers = { host: 'localhost', authorization: `Bearer ${ADMIN_TOKEN}` };
  return () => http.inject({ method: 'GET', url: URL_, headers });
}

const left = (header: unknown): number => Number(/;t=(\d+)/.exec(String(header))?.[1]);

test('E16 the quota of an account is one over all processes: each hears of the others', async () => {
  const ask = await other();
  // The minute must not end meanwhile.
  const rest = left((await one.api('GET', URL_)).headers['ratelimit']);
  if (rest < 25) await pause((rest + 1) * 1000);
  let served = 0;
  while ((await one.api('GET', URL_)).status === 200) served += 1;
  expect(served).toBeGreaterThanOrEqual(LIMIT - 1);
  let more = 0;
  while ((await ask()).statusCode === 200) {
    more += 1;
    expect(more, 'requests that the other process served').toBeLessThan(LIMIT / 2);
    await pause(300);
  }
  const rows = await one.ctx.db.query<{ key: string }>('select key from api_quota');
  expect(rows.map(({ key }) => key)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});
