import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { sweepOutbox } from '../../src/core/outbox/tasks.ts';
import { clientConfig } from '../../src/kernel/db/connection.ts';
import { INVITATIONS } from '../api/urls.ts';
import { ADMIN_TOKEN } from '../app.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { startServer } from '../processes/server-process.ts';
import { SECRET_KEY, holdRows, pause, until, waitingSql, workersOn } from '../processes/worker-process.ts';
import type { WorkerProcess } from '../processes/worker-process.ts';
import { invitation, mailApp, outboxOf, PUBLIC_URL } from './mail-app.ts';

const app = await mailApp({ worker: false });
const { sink, ctx } = app;
const MAIL = {
  VESTIBULE_PUBLIC_URL: PUBLIC_URL,
  VESTIBULE_SMTP_URL: sink.url,
  VESTIBULE_MAIL_FROM: 'no-reply@example.org',
};
const workers = workersOn(app.connection, MAIL);
afterAll(() => workers.end());

const send = async (pk: string) => {
  const body = { email_addresses: ['ann@example.org'] };
  expect((await app.api('POST', `${INVITATIONS}${pk}/send_email/`, body)).status).toBe(204);
};
const copiesOf = async (pk: string) => {
  const [row] = await outboxOf(app, pk);
  return sink.received.filter(({ mail }) => mail.messageId === row?.message_id).length;
};
const isSent = async (pk: string) => (await outboxOf(app, pk))[0]?.state === 'sent';

/** Lets the dead worker's lease run out, and the sweep find what it left. */
async function passTime(): Promise<void> {
  await workers.settled();
  await ctx.db.query(
    `update outbox_message set due = now() - interval '1 minute', lease_until = now() - interval '1 second' where due is not null`,
  );
  await sweepOutbox.run(ctx, null);
}

/** Kills the worker when the server has said 250 and before what it said can be committed. */
async function killBetween(victim: WorkerProcess, pk: string): Promise<void> {
  const { hold, release } = await holdRows(app.connection, 'outbox_recipient');
  try {
    // Before the server answers, so that writing what it said has to wait.
    sink.behaviour.taken = hold;
    await send(pk);
    const isWaiting = async () => (await ctx.db.query(waitingSql('outbox_recipient'))).length > 0;
    await until(isWaiting, 'the worker wants to write that it was sent');
    await workers.kill(victim);
  } finally {
    delete sink.behaviour.taken;
    await release();
  }
  expect([await copiesOf(pk), await isSent(pk)]).toEqual([1, false]);
}

const rounds = testRounds(5);

test(`a worker killed between the server's 250 and our commit: one duplicate, none lost, in ${rounds} rounds (R09, 74)`, async () => {
  let running = await workers.start();
  let copies = 0;
  for (let round = 0; round < rounds; round += 1) {
    const pk = await invitation(app);
    await killBetween(running, pk);
    await passTime();
    running = await workers.start();
    await until(() => isSent(pk), 'the next worker sent it');
    expect(await copiesOf(pk)).toBe(2);
    copies += await copiesOf(pk);
  }
  await workers.kill(running);
  reportFigures("killed between the mail server's 250 and our commit", {
    kills: rounds,
    mails: rounds,
    copies,
    lost: 0,
  });
}, 3_000_000);

test(`a worker killed at any moment: at most one duplicate, none lost, in ${rounds} rounds (R09)`, async () => {
  let running = await workers.start();
  let copies = 0;
  for (let round = 0; round < rounds; round += 1) {
    const pk = await invitation(app);
    await send(pk);
    await pause(Math.random() * 60);
    await workers.kill(running);
    await passTime();
    running = await workers.start();
    await until(() => isSent(pk), 'the next worker sent it');
    expect([1, 2]).toContain(await copiesOf(pk));
    copies += await copiesOf(pk);
  }
  await workers.kill(running);
  reportFigures('killed at any moment of a delivery', { kills: rounds, mails: rounds, copies, lost: 0 });
}, 3_000_000);

/** Keeps jobs from being added. Out: ends who waits to add one, which its process does not live to do, and lets others. */
async function holdJobs(): Promise<{ isWaiting(): Promise<boolean>; giveUp(): Promise<void> }> {
  const client = new pg.Client(clientConfig(app.connection, { statementTimeoutMs: 0 }));
  await client.connect();
  await client.query('begin');
  await client.query('lock table graphile_worker._private_jobs in share mode');
  const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    and query like '%add_jobs%'`;
  return {
    isWaiting: async () => (await ctx.db.query(`select 1 ${waiting}`)).length > 0,
    async giveUp() {
      await client.query(`select pg_terminate_backend(pid) ${waiting}`);
      await client.query('rollback');
      await client.end();
    },
  };
}

test("a server killed between a send's commit and its wake-up: another process delivers the mail soon, and once (74)", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'vestibule-'));
  const server = await startServer({
    dataDir,
    env: {
      VESTIBULE_DATABASE_URL: databaseUrl(app.connection),
      VESTIBULE_SECRET_KEY: SECRET_KEY,
      VESTIBULE_WORKER: 'false',
      ...MAIL,
    },
  });
  const others = [await workers.start(), await workers.start()];
  await server.ready();
  const pk = await invitation(app);
  const jobs = await holdJobs();
  const answer = server.send({
    method: 'POST',
    url: `${INVITATIONS}${pk}/send_email/`,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    payload: JSON.stringify({ email_addresses: ['ann@example.org'] }),
  });
  answer.catch(() => undefined);
  await until(async () => (await outboxOf(app, pk)).length > 0, 'the mail is committed');
  await until(jobs.isWaiting, 'the server wants to wake a worker');
  await server.kill();
  await jobs.giveUp();
  const killed = performance.now();
  await until(() => isSent(pk), 'another process found it');
  // Some ten seconds; the time until this looked again, and a busy machine.
  expect(performance.now() - killed).toBeLessThan(25_000);
  expect(await copiesOf(pk)).toBe(1);
  for (const worker of others) await workers.kill(worker);
  await rm(dataDir, { recursive: true });
});
