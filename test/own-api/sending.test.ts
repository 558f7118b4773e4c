import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import { mailApp, PUBLIC_URL, settled } from '../mail/mail-app.ts';
import type { Received } from '../mail/smtp-sink.ts';
import { testApp } from '../app.ts';

const app = await mailApp({
  env: { VESTIBULE_MAIL_DAILY_BUDGET: '30' },
  behaviour: { refuse: (address) => (address.startsWith('no.') ? { code: 550, text: 'No such person' } : undefined) },
});
const API = '/api/vestibule/v1/invitations';
const FLOW = 'invitation-enrollment-flow';

const make = async (json: object = {}) => (await app.api('POST', API, { name: 'mailed', flow: FLOW, ...json })).body;
const send = (id: string, json: object = {}, token?: string) =>
  app.api('POST', `${API}/${id}/send`, json, token === undefined ? {} : { token });
const deliveries = async (id: string, query = '') => (await app.api('GET', `${API}/${id}/deliveries${query}`)).body;
const mailsOf = (id: string): Received[] => app.sink.received.filter(({ mail }) => String(mail.text).includes(id));

describe('send', () => {
  test('mails to the recipients that are given, in the language that is asked for, with the message', async () => {
    const { id } = await make({ message: 'Welcome <b>aboard</b>.\n\nSee you.' });
    const sent = await send(id, { recipients: ['ann@example.org', 'bea@example.org'], language: 'de' });
    expect([sent.status, sent.body.queued, sent.body.deliveries.length]).toEqual([202, 2, 2]);
    await settled(app, id, ['sent']);
    const mails = mailsOf(id);
    expect(mails.map(({ mail }) => mail.subject)).toEqual(Array(2).fill('Sie sind zu id.example.org eingeladen'));
    expect(mails[0]?.mail.text).toContain('Welcome <b>aboard</b>.');
    expect(mails[0]?.mail.html).toContain('Welcome &lt;b&gt;aboard&lt;/b&gt;.');
    expect(mails[0]?.mail.text).toContain(`${PUBLIC_URL}/if/flow/${FLOW}/?itoken=${id}`);
    expect((await app.api('GET', `${API}/${id}`)).body.sent).toEqual(expect.any(String));
  });

  test('says who invites, on whose behalf, and shows a message in Markdown as such (T21, T23)', async () => {
    const message =
      '# Welcome\n\n**Dear** <b>Ann</b>, see [the plan](https://plan.example.org/x) \\\nor [this](javascript:alert(1)).\n\n' +
      '- one\n- *two*\n\n1. first\n2. <https://second.example.org/>';
    const { id } = await make({ message, message_format: 'markdown' });
    // As one that was made before line breaks were refused.
    await app.ctx.db.query(`update invitation set on_behalf_of = E'Ada\\n\\u061c<Lovelace>' where invite_uuid = $1`, [
      id,
    ]);
    await send(id, { recipients: ['ann@example.org'] });
    await settled(app, id, ['sent']);
    const { text, html } = mailsOf(id)[0]?.mail ?? {};
    const said = (await app.api('GET', '/api/v3/core/users/me/')).body.user.name;
    expect(text).toContain(`${said} has invited you on behalf of Ada <Lovelace> to create an account`);
    expect(html).toContain(`${said} has invited you on behalf of Ada &lt;Lovelace&gt; to create an account`);
    for (const line of ['Welcome', 'or this.', '• one', '• two', '1. first', '2. https://second.example.org/'])
      expect(String(text).split('\n')).toContain(line);
    expect(text).toContain('Dear <b>Ann</b>, see the plan (https://plan.example.org/x)');
    expect(html).toContain('<strong>Dear</strong> &lt;b&gt;Ann&lt;/b&gt;, see the plan (https://plan.example.org/x)');
    expect(html).toContain('• <em>two</em></p>');
    expect(html).toMatch(/font-weight:600">Welcome<\/p>/);
    for (const part of [text, html]) expect(part).not.toMatch(/javascript:|\*\*|href="https:\/\/plan/);
  });

  test('answers If-Match with the ETag of what it is now, and refuses one that names what it was', async () => {
    const { id } = await make();
    const before = String((await app.api('GET', `${API}/${id}`)).headers['etag']);
    const again = (etag: string) =>
      app.api('POST', `${API}/${id}/send`, { recipients: ['bea@example.org'] }, { headers: { 'if-match': etag } });
    const sent = await again(before);
    const after = await app.api('GET', `${API}/${id}`);
    expect(sent.headers['etag']).toBe(after.headers['etag']);
    expect(after.headers['etag']).not.toBe(before);
    expect((await again(before)).status).toBe(412);
    expect((await again(String(sent.headers['etag']))).status).toBe(202);
    expect((await send(id, { recipients: ['ann@example.org'] })).headers['etag']).toBeUndefined();
  });

  test('is a single statement', async () => {
    const { id } = await make();
    const counts: number[] = [];
    // Who asks is remembered for a second, and one wake-up serves all that is queued in a moment.
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      counts.push((await countQueries(() => send(id, { recipients: [`${name}@example.org`] }))).queries);
    }
    expect(Math.min(...counts)).toBe(1);
    expect((await deliveries(id)).items).toHaveLength(5);
  });

  test('with the same Idempotency-Key sends once', async () => {
    const { id } = await make();
    const headers = { 'idempotency-key': `send-${id}` };
    const once = () => app.api('POST', `${API}/${id}/send`, { recipients: ['ann@example.org'] }, { headers });
    const [first, second] = [await once(), await once()];
    expect([first.status, second.body]).toEqual([202, first.body]);
    expect((await deliveries(id)).items).toHaveLength(1);
  });

  test('mails to those that the invitation names, in its language, when nobody is given', async () => {
    const { id } = await make({ recipients: ['cem@example.org'], language: 'de-AT' });
    expect((await send(id)).status).toBe(202);
    await settled(app, id, ['sent']);
    expect(mailsOf(id)[0]?.mail.subject).toContain('eingeladen');
  });

  test('T14 carries a link that works of one with a secret link, and answers without it', async () => {
    const { id } = await make({ secret_link: true });
    const sent = await send(id, { recipients: ['dan@example.org'] });
    expect(sent.text).not.toContain('secret=');
    await settled(app, id, ['sent']);
    const link = /https:\/\/\S+secret=[\w-]+/.exec(String(mailsOf(id)[0]?.mail.text))?.[0] ?? '';
    const query = encodeURIComponent(new URL(link).search.slice(1));
    const first = await app.jar().get(`/api/v3/flows/executor/${FLOW}/?query=${query}`);
    expect(first.body.component).toBe('ak-stage-prompt');
  });

  test.each([
    [{ recipients: [] }, '/recipients', 'required'],
    [{ recipients: ['x'] }, '/recipients/0', 'wrong_form'],
    [{ recipients: Array(51).fill('a@example.org') }, '/recipients', 'too_many'],
    [{ recipients: ['a@example.org'], template: '../etc/passwd' }, '/template', 'not_found'],
    [{ recipients: ['a@example.org'], language: 'x\r\nBcc: b' }, '/language', 'wrong_form'],
  ])('refuses %j and queues nothing (D10, T21)', async (json, pointer, code) => {
    const { id } = await make();
    const { status, body } = await send(id, json);
    expect([status, body.errors.map((one: { pointer: string; code: string }) => [one.pointer, one.code])]).toEqual([
      422,
      [[pointer, code]],
    ]);
    expect((await deliveries(id)).items).toEqual([]);
  });

  test('sends nothing of one that is over', async () => {
    const { id } = await make();
    await app.ctx.db.query(`update invitation set expires = now() - interval '1 minute' where invite_uuid = $1`, [id]);
    expect((await send(id, { recipients: ['a@example.org'] })).body.code).toBe('invitation_not_pending');
    const { id: gone } = await make();
    await app.api('POST', `${API}/${gone}/revoke`);
    expect((await send(gone, { recipients: ['a@example.org'] })).body.code).toBe('invitation_revoked');
  });

  test('is a right of its own, and has a daily budget (T21)', async () => {
    const { id } = await make();
    const view = 'authentik_stages_invitation.view_invitation';
    const { token: viewer } = await buildAccount(app.ctx, { permissions: [view] });
    expect((await send(id, { recipients: ['a@example.org'] }, viewer)).status).toBe(403);
    const add = 'authentik_stages_invitation.add_invitation';
    const { token } = await buildAccount(app.ctx, { permissions: [view, add] });
    const crowd = (count: number) => Array.from({ length: count }, (_, at) => `p${at}@example.org`);
    expect((await send(id, { recipients: crowd(29) }, token)).status).toBe(202);
    const refused = await send(id, { recipients: crowd(2) }, token);
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await deliveries(id, '?limit=100')).items).toHaveLength(29);
  });

  test('with the same Idempotency-Key mails once', async () => {
    const { id } = await make();
    const headers = { 'idempotency-key': `send-${id}` };
    const again = () => app.api('POST', `${API}/${id}/send`, { recipients: ['eve@example.org'] }, { headers });
    const [first, second] = [await again(), await again()];
    expect(second.body).toEqual(first.body);
    expect((await deliveries(id)).items).toHaveLength(1);
  });
});

