import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import { INVITATIONS } from '../api/urls.ts';
import { invitation, mailApp, outboxOf, PUBLIC_URL, settled } from './mail-app.ts';

const app = await mailApp();
const { sink } = app;

const send = (pk: string, body: object, options = {}) =>
  app.api('POST', `${INVITATIONS}${pk}/send_email/`, body, options);

async function mails(pk: string, count: number) {
  await settled(app, pk, ['sent']);
  const ids = new Set((await outboxOf(app, pk)).map(({ message_id: id }) => id));
  const own = sink.received.filter(({ mail }) => ids.has(mail.messageId ?? ''));
  expect(own).toHaveLength(count);
  return own;
}

describe('the order of the checks', () => {
  test.each([[[]], [null], ['']])('no addresses (%j) is 400 with the key error (9)', async (addresses) => {
    const pk = await invitation(app, { flow: null });
    const answer = await send(pk, { email_addresses: addresses, template: 'nonsense' });
    expect([answer.status, answer.body]).toEqual([400, { error: 'No email addresses provided' }]);
  });

  test('an invitation without a flow is 400 with the key error, before the fields are looked at (10)', async () => {
    const pk = await invitation(app, { flow: null });
    const answer = await send(pk, { email_addresses: ['bad'], template: 'nonsense' });
    expect([answer.status, answer.body]).toEqual([400, { error: 'Invitation has no associated flow' }]);
  });

  test.each<[string, object, string]>([
    ['a bad address', { email_addresses: ['a@example.org', 'nobody'] }, 'email_addresses'],
    [
      'a line break in an address (T21)',
      { email_addresses: ['a@example.org\r\nBcc: b@example.org'] },
      'email_addresses',
    ],
    ['a quoted local part (E27)', { email_addresses: ['"a b"@example.org'] }, 'email_addresses'],
    ['an object for an address', { email_addresses: [{ address: 'a@example.org' }] }, 'email_addresses'],
    ['a plain string', { email_addresses: 'a@example.org' }, 'email_addresses'],
    ['a bad cc', { email_addresses: ['a@example.org'], cc_addresses: ['x'] }, 'cc_addresses'],
    ['a bad bcc', { email_addresses: ['a@example.org'], bcc_addresses: [1] }, 'bcc_addresses'],
    [
      '51 recipients',
      { email_addresses: Array.from({ length: 51 }, (_, n) => `a${n}@example.org`) },
      'email_addresses',
    ],
    [
      '51 recipients in all',
      {
        email_addresses: Array.from({ length: 49 }, (_, n) => `a${n}@example.org`),
        cc_addresses: ['c@example.org'],
        bcc_addresses: ['b@example.org'],
      },
      'email_addresses',
    ],
    ['an unknown template', { email_addresses: ['a@example.org'], template: 'email/nothing.html' }, 'template'],
    ['a path for a template (T21)', { email_addresses: ['a@example.org'], template: '../../secret' }, 'template'],
    [
      'the template of another mail',
      { email_addresses: ['a@example.org'], template: 'email/password_reset.html' },
      'template',
    ],
    ['an empty template', { email_addresses: ['a@example.org'], template: '' }, 'template'],
  ])('%s is a 400 on the field, and nothing is written (71)', async (_name, body, field) => {
    const pk = await invitation(app);
    const answer = await send(pk, body);
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, [field]]);
    expect(await outboxOf(app, pk)).toEqual([]);
  });
});

test('two addresses get a message each, with the link of the public URL, as text and HTML (11, 13)', async () => {
  const pk = await invitation(app, { expires: new Date(Date.now() + 3 * 86_400_000 + 60_000).toISOString() });
  const body = { email_addresses: ['ann@example.org', 'bob@example.org'], template: 'email/invitation.html' };
  const answer = await send(pk, body);
  expect([answer.status, answer.text]).toEqual([204, '']);
  const own = await mails(pk, 2);
  expect(own.map(({ to }) => to).toSorted()).toEqual([['ann@example.org'], ['bob@example.org']]);
  for (const { mail, from } of own) {
    expect(from).toBe('no-reply@example.org');
    expect(mail.subject).toBe('You have been invited to id.example.org');
    expect(mail.from?.text).toBe('"Vestibule" <no-reply@example.org>');
    const link = `${PUBLIC_URL}/if/flow/invitation-enrollment-flow/?itoken=${pk}`;
    expect(pk).toMatch(/^[0-9a-f]{8}-/);
    expect(mail.text).toContain(link);
    expect(mail.html).toContain(`href="${link}"`);
    expect(mail.text).toContain('in 3 days');
    expect(mail.messageId).toMatch(/^<[0-9a-f-]{36}@id\.example\.org>$/);
  }
});

