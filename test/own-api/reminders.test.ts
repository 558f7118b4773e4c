import { expect, test } from 'vitest';
import { remindInvited } from '../../src/features/stages/invitation/reminders/tasks.ts';
import { ENROLLMENT, enrol, unique } from '../flows/builders.ts';
import { mailApp, outboxOf, settled } from '../mail/mail-app.ts';

const app = await mailApp();
const INVITATIONS = '/api/vestibule/v1/invitations';
const V3 = '/api/v3/stages/invitation/invitations/';

const remind = () => remindInvited.run(app.ctx, null);
const shift = (id: string, by: string) =>
  app.ctx.db.query(
    `update invitation set sent = sent - $2::interval, expires = expires - $2::interval where invite_uuid = $1`,
    [id, by],
  );

const make = async (json: object) =>
  (await app.api('POST', INVITATIONS, { name: 'reminded', flow: ENROLLMENT, ...json })).body;

/** An invitation that was sent to the addresses. */
async function sent(json: object, addresses: readonly string[], cc: readonly string[] = []) {
  const made = await make(json);
  const people = { email_addresses: addresses, cc_addresses: cc };
  const { status } = await app.api('POST', `${V3}${made.id}/send_email/`, people);
  if (status !== 204) throw new Error(`Sending was answered ${status}.`);
  await settled(app, made.id, ['sent']);
  return made;
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const remindersOf = async (id: string) => {
  await settled(app, id, ['sent', 'cancelled', 'failed']);
  const text = `select r.address from outbox_message m join outbox_recipient r on r.message = m.message_uuid
    where m.object = $1 and m.template = 'invitation_reminder' order by m.created, r.address`;
  return (await app.ctx.db.query<{ address: string }>(text, [id])).map(({ address }) => address);
};

const AFTER = [{ when: 'after_sending', duration: 'P3D' }];
const BEFORE = [{ when: 'before_expiry', duration: 'P1D' }];

test('a reminder goes once to those who were mailed, when its time has come', async () => {
  const { id, link } = await sent(
    { reminders: AFTER, language: 'de', secret_link: true, max_uses: 5 },
    ['a@example.org', 'b@example.org'],
    ['c@example.org'],
  );
  await remind();
  expect(await remindersOf(id)).toEqual([]);
  await shift(id, '3 days');
  // Two workers at the same time, and one later.
  await Promise.all([remind(), remind(), remind()]);
  await remind();
  expect(await remindersOf(id)).toEqual(['a@example.org', 'b@example.org']);
  const listed = (await app.api('GET', `${INVITATIONS}/${id}/deliveries?kind=invitation_reminder`)).body.items;
  expect(listed.map(({ recipient }: { recipient: string }) => recipient).toSorted()).toEqual([
    'a@example.org',
    'b@example.org',
  ]);
  expect((await app.api('GET', `${INVITATIONS}/${id}/deliveries?kind=invitation`)).body.items).toHaveLength(3);
  const mail = app.sink.received.map(({ mail: one }) => one).find(({ subject }) => subject?.includes('noch offen'));
  expect(mail?.text).toContain(`itoken=${id}&secret=`);
  expect(mail?.text).not.toContain(link);
  const [event] = await app.ctx.db.query<{ context: object }>(
    `select context from event where context ->> 'template' = 'invitation_reminder'`,
  );
  expect(event?.context).toMatchObject({
    invitation_uuid: id.replaceAll('-', ''),
    occasion: 'after_sending',
    to: ['a@example.org', 'b@example.org'],
  });
});

test('who has used the invitation is not reminded, and nobody is of one that is over', async () => {
  const one = await sent({ reminders: AFTER }, ['used@example.org', 'late@example.org']);
  const name = unique('used');
  await enrol(app.jar(), { slug: ENROLLMENT, query: new URL(one.link).search.slice(1) }, name);
  await app.ctx.db.query(`update users set email = 'Used@example.org' where username = $1`, [name]);
  const revoked = await sent({ reminders: AFTER }, ['revoked@example.org']);
  await app.api('POST', `${INVITATIONS}/${revoked.id}/revoke`, {});
  const expired = await sent({ reminders: AFTER, expires: inDays(2) }, ['expired@example.org']);
  for (const { id } of [one, revoked, expired]) await shift(id, '4 days');
  await remind();
  expect(await remindersOf(one.id)).toEqual(['late@example.org']);
  expect([await remindersOf(revoked.id), await remindersOf(expired.id)]).toEqual([[], []]);
});

test('one that was not sent by mail has no reminders', async () => {
  const { id } = await make({ reminders: AFTER, recipients: ['never@example.org'] });
  await shift(id, '4 days');
  await remind();
  expect(await outboxOf(app, id)).toEqual([]);
});

test('a new expiry moves the reminder before it, and has one of its own', async () => {
  const { id } = await sent({ reminders: BEFORE, expires: inDays(3) }, ['mover@example.org']);
  await shift(id, '2 days 1 hour');
  await app.api('POST', `${INVITATIONS}/${id}/extend`, { expires: inDays(5) });
  await remind();
  expect(await remindersOf(id)).toEqual([]);
  await shift(id, '4 days 1 hour');
  await remind();
  await remind();
  expect(await remindersOf(id)).toHaveLength(1);
  await app.api('POST', `${INVITATIONS}/${id}/extend`, { expires: inDays(4) });
  await remind();
  expect(await remindersOf(id)).toHaveLength(1);
  await shift(id, '3 days 1 hour');
  await remind();
  expect(await remindersOf(id)).toHaveLength(2);
});

test('a moment before the sending reminds nobody', async () => {
  const { id } = await sent({ reminders: BEFORE, expires: inDays(0.5) }, ['soon@example.org']);
  await remind();
  expect(await remindersOf(id)).toEqual([]);
});