describe('deliveries', () => {
  test('tell of each person what became of it, with the words of the server, page by page', async () => {
    const { id } = await make();
    await send(id, { recipients: ['fay@example.org', 'no.one@example.org', 'gus@example.org'] });
    await settled(app, id, ['sent', 'failed']);
    const page = await deliveries(id, '?limit=2');
    const rest = await deliveries(id, `?limit=2&cursor=${page.next}`);
    expect([page.items.length, rest.items.length, rest.next]).toEqual([2, 1, null]);
    const all = [...page.items, ...rest.items];
    expect(new Set(all.map(({ recipient }) => recipient)).size).toBe(3);
    expect((await deliveries(id, '?state=failed')).items).toEqual([
      expect.objectContaining({
        recipient: 'no.one@example.org',
        state: 'failed',
        answer: expect.stringContaining('No such person'),
        next_try: null,
        tries: 1,
        template: 'invitation',
        kind: 'invitation',
      }),
    ]);
  });

  test('of copies by v3 are there too', async () => {
    const { id } = await make();
    await app.api('POST', `/api/v3/stages/invitation/invitations/${id}/send_email/`, {
      email_addresses: ['hal@example.org'],
      bcc_addresses: ['ida@example.org'],
    });
    const { items } = await deliveries(id);
    expect(items.map(({ header }: { header: string }) => header)).toEqual(['to', 'bcc']);
  });
});

