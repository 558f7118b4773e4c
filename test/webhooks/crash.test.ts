import { afterAll, expect, test } from 'vitest';
import { sweepWebhooks } from '../../src/core/webhooks/tasks.ts';
import { startRepeating } from '../../src/kernel/tasks/repeat.ts';
import { testApp } from '../app.ts';
import { reportFigures, testRounds } from '../processes/rounds.ts';
import { holdRows, pause, until, waitingSql, workersOn } from '../processes/worker-process.ts';
import type { WorkerProcess } from '../processes/worker-process.ts';
import { receiver } from './receiver.ts';

const V1 = '/api/vestibule/v1';
const env = { VESTIBULE_PUBLIC_URL: 'https://id.example.org', VESTIBULE_OUTBOUND_ALLOW: '127.0.0.0/8' };
const app = await testApp({ env });
const { ctx } = app;
const hook = await receiver();
const workers = workersOn(app.connection, env);
afterAll(() => workers.end());
const subscribed = await app.api('POST', `${V1}/webhooks`, { url: hook.url, events: ['invitation_created'] });
if (subscribed.status !== 201) throw new Error(subscribed.text);

/** Makes an invitation, which is told. Out: the id of the event. */
async function happen(): Promise<string> {
  const made = await app.api('POST', `${V1}/invitations`, { name: 'told' });
  expect(made.status).toBe(201);
  const [row] = await ctx.db.query<{ event: string }>(
    'select event from webhook_delivery order by created desc limit 1',
  );
  return row?.event ?? '';
}

const copiesOf = (event: string) => hook.received.filter(({ headers }) => headers['webhook-id'] === event);

async function isDelivered(event: string): Promise<boolean> {
  const text = `select 1 from webhook_delivery where event = $1 and state = 'delivered'`;
  return (await ctx.db.query(text, [event])).length > 0;
}

/** Lets the dead worker's lease run out, and the sweep find what it left. */
async function passTime(): Promise<void> {
  await workers.settled();
  await ctx.db.query(
    `update webhook_delivery set due = now() - interval '1 minute', lease_until = now() - interval '1 second' where due is not null`,
  );
  await sweepWebhooks.run(ctx, null);
}

/** Kills the worker when the receiver has said 204 and before what it said can be committed. */
async function killBetween(victim: WorkerProcess): Promise<string> {
  const { hold, release } = await holdRows(app.connection, 'webhook_delivery');
  try {
    // Before the receiver answers, so that writing what it said has to wait.
    hook.answer({ status: 204, before: hold });
    const event = await happen();
    const isWaiting = async () => (await ctx.db.query(waitingSql('webhook_delivery'))).length > 0;
    await until(isWaiting, 'the worker wants to write that it was delivered');
    await workers.kill(victim);
    return event;
  } finally {
    hook.answer({ status: 204 });
    await release();
  }
}

test('each worker process finds a delivery whose job was lost by itself, and leaves one its job that only waits', async () => {
  const jobs = () =>
    ctx.db.query<{ id: string; revision: number }>(
      `select id, revision from graphile_worker.jobs where task_identifier = 'webhooks.deliver'`,
    );
  await happen();
  const before = await jobs();
  expect(before).toHaveLength(1);
  await passTime();
  expect(await jobs()).toEqual(before);
  await ctx.db.query('select graphile_worker.complete_jobs($1::bigint[])', [before.map(({ id }) => String(id))]);
  expect(await jobs()).toEqual([]);
  // What a worker does past the queue and its schedules, alone.
  const repeating = startRepeating(ctx);
  await until(async () => (await jobs()).length === 1, 'the sweep gives it another job');
  await repeating.stop();
  // Nothing of it is left for the next test, whose worker would deliver it beside what that test waits for.
  const worker = await workers.start();
  await until(async () => (await jobs()).length === 0, 'the worker delivers it');
  await workers.kill(worker);
});

const rounds = testRounds(3);

test(`a worker killed between the receiver's 204 and our commit: told again under the same id, none lost, in ${rounds} rounds`, async () => {
  let running = await workers.start();
  for (let round = 0; round < rounds; round += 1) {
    const event = await killBetween(running);
    expect([copiesOf(event).length, await isDelivered(event)]).toEqual([1, false]);
    await passTime();
    running = await workers.start();
    await until(() => isDelivered(event), 'the next worker delivered it');
    const [first, second, ...others] = copiesOf(event);
    expect(others).toEqual([]);
    expect([second?.body, JSON.parse(second?.body ?? '{}').id]).toEqual([first?.body, event]);
  }
  await workers.kill(running);
  const copies = hook.received.length;
  reportFigures("killed between a receiver's 204 and our commit", { kills: rounds, events: rounds, copies, lost: 0 });
}, 3_000_000);

test(`a worker killed at any moment: every event arrives, in ${rounds} rounds`, async () => {
  let running = await workers.start();
  const events: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const event = await happen();
    events.push(event);
    await pause(Math.random() * 60);
    await workers.kill(running);
    await passTime();
    running = await workers.start();
    await until(() => isDelivered(event), 'the next worker delivered it');
    expect([1, 2]).toContain(copiesOf(event).length);
  }
  await workers.kill(running);
  const copies = events.reduce((sum, event) => sum + copiesOf(event).length, 0);
  reportFigures('killed at any moment of telling a webhook', { kills: rounds, events: rounds, copies, lost: 0 });
}, 3_000_000);
