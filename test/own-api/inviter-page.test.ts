import { describe, expect, test } from 'vitest';
import { buildRole, giveRole } from '../../src/core/roles/builders.ts';
import { buildAccount, buildSession } from '../../src/core/tokens/builders.ts';
import type { Account } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { ENROLLMENT } from '../flows/builders.ts';
import { buttonsOf, formOf, submit } from '../flows/forms.ts';
import type { Answer, Jar } from '../jar.ts';
import { mailApp, settled } from '../mail/mail-app.ts';

const PAGE = '/if/invite/';
const API = '/api/vestibule/v1';
const INVITE = 'authentik_stages_invitation.invite';
const DAY = '86400';

const app = await mailApp({
  env: { VESTIBULE_MAIL_DAILY_BUDGET: '3' },
  behaviour: { refuse: (address) => (address.startsWith('no.') ? { code: 550, text: 'No such person' } : undefined) },
});
const unmailed = await testApp();

/** Somebody who may invite within limits, signed in. */
async function inviter(json: object = {}, on: TestApp = app): Promise<{ who: Account; jar: Jar }> {
  const who = await buildAccount(on.ctx);
  const role = await buildRole(on.ctx, { permissions: [INVITE] });
  const limits = { flows: [ENROLLMENT], may_mail: true, open_invitations: 100, per_day: 100, ...json };
  expect((await on.api('PUT', `${API}/inviter-roles/${role}`, limits)).status).toBe(200);
  await giveRole(on.ctx, who.id, role);
  const jar = on.jar();
  for (const pair of (await buildSession(on.ctx, who.id)).cookie.split('; '))
    jar.plant(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  return { who, jar };
}

const own = async ({ token }: Account, on: TestApp = app) =>
  (await on.api('GET', `${API}/invitations?mine=true`, undefined, { token })).body.items;
const linkOf = (page: Answer) => /value="(https?:[^"]*itoken[^"]*)"/.exec(page.text)?.[1];

/** The form of a row, with the button of that value. */
function pressOf(jar: Jar, page: Answer, action: string, id: string): Promise<Answer> {
  if (!buttonsOf(page).includes(action)) throw new Error(`There is no button ${action}.`);
  const { action: to, hidden } = formOf(page);
  const payload = new URLSearchParams({ ...hidden, action, id }).toString();
  return jar.ask('POST', to, { payload, type: 'application/x-www-form-urlencoded' });
}

describe('the page of inviters', () => {
  test('mails the invitation to its address, shows what became of it, and mails it again', async () => {
    const { who, jar } = await inviter();
    const fields = { action: 'invite', email: 'ann@example.org', lifetime: DAY, message: 'Come in', send: 'yes' };
    const made = await submit(jar, await jar.get(PAGE), fields);
    expect(made.text).toContain('It is being sent by email.');
    expect(linkOf(made)).toContain('itoken=');
    const [{ id, recipients }] = await own(who);
    expect(recipients).toEqual(['ann@example.org']);
    await settled(app, id, ['sent']);
    expect(app.sink.received.at(-1)).toMatchObject({ to: ['ann@example.org'] });
    const page = await jar.get(PAGE);
    expect(page.text).toContain('Email: sent');
    expect((await pressOf(jar, page, 'send', id)).status).toBe(303);
    await settled(app, id, ['sent']);
    const { items } = (await app.api('GET', `${API}/invitations/${id}/deliveries`, undefined, { token: who.token }))
      .body;
    expect(items).toHaveLength(2);
  });

  test('makes and mails one invitation of a form that is sent twice, and another of a changed one', async () => {
    const { who, jar } = await inviter();
    const form = await jar.get(PAGE);
    const fields = { action: 'invite', email: 'no.twice@example.org', lifetime: DAY, message: '', send: 'yes' };
    const [first, second] = await Promise.all([submit(jar, form, fields), submit(jar, form, fields)]);
    expect(linkOf(first)).toContain('itoken=');
    expect(linkOf(second)).toBe(linkOf(first));
    const [{ id }, ...others] = await own(who);
    expect(others).toEqual([]);
    await settled(app, id, ['failed']);
    expect(linkOf(await submit(jar, form, fields))).toBe(linkOf(first));
    const { items } = (await app.api('GET', `${API}/invitations/${id}/deliveries`, undefined, { token: who.token }))
      .body;
    expect(items).toHaveLength(1);
    const { send: _unsent, ...changed } = { ...fields, message: 'Come in' };
    expect(linkOf(await submit(jar, form, changed))).not.toBe(linkOf(first));
    expect(await own(who)).toHaveLength(2);
  });

  test('mails nothing without the tick or without an address', async () => {
    const { who, jar } = await inviter();
    const page = await jar.get(PAGE);
    await submit(jar, page, { action: 'invite', email: 'bea@example.org', lifetime: DAY });
    await submit(jar, page, { action: 'invite', lifetime: DAY, send: 'yes' });
    const items = await own(who);
    expect(items.map(({ sent }: { sent: unknown }) => sent)).toEqual([null, null]);
    // What has an address can be sent later.
    expect(buttonsOf(await jar.get(PAGE)).filter((action) => action === 'send')).toHaveLength(1);
  });

  test('says when a mail did not arrive', async () => {
    const { who, jar } = await inviter();
    const fields = { action: 'invite', email: 'no.one@example.org', lifetime: DAY, send: 'yes' };
    await submit(jar, await jar.get(PAGE), fields);
    const [{ id }] = await own(who);
    await settled(app, id, ['failed']);
    expect((await jar.get(PAGE)).text).toContain('Email: could not be delivered');
  });

  test('says who was not reached of several, and names nobody where all were', async () => {
    const { who, jar } = await inviter({ max_uses: 3 });
    const expires = new Date(Date.now() + 86_400_000).toISOString();
    const mailTo = async (...recipients: string[]): Promise<string> => {
      const body = { name: 'several', flow: ENROLLMENT, max_uses: 1, expires, recipients };
      const { id } = (await app.api('POST', `${API}/invitations`, body, { token: who.token })).body;
      const sent = await app.api('POST', `${API}/invitations/${id}/send`, {}, { token: who.token });
      expect(sent.status).toBe(202);
      await settled(app, id, ['failed', 'sent']);
      return (await jar.get(PAGE)).text.replaceAll(/<[^>]*>/g, '');
    };
    const reached = await mailTo('all@example.org');
    expect([reached.includes('Email: sent'), reached.includes('Email: sent (')]).toEqual([true, false]);
    const page = await mailTo('good@example.org', 'no.reach@example.org');
    expect(page).toContain('good@example.org: open');
    expect(page).toContain('Email: could not be delivered (no.reach@example.org)');
  });

  test.each([
    ['P2D', ['1 day', '2 days'], '2 days'],
    ['P3D', ['1 day', '3 days'], '3 days'],
    ['P10DT12H', ['1 day', '3 days', '7 days', '10 days, 12 hours'], '7 days'],
    ['PT30M', ['30 minutes'], '30 minutes'],
    ['P400D', ['1 day', '3 days', '7 days', '14 days', '30 days', '90 days', '400 days'], '7 days'],
  ])('offers the longest time that is permitted as well (%s), and takes it', async (most, words, chosen) => {
    const { who, jar } = await inviter({ max_lifetime: most });
    const page = await jar.get(PAGE);
    const options = [...page.text.matchAll(/<option([^>]*)value="(\d+)"([^>]*)>([^<]*)</g)];
    expect(options.map(([, , , , label]) => label)).toEqual(words);
    expect(options.filter(([all]) => all.includes('selected')).map(([, , , , label]) => label)).toEqual([chosen]);
    const longest = options.at(-1)?.[2] ?? '';
    expect(linkOf(await submit(jar, page, { action: 'invite', lifetime: longest }))).toContain('itoken=');
    const [{ expires, created }] = await own(who);
    expect(Math.round((Date.parse(expires) - Date.parse(created)) / 1000)).toBe(Number(longest));
  });

  test('makes one all the same when the day is full of mails, says so, and shows the link (T21)', async () => {
    const { who, jar } = await inviter();
    const page = await jar.get(PAGE);
    const send = (at: number) =>
      submit(jar, page, { action: 'invite', email: `p${at}@example.org`, lifetime: DAY, send: 'yes' });
    for (let at = 0; at < 3; at += 1) expect((await send(at)).text).toContain('It is being sent by email.');
    const full = await send(3);
    expect(full.text).toContain('you have sent as many emails today');
    expect(linkOf(full)).toContain('itoken=');
    const [{ id }] = await own(who);
    const again = await pressOf(jar, await jar.get(PAGE), 'send', id);
    expect([again.status, again.text.includes('You have sent as many emails today')]).toEqual([429, true]);
  });

  test('T21 mails nothing for a role that may not, and says so', async () => {
    const { who, jar } = await inviter({ may_mail: false });
    const page = await jar.get(PAGE);
    expect(page.text).toContain('You may not have emails sent.');
    const made = await submit(jar, page, { action: 'invite', email: 'cem@example.org', lifetime: DAY, send: 'yes' });
    expect([made.status, linkOf(made) === undefined]).toEqual([200, false]);
    const [{ id, recipients, sent }] = await own(who);
    expect([recipients, sent]).toEqual([[], null]);
    const { action, hidden } = formOf(page);
    expect((await jar.form(action, { ...hidden, action: 'send', id })).status).toBe(403);
    expect(buttonsOf(await jar.get(PAGE))).not.toContain('send');
  });

  test('without a mail server says so, and shows the link', async () => {
    const { jar } = await inviter({}, unmailed);
    const page = await jar.get(PAGE, { headers: { 'accept-language': 'de' } });
    expect(page.text).toContain('Von hier lassen sich keine E-Mails senden.');
    const made = await submit(jar, page, { action: 'invite', email: 'dan@example.org', lifetime: DAY });
    expect(made.text).toContain('No email can be sent from here.');
    expect(linkOf(made)).toContain('itoken=');
  });

  test('pages through all of them, each once, and goes back to the page a button was pressed on', async () => {
    const { who, jar } = await inviter();
    const expires = new Date(Date.now() + 86_400_000).toISOString();
    const body = { name: 'many', flow: ENROLLMENT, max_uses: 1, expires };
    for (let at = 0; at < 45; at += 1) await app.api('POST', `${API}/invitations`, body, { token: who.token });
    const seen: string[] = [];
    let path: string | undefined = PAGE;
    let last: Answer | undefined;
    while (path !== undefined) {
      last = await jar.get(path);
      seen.push(...[...last.text.matchAll(/name="id" value="([-0-9a-f]{36})"/g)].map(([, id]) => id ?? ''));
      path = /href="([^"]*cursor=[^"]*)"/.exec(last.text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect([seen.length, new Set(seen).size]).toEqual([45, 45]);
    if (!last) throw new Error('There was no page.');
    const revoked = await pressOf(jar, last, 'revoke', seen.at(-1) ?? '');
    expect([revoked.status, String(revoked.headers['location'])]).toEqual([303, expect.stringContaining('cursor=')]);
    expect((await jar.get(String(revoked.headers['location']))).text).toContain('revoked');
    const nowhere = await jar.ask('GET', `${PAGE}?cursor=x.y`);
    expect([nowhere.status, nowhere.headers['location']]).toEqual([302, PAGE]);
  });

  test('T15 T16 mails no invitation of others, and nothing without its token', async () => {
    const { jar, who } = await inviter();
    const others = (await app.api('POST', `${API}/invitations`, { name: 'other', flow: ENROLLMENT })).body.id;
    const page = await jar.get(PAGE);
    const { action, hidden } = formOf(page);
    expect((await jar.form(action, { ...hidden, action: 'send', id: others })).status).toBe(404);
    await submit(jar, page, { action: 'invite', email: 'eva@example.org', lifetime: DAY });
    const [{ id }] = await own(who);
    expect((await jar.form(PAGE, { action: 'send', id })).status).toBe(403);
    expect((await app.api('GET', `${API}/invitations/${id}/deliveries`)).body.items).toEqual([]);
  });
});
