import { afterEach, expect, test } from 'vitest';
import { sealContent } from '../../src/core/outbox/content.ts';
import { deliverMail } from '../../src/core/outbox/deliver.ts';
import { resendMail } from '../../src/core/outbox/resend.ts';
import { purgeOutbox, sweepOutbox } from '../../src/core/outbox/tasks.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { scrape } from '../../src/kernel/metrics/scrape.ts';
import { enqueue, task } from '../../src/kernel/tasks/task.ts';
import { INVITATIONS } from '../api/urls.ts';
import { invitation, mailApp, outboxOf, settled } from './mail-app.ts';

const app = await mailApp();
const { sink, ctx } = app;
const { behaviour } = sink;
const OWN = '/api/vestibule/v1/invitations';
const FLOW = 'invitation-enrollment-flow';

afterEach(() => {
  for (const key of Object.keys(behaviour)) delete behaviour[key as keyof typeof behaviour];
});

const send = (pk: string, body: object) => app.api('POST', `${INVITATIONS}${pk}/send_email/`, body);

async function queued(body: object = { email_addresses: ['ann@example.org'] }, fields: object = {}): Promise<string> {
  const pk = await invitation(app, fields);
  expect((await send(pk, body)).status).toBe(204);
  return pk;
}

/** Lets the time until the next try pass, and runs it. */
async function nextTry(pk: string): Promise<void> {
  const [open] = await ctx.db.query<{ id: string; tries: number }>(
    `update outbox_message set due = now() where object = $1 and due is not null
     returning message_uuid as id, tries`,
    [pk],
  );
  if (!open) throw new Error('There is no next try.');
  await deliverMail.run(ctx, { message: open.id });
  // The worker may have been about to look for one more, and be at it.
  const text = 'select 1 from outbox_message where message_uuid = $1 and tries > $2 and lease is null';
  while ((await ctx.db.query(text, [open.id, open.tries])).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const minutesTo = (due: string | null | undefined) => (Date.parse(due ?? '') - Date.now()) / 60_000;
const mailsOf = (id: string | undefined) => sink.received.filter(({ mail }) => mail.messageId === id);

test('a server that greylists is asked again later, and then takes the message (R09)', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'greylisted' });
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  expect([row?.answer, row?.tries]).toEqual(['450 greylisted', 1]);
  expect(minutesTo(row?.due)).toBeGreaterThan(0.5);
  delete behaviour.refuse;
  await nextTry(pk);
  const [sent] = await outboxOf(app, pk);
  expect([sent?.state, sent?.answer, sent?.due]).toEqual(['sent', expect.stringMatching(/^250 /), null]);
  expect(mailsOf(sent?.message_id)).toHaveLength(1);
});

test('a recipient that is refused for good is given up at once, the others get theirs (R09)', async () => {
  behaviour.refuse = (address) => {
    if (address.startsWith('gone')) return { code: 550, text: 'no such user' };
    return address.startsWith('later') ? { code: 451, text: 'try later' } : undefined;
  };
  const pk = await queued({
    email_addresses: ['ann@example.org'],
    cc_addresses: ['gone@example.org', 'later@example.org'],
  });
  const rows = await settled(app, pk, ['sent', 'failed', 'deferred']);
  expect(rows.map(({ address, state }) => [address, state])).toEqual([
    ['ann@example.org', 'sent'],
    ['gone@example.org', 'failed'],
    ['later@example.org', 'deferred'],
  ]);
  expect(rows[1]?.answer).toBe('550 no such user');
  delete behaviour.refuse;
  await nextTry(pk);
  expect((await outboxOf(app, pk)).map(({ state }) => state)).toEqual(['sent', 'failed', 'sent']);
  expect(mailsOf(rows[0]?.message_id).map(({ to }) => to)).toEqual([['ann@example.org'], ['later@example.org']]);
});

test('a sender that is refused for good ends the message', async () => {
  behaviour.refuseSender = { code: 553, text: 'not you' };
  const [row] = await settled(app, await queued(), ['failed']);
  expect([row?.answer, row?.due]).toEqual(['553 not you', null]);
});

test('a failed message is sent again on request, under the same id; one that arrived is not', async () => {
  behaviour.refuse = () => ({ code: 550, text: 'full' });
  const pk = await queued();
  const [failed] = await settled(app, pk, ['failed']);
  delete behaviour.refuse;
  const again = () => ctx.db.transaction((tx) => resendMail(tx, failed?.message_uuid ?? ''));
  expect(await again()).toBe(1);
  await settled(app, pk, ['sent']);
  expect(mailsOf(failed?.message_id)).toHaveLength(1);
  expect(await again()).toBe(0);
});

