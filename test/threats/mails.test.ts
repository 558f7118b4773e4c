import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { insertUser } from '../../src/core/users/index.ts';
import { INVITATIONS, buildFlow, buildStage, create, dummyStage, unique } from '../flows/builders.ts';
import { pageOf, press } from '../flows/forms.ts';
import { ADMIN_TOKEN } from '../app.ts';
import { PUBLIC_URL, mailApp, mailTo, mailsTo, outboxOf, startAgain } from '../mail/mail-app.ts';
import type { Received } from '../mail/smtp-sink.ts';
import { FLOW, INVITATIONS_URL, MAY } from '../own-api/invitation-calls.ts';

const app = await mailApp();
await startAgain(app);
const { ctx } = app;

const person = async () => {
  const username = unique('person');
  const email = `${username}@example.org`;
  const { id } = await insertUser(ctx.db, { username, email, name: 'Pat' });
  return { id, username, email };
};

/** All that a client can say of the host it means. */
const EVIL = {
  host: 'evil.example',
  forwarded: 'host=evil.example;proto=http',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '81',
  'x-original-url': 'http://evil.example/',
  'x-rewrite-url': 'http://evil.example/',
};
const links = (text: string): string[] => text.match(/https?:\/\/[^\s"<>)]+/g) ?? [];

function expectOwnLinks({ raw, mail }: Received): void {
  expect(raw).not.toContain('evil.example');
  const found = links(`${mail.text ?? ''} ${typeof mail.html === 'string' ? mail.html : ''}`);
  expect(found.filter((link) => !link.startsWith(`${PUBLIC_URL}/`) && link !== PUBLIC_URL)).toEqual([]);
}

describe('T20: a foreign host and forwarded headers reach no link', () => {
  test('of the mails of recovery, by the executor and by the page, sent once and again', async () => {
    const pat = await person();
    const jar = app.jar();
    const url = '/api/v3/flows/executor/default-recovery-flow/?query=';
    await jar.get(url, { headers: EVIL });
    await jar.post(url, { uid_field: pat.username }, { headers: EVIL });
    expectOwnLinks(await mailTo(app, pat.email));
    await jar.post(url, {}, { headers: EVIL });
    const again = await mailTo(app, pat.email, 2);
    expectOwnLinks(again);
    expect(links(again.mail.text ?? '')[0]).toMatch(/^https:\/\/id\.example\.org\/if\/flow\/default-recovery-flow\/\?/);
  });

  test('of the mail that asks an inviter for a new invitation', async () => {
    const inviter = await person();
    const pk = await create(app, '/stages/invitation/invitations/', { name: unique('dead') });
    await ctx.db.query('update invitation set created_by = $2, used_up = now() where invite_uuid = $1', [
      pk,
      inviter.id,
    ]);
    const jar = app.jar();
    const page = await jar.get(pageOf(FLOW, `itoken=${pk}`), { headers: EVIL });
    expect(page.text).not.toContain('evil.example');
    await press(jar, page, 'ask');
    expectOwnLinks(await mailTo(app, inviter.email));
  });

  test('of the own API’s answers', async () => {
    const headers = { ...EVIL };
    const made = await app.api('POST', INVITATIONS_URL, { name: 'hosted', flow: FLOW, secret_link: true }, { headers });
    expect(made.body.link).toMatch(/^https:\/\/id\.example\.org\/if\/flow\//);
    expect(made.text).not.toContain('evil.example');
    expect(String(made.headers['location'])).toMatch(/^\/api\/vestibule\/v1\//);
  });
});

describe('T14, T21: who may see invitations and make some, mails', () => {
  const RIGHTS = { permissions: [MAY('view'), MAY('add')] };
  const send = (pk: string, token: string, to: string) =>
    app.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: [to] }, { token });

  test('no secret link of what they could not give to themselves, and every other one', async () => {
    const low = await buildAccount(ctx, RIGHTS);
    const group = await create(app, '/core/groups/', { name: unique('given') });
    const base = { name: 'given', flow: FLOW, secret_link: true };
    const strong = (await app.api('POST', INVITATIONS_URL, { ...base, groups: [group] })).body.id;
    const weak = (await app.api('POST', INVITATIONS_URL, base)).body.id;
    expect((await send(strong, low.token, 'low@example.org')).status).toBe(403);
    const own = (pk: string, verb: string, json: object) =>
      app.api('POST', `${INVITATIONS_URL}/${pk}/${verb}`, json, { token: low.token, headers: EVIL });
    expect((await own(strong, 'send', { recipients: ['low@example.org'] })).status).toBe(403);
    expect(await outboxOf(app, strong)).toEqual([]);
    expect((await send(strong, ADMIN_TOKEN, 'owner@example.org')).status).toBe(204);
    await mailTo(app, 'owner@example.org');
    expect((await own(strong, 'resend', { to: 'all' })).status).toBe(403);
    expect((await own(weak, 'send', { recipients: ['friend@example.org'] })).status).toBe(202);
    expectOwnLinks(await mailTo(app, 'friend@example.org'));
    expect((await send(weak, low.token, 'low@example.org')).status).toBe(204);
    const giver = await buildAccount(ctx, {
      permissions: [...RIGHTS.permissions, 'authentik_core.add_user_to_group'],
    });
    expect((await send(strong, giver.token, 'giver@example.org')).status).toBe(204);
  });

  test('nothing by making one: its recipients are kept, up to fifty clean ones, and not written to', async () => {
    const base = { name: 'kept', flow: FLOW };
    const many = Array.from({ length: 51 }, (_, at) => `p${at}@example.org`);
    for (const recipients of [many, ['a@example.org\r\nBcc: b@example.org'], ['"a b"@example.org'], [{ a: 1 }]])
      expect((await app.api('POST', INVITATIONS_URL, { ...base, recipients })).status).toBe(422);
    const { body } = await app.api('POST', INVITATIONS_URL, { ...base, recipients: ['kept@example.org'] });
    expect(await outboxOf(app, body.id)).toEqual([]);
  });
});

describe('T19: a link of recovery', () => {
  async function begun() {
    const identify = await buildStage(app, '/stages/identification/', { user_fields: ['username'] });
    const stages = [identify, await buildStage(app, '/stages/email/', {}), await dummyStage(app)];
    const { slug } = await buildFlow(app, stages, { designation: 'recovery' });
    const pat = await person();
    const jar = app.jar();
    await jar.open(slug);
    await jar.answer(slug, { uid_field: pat.username });
    const text = (await mailTo(app, pat.email)).mail.text ?? '';
    return { slug, pat, jar, query: new URL(links(text)[0] ?? '').search.slice(1) };
  }

  test('lives for 30 minutes unless the stage says otherwise', async () => {
    const { pat } = await begun();
    const [row] = await ctx.db.query<{ left: number }>(
      'select extract(epoch from expires - now())::integer as left from flow_token where user_id = $1',
      [pat.id],
    );
    expect(row?.left).toBeLessThanOrEqual(1800);
    expect(row?.left).toBeGreaterThan(1700);
  });

  test('is worth nothing after it was used, in the browser that used it and in others, whatever is typed', async () => {
    const { slug, pat, jar, query } = await begun();
    await jar.open(slug, query);
    expect((await jar.answer(slug, {}, query)).body.component).toBe('ak-stage-dummy');
    for (const browser of [app.jar(), app.jar()]) {
      await browser.open(slug, query);
      const { body } = await browser.answer(slug, { email: pat.email }, query);
      expect(body.component).toBe('ak-stage-identification');
    }
  });

  test('does not lead its bearer to the account of somebody else by a form, a header or a query', async () => {
    const { slug, pat, query } = await begun();
    const eve = await person();
    const phone = app.jar();
    await phone.open(slug, query);
    for (const reply of [{ uid_field: eve.username }, { email: eve.email }, { pending_user: eve.id, user: eve.id }]) {
      const { body } = await phone.answer(slug, reply, `${query}&uid_field=${eve.username}&email=${eve.email}`);
      expect(body.component).toBe('ak-stage-email');
    }
    expect(mailsTo(app, eve.email)).toEqual([]);
    const { body } = await phone.answer(slug, { email: pat.email }, query);
    expect(body.flow_info === undefined || body.component).toBe('ak-stage-dummy');
  });

  test('that was opened is worth nothing once the password was changed otherwise (E04)', async () => {
    const { slug, pat, jar, query } = await begun();
    await jar.open(slug, query);
    const change = { password: 'quite another password' };
    expect((await app.api('POST', `/api/v3/core/users/${pat.id}/set_password/`, change)).status).toBe(204);
    expect((await jar.answer(slug, {}, query)).body.component).not.toBe('ak-stage-dummy');
    const late = app.jar();
    await late.open(slug, query);
    expect((await late.answer(slug, { email: pat.email }, query)).body.component).not.toBe('ak-stage-dummy');
  });
});
