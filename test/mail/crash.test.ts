import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { sweepOutbox } from '../../src/core/outbox/tasks.ts';
import { clientConfig } from '../../src/kernel/db/connection.ts';
import { INVITATIONS } from '../api/urls.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { testRounds } from '../processes/rounds.ts';
import { startProcess } from '../processes/server-process.ts';
import { invitation, mailApp, outboxOf, PUBLIC_URL } from './mail-app.ts';

const app = await mailApp({ worker: false });
const { sink, ctx } = app;

const { PATH = '', HOME = '' } = process.env;
const env = {
  PATH,
  HOME,
  VESTIBULE_DATABASE_URL: databaseUrl(app.connection),
  VESTIBULE_SECRET_KEY: 'test-secret-key-of-enough-characters-0123456789',
  VESTIBULE_PUBLIC_URL: PUBLIC_URL,
  VESTIBULE_SMTP_URL: sink.url,
  VESTIBULE_MAIL_FROM: 'no-reply@example.org',
  VESTIBULE_LOG_LEVEL: 'warn',
};

type Worker = ReturnType<typeof startProcess>;
let worker: Worker | undefined;

/** A real worker process; resolves when it works. */
async function startWorker(): Promise<Worker> {
  const started = startProcess(['worker'], env);
  worker = started;
  while (!started.output().includes('works in the background')) {
    if (started.child.exitCode !== null) throw new Error(started.output());
    await pause(10);
  }
  return started;
}

async function kill({ child, exited }: Worker): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

afterAll(async () => {
  if (worker) await kill(worker);
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It never came to pass: ${what}.`);
    await pause(5);
  }
}

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

const BLOCKED = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  and query like '%update outbox_recipient%'`;

/** Kills the worker when the server has said 250 and before what it said can be committed. */
async function killBetween(victim: Worker, pk: string): Promise<void> {
  const client = new pg.Client(clientConfig(app.connection, { statementTimeoutMs: 0 }));
  await client.connect();
  try {
    // Before the server answers, so that writing what it said has to wait.
    sink.behaviour.taken = async () => {
      await client.query('begin');
      await client.query('select 1 from outbox_recipient for update');
    };
    await send(pk);
    await until(async () => (await ctx.db.query(BLOCKED)).length > 0, 'the worker wants to write that it was sent');
    await kill(victim);
    await client.query('rollback');
  } finally {
    delete sink.behaviour.taken;
    await client.end();
  }
  expect([await copiesOf(pk), await isSent(pk)]).toEqual([1, false]);
}

const rounds = testRounds(5);

test(`a worker killed between the server's 250 and our commit: one duplicate, none lost, in ${rounds} rounds (R09, 74)`, async () => {
  let running = await startWorker();
  for (let round = 0; round < rounds; round += 1) {
    const pk = await invitation(app);
    await killBetween(running, pk);
    await passTime();
    running = await startWorker();
    await until(() => isSent(pk), 'the next worker sent it');
    expect(await copiesOf(pk)).toBe(2);
  }
  await kill(running);
}, 3_000_000);

test(`a worker killed at any moment: at most one duplicate, none lost, in ${rounds} rounds (R09)`, async () => {
  let running = await startWorker();
  for (let round = 0; round < rounds; round += 1) {
    const pk = await invitation(app);
    await send(pk);
    await pause(Math.random() * 60);
    await kill(running);
    await passTime();
    running = await startWorker();
    await until(() => isSent(pk), 'the next worker sent it');
    expect([1, 2]).toContain(await copiesOf(pk));
  }
  await kill(running);
}, 3_000_000);