describe('resend', () => {
  const resend = (id: string, json: object = {}) => app.api('POST', `${API}/${id}/resend`, json);

  test('mails again to those whom it did not reach, and to nobody else', async () => {
    const { id } = await make();
    await send(id, { recipients: ['jan@example.org', 'no.kim@example.org'], language: 'de' });
    await settled(app, id, ['sent', 'failed']);
    expect((await resend(id)).body.queued).toBe(1);
    await settled(app, id, ['sent', 'failed']);
    const { items } = await deliveries(id);
    expect(
      items.map(({ recipient, language }: { recipient: string; language: string }) => [recipient, language]),
    ).toEqual(
      expect.arrayContaining([
        ['no.kim@example.org', 'de'],
        ['no.kim@example.org', 'de'],
        ['jan@example.org', 'de'],
      ]),
    );
    expect(mailsOf(id)).toHaveLength(1);
  });

  test('mails to everybody again, or to the person of one delivery, as a mail of its own', async () => {
    const { id } = await make();
    const { body } = await send(id, { recipients: ['leo@example.org', 'mia@example.org'] });
    await settled(app, id, ['sent']);
    expect((await resend(id)).body.code).toBe('nobody_to_send_to');
    expect((await resend(id, { delivery: body.deliveries[0] })).body.queued).toBe(1);
    await settled(app, id, ['sent']);
    expect((await resend(id, { to: 'all' })).body.queued).toBe(2);
    await settled(app, id, ['sent']);
    const ids = mailsOf(id).map(({ mail }) => mail.messageId);
    expect([ids.length, new Set(ids).size]).toEqual([5, 5]);
    const { id: other } = await make();
    expect((await resend(other, { delivery: body.deliveries[0] })).status).toBe(404);
  });
});

test('the history of one tells that it was queued, sent and not delivered, each with who did it', async () => {
  const { id } = await make();
  await send(id, { recipients: ['ned@example.org', 'no.ola@example.org'] });
  await settled(app, id, ['sent', 'failed']);
  const { items } = (await app.api('GET', `${API}/${id}/events`)).body;
  const told = items.map(({ action, username }: { action: string; username: string | null }) => [action, username]);
  expect(told).toEqual(
    expect.arrayContaining([
      ['invitation_delivery_failed', null],
      ['invitation_sent', null],
      ['invitation_mail_queued', 'akadmin'],
      ['model_created', 'akadmin'],
    ]),
  );
  expect(JSON.stringify(items)).not.toContain('itoken');
});

test('without a mail server nothing is queued, and the answer says why', async () => {
  const bare = await testApp({ env: { VESTIBULE_PUBLIC_URL: PUBLIC_URL } });
  const { id } = (await bare.api('POST', API, { name: 'mute', flow: FLOW })).body;
  const { status, body } = await bare.api('POST', `${API}/${id}/send`, { recipients: ['a@example.org'] });
  expect([status, body.code]).toEqual([409, 'mail_not_configured']);
});

test('an invitation that expires is told of once, when it is marked', async () => {
  const { id } = await make();
  await app.ctx.db.query(`update invitation set expires = now() - interval '1 minute' where invite_uuid = $1`, [id]);
  for (let run = 0; run < 2; run += 1) {
    await app.ctx.db.query(`select graphile_worker.add_job('invitation.purge')`);
    await expect
      .poll(
        async () =>
          (await app.ctx.db.query(`select 1 from graphile_worker.jobs where task_identifier = 'invitation.purge'`))
            .length,
        { timeout: 20_000 },
      )
      .toBe(0);
  }
  const { items } = (await app.api('GET', `${API}/${id}/events`)).body;
  expect(items.filter(({ action }: { action: string }) => action === 'invitation_expired')).toHaveLength(1);
});
