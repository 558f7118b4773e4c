import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../../src/kernel/db/embedded/processes.ts';
import { freeDead } from '../../src/kernel/tasks/store.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { DATABASE, startExternal } from './external.ts';
import type { External } from './external.ts';

const SECRET = { VESTIBULE_SECRET_KEY: 'the same in both processes, 32 characters' };
const PATIENCE_MS = 30_000;

let external: External;
let dataDir: string;
let other: ServerProcess | undefined;
beforeAll(async () => {
  external = await startExternal({ env: SECRET });
  dataDir = await mkdtemp(join(tmpdir(), 'vestibule-killed-'));
});
afterAll(async () => {
  await other?.stop();
  await external?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const WORK = `select count(*)::integer as count from graphile_worker.jobs where key = 'killed'`;
const count = async (condition: string): Promise<number | undefined> =>
  (await external.db.query<{ count: number }>(`${WORK} and ${condition}`))[0]?.count;

async function reach(condition: string, wanted: number): Promise<void> {
  await waitUntil(async () => (await count(condition)) === wanted, PATIENCE_MS);
  expect(await count(condition)).toBe(wanted);
}

test('the job of a worker that was killed runs in another, and no living worker loses one (R09)', async () => {
  const { db, postgres, server } = external;
  // The task waits for the table that the test holds.
  await db.transaction(async (tx) => {
    await tx.query('lock table limit_window in access exclusive mode');
    await db.query(`select graphile_worker.add_job('limits.purge', job_key => 'killed')`);
    await reach('locked_at is not null', 1);
    await db.query(
      `update graphile_worker._private_jobs set locked_at = locked_at - interval '1 hour' where key = 'killed'`,
    );
    expect(await freeDead(db, 90)).toBe(0);
    expect(await count('locked_at is not null')).toBe(1);
    await server.kill();
  });
  other = await startServer({
    dataDir,
    env: { ...SECRET, VESTIBULE_DATABASE_URL: postgres.url({ database: DATABASE }) },
  });
  await other.ready();
  // The dead one was seen a moment ago.
  expect(await freeDead(db, 90)).toBe(0);
  await db.query(`update worker_beat set beat = beat - interval '1 hour'
    where worker in (select locked_by from graphile_worker.jobs where key = 'killed')`);
  expect(await freeDead(db, 90)).toBe(1);
  await reach('true', 0);
});