test('without a template, or with the schema’s default, it is the invitation; without an expiry nothing is said of it (13)', async () => {
  const pk = await invitation(app);
  expect((await send(pk, { email_addresses: ['ann@example.org'] })).status).toBe(204);
  expect((await send(pk, { email_addresses: ['bob@example.org'], template: 'invitation' })).status).toBe(204);
  for (const { mail } of await mails(pk, 2)) expect(mail.text).not.toContain('expires');
});

test('three addresses with a cc and a bcc are three messages and five deliveries (12, 72, D10)', async () => {
  const pk = await invitation(app);
  const answer = await send(pk, {
    email_addresses: ['a@example.org', 'b@example.org', 'c@example.org'],
    cc_addresses: ['cc@example.org'],
    bcc_addresses: ['bcc@example.org'],
  });
  expect(answer.status).toBe(204);
  const own = await mails(pk, 3);
  expect(own.flatMap(({ to }) => to).toSorted()).toEqual(
    ['a@example.org', 'b@example.org', 'bcc@example.org', 'c@example.org', 'cc@example.org'].toSorted(),
  );
  const first = own.find(({ to }) => to.includes('a@example.org'));
  expect(first?.to).toEqual(['a@example.org', 'cc@example.org', 'bcc@example.org']);
  expect(first?.raw).not.toContain('bcc@example.org');
  expect(own.filter(({ mail }) => mail.cc !== undefined)).toEqual([first]);
  const rows = await outboxOf(app, pk);
  expect(rows.every(({ state, answer: said }) => state === 'sent' && said.startsWith('250 '))).toBe(true);
});

test('a foreign host and forwarded headers do not reach the link (73, D9, T20)', async () => {
  const pk = await invitation(app);
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
  await send(pk, { email_addresses: ['ann@example.org'] }, { headers });
  for (const { raw } of await mails(pk, 1)) expect(raw).not.toContain('evil');
});

test('sending is a single statement, of one with a secret link too', async () => {
  const pk = await invitation(app);
  await app.ctx.db.query(`update invitation set secret_hash = '\\x01' where invite_uuid = $1`, [pk]);
  const counts: number[] = [];
  // Who asks is remembered for a second, and one wake-up serves all that is queued in a moment.
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const body = { email_addresses: [`${name}@example.org`] };
    counts.push((await countQueries(() => send(pk, body))).queries);
  }
  expect(Math.min(...counts)).toBe(1);
  expect(await mails(pk, 5)).toHaveLength(5);
});

test('somebody who may only see invitations sends none (T21)', async () => {
  const { token } = await buildAccount(app.ctx, { permissions: ['authentik_stages_invitation.view_invitation'] });
  const pk = await invitation(app);
  expect((await send(pk, { email_addresses: ['ann@example.org'] }, { token })).status).toBe(403);
  expect(await outboxOf(app, pk)).toEqual([]);
});

test('that it was queued and sent stands in the audit log, without the link', async () => {
  const pk = await invitation(app);
  await send(pk, { email_addresses: ['ann@example.org'] });
  await mails(pk, 1);
  const events = await app.ctx.db.query<{ action: string; context: { action?: string }; text: string }>(
    `select action, context, row_to_json(e)::text as text from event e
     where app in ('vestibule.core.outbox', 'vestibule.stages.invitation') order by created desc limit 3`,
  );
  expect(events.map(({ action, context }) => context.action ?? action).toSorted()).toEqual([
    'email_sent',
    'invitation_mail_queued',
    'invitation_sent',
  ]);
  for (const { text } of events) expect(text).not.toContain('itoken');
});

test('what is stored of a message shows no link to whoever reads the tables', async () => {
  const pk = await invitation(app);
  await send(pk, { email_addresses: ['ann@example.org'] });
  const [row] = await app.ctx.db.query<{ text: string; content: Buffer }>(
    'select row_to_json(m)::text as text, content from outbox_message m where object = $1',
    [pk],
  );
  expect(row?.text).not.toContain('itoken=');
  expect(row?.content.toString('latin1')).not.toContain('itoken');
});