test('there are at least 12 tries over 72 hours, further and further apart, then it is given up (R09)', async () => {
  behaviour.refuse = () => ({ code: 421, text: 'busy' });
  const pk = await queued();
  await settled(app, pk, ['deferred']);
  const waits: number[] = [];
  for (;;) {
    const [row] = await outboxOf(app, pk);
    if (row?.state !== 'deferred') break;
    waits.push(minutesTo(row.due));
    await nextTry(pk);
  }
  const [row] = await outboxOf(app, pk);
  expect([row?.state, row?.answer]).toEqual(['failed', 'Given up. 421 busy']);
  expect(row?.tries).toBe(waits.length + 1);
  expect(waits.length + 1).toBeGreaterThanOrEqual(12);
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(72 * 60);
  expect(waits.slice(2).every((wait, at) => wait > (waits[at] ?? 0))).toBe(true);
});

test('tries are not all after the same time, so that a crowd does not come back together (R09)', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const people = Array.from({ length: 10 }, (_, n) => `p${n}@example.org`);
  const rows = await settled(app, await queued({ email_addresses: people }), ['deferred']);
  expect(new Set(rows.map(({ due }) => Math.round(minutesTo(due) * 60))).size).toBeGreaterThan(3);
});

test('a server that is down for a while gets the message when it is up again, and the API answers meanwhile (R09)', async () => {
  await sink.down();
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  expect(row?.answer).toMatch(/ECONNREFUSED|closed|refused/i);
  await sink.up();
  await nextTry(pk);
  expect((await outboxOf(app, pk))[0]?.state).toBe('sent');
});

test('a connection that breaks after DATA is tried again later under the same id', async () => {
  behaviour.drops = true;
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  expect(mailsOf(row?.message_id)).toHaveLength(1);
  behaviour.drops = false;
  await nextTry(pk);
  expect((await outboxOf(app, pk))[0]?.state).toBe('sent');
  expect(mailsOf(row?.message_id)).toHaveLength(2);
});

test('a slow server holds up neither the API nor other tasks, and gets every message once', async () => {
  behaviour.slow = 1_500;
  const people = Array.from({ length: 12 }, (_, n) => `slow${n}@example.org`);
  const started = performance.now();
  const pk = await queued({ email_addresses: people });
  expect(performance.now() - started).toBeLessThan(1_500);
  // A task that is no mail runs while all places for mail are taken.
  const purge = ctx.registry.find(task, 'tokens.purge');
  const { id } = await buildAccount(ctx);
  await ctx.db.query("update token set expiring = true, expires = now() - interval '1 day' where user_id = $1", [id]);
  await ctx.db.transaction(async (tx) => purge && enqueue(tx, purge));
  const isThere = () => ctx.db.query('select 1 from token where user_id = $1', [id]);
  while ((await isThere()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await outboxOf(app, pk)).some(({ state }) => state === 'queued')).toBe(true);
  const rows = await settled(app, pk, ['sent']);
  for (const { message_id: id } of rows) expect(mailsOf(id)).toHaveLength(1);
});

test.each<[string, string]>([
  ['used', 'update invitation set used_up = now() where invite_uuid = $1'],
  ['expired', "update invitation set expires = now() - interval '1 second' where invite_uuid = $1"],
  ['withdrawn', 'delete from invitation where invite_uuid = $1'],
])('nothing is mailed of an invitation that was %s meanwhile (R09)', async (what, sql) => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  delete behaviour.refuse;
  await ctx.db.query(sql, [pk]);
  await nextTry(pk);
  const [after] = await outboxOf(app, pk);
  expect([after?.state, after?.due]).toEqual(['cancelled', null]);
  expect(after?.answer).toContain(what);
  expect(mailsOf(row?.message_id)).toEqual([]);
});

test('what a mail says is read when it leaves', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  delete behaviour.refuse;
  await ctx.db.query(`update invitation set message = 'Bring cake.' where invite_uuid = $1`, [pk]);
  await nextTry(pk);
  const [mail] = mailsOf(row?.message_id);
  expect(mail?.mail.text).toContain('Bring cake.');
});

