import { afterAll, expect, test } from 'vitest';
import { sweepOutbox } from '../../src/core/outbox/tasks.ts';
import { INVITATIONS } from '../api/urls.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { holdRows, pause, until, waitingSql, workersOn } from '../processes/worker-process.ts';
import type { WorkerProcess } from '../processes/worker-process.ts';
import { invitation, mailApp, outboxOf, PUBLIC_URL } from './mail-app.ts';

const app = await mailApp({ worker: false });
const { sink, ctx } = app;
const workers = workersOn(app.connection, {
  VESTIBULE_PUBLIC_URL: PUBLIC_URL,
  VESTIBULE_SMTP_URL: sink.url,
  VESTIBULE_MAIL_FROM: 'no-reply@example.org',
});
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

test('a mail whose process died before it could wake a worker is found by the sweep (74)', async () => {
  const pk = await invitation(app);
  await send(pk);
  const isWoken = async () =>
    (await ctx.db.query(`select 1 from graphile_worker.jobs where task_identifier = 'outbox.drain'`)).length > 0;
  await until(isWoken, 'a worker is woken');
  // As if that had been lost.
  await ctx.db.query('delete from graphile_worker._private_jobs');
  const running = await workers.start();
  await passTime();
  await until(() => isSent(pk), 'the worker sent it');
  expect(await copiesOf(pk)).toBe(1);
  await workers.kill(running);
});
