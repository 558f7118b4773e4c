import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, startProcess } from '../processes/server-process.ts';
import { createInstallation } from './installation.ts';
import type { Installation } from './installation.ts';

// R04. The time that Node takes to load the program is taken off: a command that opens no database tells it.
const REFUSAL_MS = 1000;
const TRIES = 3;

let installation: Installation;

beforeAll(async () => {
  installation = await createInstallation();
  await installation.start();
});

afterAll(() => installation?.close());

async function timeToLoad(): Promise<number> {
  const { started, exited } = startProcess(['features'], process.env);
  const { code, at } = await exited;
  expect(code).toBe(0);
  return at - started;
}

test('a second server on the same data directory stops within 1 s and says why, and the first serves on (R04)', async () => {
  const { dataDir, server } = installation;
  const refusals: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const loading = await timeToLoad();
    const second = await startServer({ dataDir });
    const { code, at } = await second.exited;
    refusals.push(at - second.started - loading);
    expect(code).toBe(1);
    expect(second.output()).toContain(`${dataDir} is in use by another Vestibule (process ${server().pid})`);
  }
  expect(Math.min(...refusals), `milliseconds: ${refusals.join(', ')}`).toBeLessThan(REFUSAL_MS);
  await installation.admin.expect(200, 'GET', '/api/v3/core/users/me/');
});
