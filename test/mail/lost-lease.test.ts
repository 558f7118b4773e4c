import { afterEach, expect, test } from 'vitest';
import { deliverMail } from '../../src/core/outbox/deliver.ts';
import { INVITATIONS } from '../api/urls.ts';
import { invitation, mailApp, outboxOf } from './mail-app.ts';

// Without a worker, so that the tries are the test's alone.
const app = await mailApp({ worker: false });
const { sink, ctx } = app;

afterEach(() => {
  delete sink.behaviour.taken;
  sink.behaviour.drops = false;
});

const DELIVERED = `
  with message as (
    update outbox_message set lease = null, lease_until = null, due = null, finished = now() where message_uuid = $1
    returning message_uuid)
  update outbox_recipient r set state = 'sent', answer = '250 from the other', tries = r.tries + 1
  from message m where r.message = m.message_uuid`;

const TAKEN = `
  update outbox_message set lease = gen_random_uuid(), lease_until = now() + interval '3 minutes', tries = tries + 1
  where message_uuid = $1`;

/** A queued mail, and a try of it that sleeps past its lease while `other` happens. */
async function loseLease(other: string, { tries, drops }: { tries: number; drops: boolean }) {
  const pk = await invitation(app);
  const body = { email_addresses: ['ann@example.org'] };
  expect((await app.api('POST', `${INVITATIONS}${pk}/send_email/`, body)).status).toBe(204);
  const message = (await outboxOf(app, pk))[0]?.message_uuid ?? '';
  await ctx.db.query('update outbox_message set tries = $2 where message_uuid = $1', [message, tries]);
  sink.behaviour.taken = async () => void (await ctx.db.query(other, [message]));
  sink.behaviour.drops = drops;
  await deliverMail.run(ctx, { message });
  const [recipient] = await outboxOf(app, pk);
  const events = `select 1 from event where coalesce(context ->> 'action', action) in ('email_sent', 'email_failed')
    and context ->> 'message' = $1`;
  const jobs = `select 1 from graphile_worker._private_jobs where payload ->> 'message' = $1`;
  return {
    recipient: [recipient?.state, recipient?.answer, recipient?.tries],
    events: (await ctx.db.query(events, [message])).length,
    jobs: (await ctx.db.query(jobs, [message])).length,
  };
}

const cases = [
  ['failed for now', { tries: 0, drops: true }],
  ['failed for good', { tries: 40, drops: true }],
  ['worked', { tries: 0, drops: false }],
] as const;

test.each(cases)(
  'a try that %s tells nothing of a mail that another worker delivered meanwhile',
  async (_what, how) => {
    const delivered = { recipient: ['sent', '250 from the other', 1], events: 0, jobs: 0 };
    expect(await loseLease(DELIVERED, how)).toEqual(delivered);
  },
);

test.each(cases)('a try that %s leaves a mail to the worker that has it now', async (_what, how) => {
  expect(await loseLease(TAKEN, how)).toEqual({ recipient: ['queued', '', 0], events: 0, jobs: 0 });
});