test('a mail that waits does not leave with a secret that was made after it was queued (T06)', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const made = await app.api('POST', OWN, { name: 'mailed', flow: FLOW, secret_link: true });
  const { id } = made.body;
  const mailed = await app.api('POST', `${OWN}/${id}/send`, { recipients: ['ann@example.org'] });
  expect(mailed.status).toBe(202);
  const [row] = await settled(app, id, ['deferred']);
  delete behaviour.refuse;
  expect((await app.api('POST', `${OWN}/${id}/rotate`, { link: 'secret' })).status).toBe(200);
  await nextTry(id);
  const [after] = await outboxOf(app, id);
  expect([after?.state, after?.answer]).toEqual(['cancelled', 'The link was replaced.']);
  expect(mailsOf(row?.message_id)).toEqual([]);
});

test('a mail that a version before queued, with its link, leaves as it was queued', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  delete behaviour.refuse;
  const values = {
    host: 'id.example.org',
    url: 'https://id.example.org/as-queued',
    expires: null,
    message: ['Before.'],
  };
  const content = sealContent(ctx, { values });
  await ctx.db.query('update outbox_message set content = $2 where object = $1', [pk, content]);
  await nextTry(pk);
  const [mail] = mailsOf(row?.message_id);
  expect(mail?.mail.text).toContain('https://id.example.org/as-queued');
  expect(mail?.mail.text).toContain('Before.');
});

test('nothing is mailed of an invitation whose link leads to no flow any more', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const pk = await queued();
  await settled(app, pk, ['deferred']);
  delete behaviour.refuse;
  await ctx.db.query(`update flow set designation = 'authorization' where designation = 'enrollment'`);
  await ctx.db.query('update invitation set flow = null where invite_uuid = $1', [pk]);
  await nextTry(pk).finally(() =>
    ctx.db.query(`update flow set designation = 'enrollment' where slug = 'invitation-enrollment-flow'`),
  );
  const [after] = await outboxOf(app, pk);
  expect([after?.state, after?.answer]).toEqual(['cancelled', 'There is no flow that the link could lead to.']);
});

test('of several workers at one message one sends it', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  delete behaviour.refuse;
  behaviour.slow = 200;
  await ctx.db.query('update outbox_message set due = now() where object = $1', [pk]);
  await Promise.all(Array.from({ length: 8 }, () => deliverMail.run(ctx, { message: row?.message_uuid ?? '' })));
  expect((await outboxOf(app, pk))[0]?.state).toBe('sent');
  expect(mailsOf(row?.message_id)).toHaveLength(1);
});

test('a message whose job was lost with its worker is found by the sweep, when its lease has run out', async () => {
  behaviour.refuse = () => ({ code: 450, text: 'later' });
  const pk = await queued();
  const [row] = await settled(app, pk, ['deferred']);
  delete behaviour.refuse;
  const strand = (lease: string) =>
    ctx.db.query(
      `update outbox_message set due = now() - interval '1 hour', lease = gen_random_uuid(),
         lease_until = now() + $2::interval where object = $1`,
      [pk, lease],
    );
  await ctx.db.query(`delete from graphile_worker._private_jobs where payload ->> 'message' = $1`, [
    row?.message_uuid ?? '',
  ]);
  await strand('1 minute');
  await sweepOutbox.run(ctx, null);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(mailsOf(row?.message_id)).toEqual([]);
  await strand('-1 second');
  await sweepOutbox.run(ctx, null);
  await settled(app, pk, ['sent']);
  expect(mailsOf(row?.message_id)).toHaveLength(1);
});

test('the figures tell what waits, failed, and what became of tries', async () => {
  const text = String((await scrape(ctx)).body);
  expect(text).toMatch(/vestibule_mail_recipients\{state="failed"\} \d+/);
  expect(text).toMatch(/vestibule_mail_deliveries_total\{result="sent"\} \d+/);
});

test('the content is removed a week after the end, the row with its state a year after', async () => {
  const pk = await queued();
  await settled(app, pk, ['sent']);
  const age = (days: number) =>
    ctx.db.query('update outbox_message set finished = now() - make_interval(days => $2) where object = $1', [
      pk,
      days,
    ]);
  const look = () =>
    ctx.db.query<{ gone: boolean }>('select content is null as gone from outbox_message where object = $1', [pk]);
  await age(6);
  await purgeOutbox.run(ctx, null);
  expect(await look()).toEqual([{ gone: false }]);
  await age(8);
  await purgeOutbox.run(ctx, null);
  expect(await look()).toEqual([{ gone: true }]);
  expect(await outboxOf(app, pk)).toHaveLength(1);
  await age(366);
  await purgeOutbox.run(ctx, null);
  expect(await outboxOf(app, pk)).toEqual([]);
});
