import { describe, expect, test } from 'vitest';
import { buildRole, giveRole } from '../../src/core/roles/builders.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { tellApprovers } from '../../src/features/stages/invitation/approvals/tell.ts';
import { endAccounts, remindAccounts } from '../../src/features/stages/invitation/accounts/tasks.ts';
import { ENROLLMENT, PASSWORD, enrol, findUser, signIn, unique } from '../flows/builders.ts';
import { mailApp, outboxOf, settled } from '../mail/mail-app.ts';
import { buttonsOf, pageOf, press, submit } from '../flows/forms.ts';

const app = await mailApp();
const INVITATIONS = '/api/vestibule/v1/invitations';
const APPROVALS = '/api/vestibule/v1/approvals';
const APPROVE = 'authentik_stages_invitation.approve_invitation';
const WAITS = 'Your account waits for approval.';

/** Somebody who accepted an invitation with `approval`, and what waits for a decision. */
async function waiting(json: object = {}) {
  const name = unique('waiting');
  const body = { name: 'held', flow: ENROLLMENT, approval: true, ...json };
  const invitation = (await app.api('POST', INVITATIONS, body)).body;
  const link = new URL(invitation.link);
  await enrol(app.jar(), { slug: ENROLLMENT, query: link.search.slice(1) }, name);
  const [row] = await app.ctx.db.query<{ id: string }>(
    'select approval_uuid as id from invitation_approval where user_id = (select id from users where username = $1)',
    [name],
  );
  return { name, id: row?.id ?? '', invitation: String(invitation.id) };
}

const decide = (id: string, verdict: 'approve' | 'reject', json: object = {}, token?: string) =>
  app.api('POST', `${APPROVALS}/${id}/${verdict}`, json, token === undefined ? {} : { token });
const isActive = async (name: string) => (await findUser(app, name))?.['is_active'];

async function person(grants: Parameters<typeof buildRole>[1] = {}) {
  const account = await buildAccount(app.ctx);
  const [row] = await app.ctx.db.query<{ id: number }>(
    `update users set email = username || '@example.org' where username = $1 returning id`,
    [account.username],
  );
  await giveRole(app.ctx, row?.id ?? 0, await buildRole(app.ctx, grants));
  return account;
}

async function lastEvent(action: string) {
  const text = `select context from event where context ->> 'action' = $1 order by created desc limit 1`;
  const [row] = await app.ctx.db.query<{ context: object }>(text, [action]);
  return row?.context;
}

const mailsTo = (address: string) =>
  app.sink.received.filter(({ mail }) => JSON.stringify(mail.to).includes(address)).map(({ mail }) => mail);

describe('an account that waits', () => {
  test('cannot sign in, and is told so only after the right password', async () => {
    const { name, id } = await waiting();
    expect(await isActive(name)).toBe(false);
    const wrong = await signIn(app.jar(), name, 'not this one');
    expect(wrong.text).not.toContain('approval');
    const right = await signIn(app.jar(), name, PASSWORD);
    expect([right.body.component, right.body.error_message]).toEqual(['ak-stage-access-denied', WAITS]);
    await decide(id, 'reject');
    const refused = await signIn(app.jar(), name, PASSWORD);
    expect(refused.body.error_message).toBe('Your account was not approved.');
  });

  test('is in the list, and who may approve it is mailed once, in their language', async () => {
    const approver = await person({ permissions: [APPROVE] });
    const stranger = await person();
    await app.ctx.db.query(`update users set locale = 'de' where username = $1`, [approver.username]);
    const { name, id } = await waiting();
    await settled(app, id, ['sent']);
    await tellApprovers.run(app.ctx, id);
    const queued = (await outboxOf(app, id)).map(({ address }) => address);
    expect(queued.filter((address) => address === `${approver.username}@example.org`)).toHaveLength(1);
    const [mail] = mailsTo(`${approver.username}@example.org`);
    expect(mail?.subject).toBe('Ein Konto bei id.example.org wartet auf Ihre Freigabe');
    expect(mail?.text).toContain(`https://id.example.org/if/approvals/${id}/`);
    expect(mailsTo(`${stranger.username}@example.org`)).toEqual([]);
    const list = await app.api('GET', `${APPROVALS}?state=pending&limit=1`, undefined, { token: approver.token });
    expect(list.body.items.map((one: { user: { username: string } }) => one.user.username)).toEqual([name]);
    expect((await app.api('GET', APPROVALS, undefined, { token: stranger.token })).status).toBe(403);
  });
});

describe('a decision', () => {
  test('to approve activates the account, tells the person and an event, and they sign in', async () => {
    const { name, id, invitation } = await waiting();
    await app.ctx.db.query(`update users set locale = 'de' where username = $1`, [name]);
    await app.ctx.db.query(`update users set email = $1 || '@example.net' where username = $1`, [name]);
    const { status, body } = await decide(id, 'approve');
    expect([status, body.state, body.active, body.decided_by.username]).toEqual([200, 'approved', true, 'akadmin']);
    await settled(app, id, ['sent', 'cancelled']);
    expect(mailsTo(`${name}@example.net`).map(({ subject }) => subject)).toEqual([
      'Ihr Konto bei id.example.org ist bereit',
    ]);
    expect((await signIn(app.jar(), name, PASSWORD)).body.component).toBe('xak-flow-redirect');
    const told = await lastEvent('invitation_approved');
    expect(told).toMatchObject({ invitation_uuid: invitation.replaceAll('-', ''), activated: true });
  });

  test('to reject leaves it inactive, tells the reason, and the use stays counted', async () => {
    const { name, id, invitation } = await waiting({ max_uses: 1 });
    await app.ctx.db.query(`update users set email = $1 || '@example.net' where username = $1`, [name]);
    const { body } = await decide(id, 'reject', { reason: 'We do not <know> you.' });
    expect([body.state, body.active, body.reason]).toEqual(['rejected', false, 'We do not <know> you.']);
    await settled(app, id, ['sent', 'cancelled']);
    expect(mailsTo(`${name}@example.net`)[0]?.text).toContain('We do not <know> you.');
    expect((await app.api('GET', `${INVITATIONS}/${invitation}`)).body).toMatchObject({ uses: 1, state: 'used_up' });
    expect(await lastEvent('invitation_rejected')).not.toHaveProperty('activated');
  });

  test('is made once, however many decide at the same time', async () => {
    const { name, id } = await waiting();
    const verdicts = Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? ('approve' as const) : ('reject' as const)));
    const answers = await Promise.all(verdicts.map((verdict) => decide(id, verdict)));
    const won = answers.filter(({ status }) => status === 200);
    expect([won.length, answers.filter(({ body }) => body.code === 'decided_already').length]).toEqual([1, 7]);
    expect(await isActive(name)).toBe(won[0]?.body.state === 'approved');
  });

  test('activates nobody whom something else keeps out', async () => {
    const byHand = await waiting();
    const url = `/api/v3/core/users/${String((await findUser(app, byHand.name))?.['pk'])}/`;
    await app.api('PATCH', url, { is_active: true });
    await app.api('PATCH', url, { is_active: false });
    expect((await decide(byHand.id, 'approve')).body).toMatchObject({ state: 'approved', active: false });
    const ended = await waiting({ account_expires: 'P1D' });
    await app.ctx.db.query(`update account_expiry set expires = now() - interval '1 minute'`);
    await endAccounts.run(app.ctx, null);
    expect((await decide(ended.id, 'approve')).body.active).toBe(false);
    expect(await isActive(ended.name)).toBe(false);
  });

  test('T15 is for who may approve that invitation, and its inviter is nobody special', async () => {
    const [one, other] = [await waiting(), await waiting()];
    const inviter = await person({
      permissions: ['add', 'view', 'change', 'delete'].map((verb) => `authentik_stages_invitation.${verb}_invitation`),
    });
    const some = await person({ objects: [[APPROVE, one.invitation]] });
    expect((await decide(one.id, 'approve', {}, inviter.token)).status).toBe(403);
    expect((await decide(other.id, 'approve', {}, some.token)).status).toBe(404);
    expect((await app.api('GET', `${APPROVALS}/${other.id}`, undefined, { token: some.token })).status).toBe(404);
    const { body } = await app.api('GET', APPROVALS, undefined, { token: some.token });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([one.id]);
    expect((await decide(one.id, 'approve', {}, some.token)).status).toBe(200);
  });
});

describe('the page', () => {
  async function signedIn() {
    const jar = app.jar();
    await signIn(jar, 'akadmin', 'correct horse battery staple');
    return jar;
  }

  test('sends strangers to sign in, and is forbidden to who may not approve', async () => {
    const { headers, status } = await app.jar().ask('GET', '/if/approvals/');
    expect([status, headers['location']]).toEqual([302, '/flows/-/default/authentication/?next=%2Fif%2Fapprovals%2F']);
    const { name, id } = await waiting();
    await decide(id, 'approve');
    const jar = app.jar();
    await signIn(jar, name, PASSWORD);
    expect((await jar.get('/if/approvals/')).status).toBe(403);
    expect((await jar.get(`/if/approvals/${id}/`)).status).toBe(403);
  });

  test('lists who waits, and its buttons decide without a script', async () => {
    const jar = await signedIn();
    const { name, id } = await waiting();
    const list = await jar.get('/if/approvals/', { headers: { 'accept-language': 'de' } });
    expect(list.text).toContain('Konten zur Freigabe');
    expect(list.text).toContain(`/if/approvals/${id}/`);
    const page = await jar.get(`/if/approvals/${id}/`);
    expect(buttonsOf(page)).toEqual(['approve', 'reject']);
    const after = await press(jar, page, 'approve');
    expect([after.text.includes('Account approved'), buttonsOf(after)]).toEqual([true, []]);
    expect(await isActive(name)).toBe(true);
    expect((await jar.get('/if/approvals/nothing/')).status).toBe(404);
  });

  test('T16 refuses a form of another site, and one without its token', async () => {
    const jar = await signedIn();
    const { name, id } = await waiting();
    const url = `/if/approvals/${id}/`;
    expect((await jar.form(url, { action: 'approve' })).status).toBe(403);
    const page = await jar.get(url);
    const foreign = { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } };
    const csrf = /name="csrf" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    expect((await jar.form(url, { action: 'approve', csrf }, foreign)).status).toBe(403);
    expect(await isActive(name)).toBe(false);
    await submit(jar, page, { action: 'reject', reason: 'no' });
    expect((await app.api('GET', `${APPROVALS}/${id}`)).body).toMatchObject({ state: 'rejected', reason: 'no' });
  });
});

describe('the deliveries of the invitation', () => {
  const INVITE = 'authentik_stages_invitation.invite';
  const deliveries = async (id: string, query = '', token?: string) => {
    const { body } = await app.api('GET', `${INVITATIONS}/${id}/deliveries${query}`, undefined, token ? { token } : {});
    return body.items.map(({ kind, recipient }: { kind: string; recipient: string }) => [kind, recipient]);
  };
  const soon = `update account_expiry set remind = now() where user_id = (select id from users where username = $1)`;

  test('list what approvers and the owner of its account are told, from the asking to the end', async () => {
    const approver = await person({ permissions: [APPROVE] });
    const { name, id, invitation } = await waiting({ account_expires: 'P30D' });
    const other = await waiting();
    await settled(app, id, ['sent']);
    await app.ctx.db.query(`update users set email = $1 || '@example.net' where username = $1`, [name]);
    await decide(id, 'approve');
    await app.ctx.db.query(soon, [name]);
    await remindAccounts.run(app.ctx, null);
    const asked = await deliveries(invitation, '?kind=approval_asked&limit=100');
    expect(asked).toContainEqual(['approval_asked', `${approver.username}@example.org`]);
    const told = (await deliveries(invitation, '?limit=100')).filter(([kind]: string[]) => kind !== 'approval_asked');
    expect(told).toEqual([
      ['account_ending', `${name}@example.net`],
      ['approval_given', `${name}@example.net`],
    ]);
    await decide(other.id, 'reject');
    expect(await deliveries(other.invitation, '?kind=approval_given')).toEqual([]);
    expect(await deliveries(other.invitation, '?kind=approval_refused')).toHaveLength(1);
    // They are kept when the account is gone.
    await app.ctx.db.query('delete from users where username = $1', [name]);
    expect(await deliveries(invitation, '?kind=approval_given')).toHaveLength(1);
    const [event] = await app.ctx.db.query<{ n: number }>('select count(*)::int as n from invitation_mail');
    expect(event?.n).toBeGreaterThan(3);
  });

  test('do not tell who invites within limits who may approve', async () => {
    await person({ permissions: [APPROVE] });
    const role = await buildRole(app.ctx, { permissions: [INVITE] });
    await app.api('PUT', `/api/vestibule/v1/inviter-roles/${role}`, { flows: [ENROLLMENT], approval: true });
    const inviter = await buildAccount(app.ctx);
    await giveRole(app.ctx, inviter.id, role);
    const expires = new Date(Date.now() + 86_400_000).toISOString();
    const body = { name: 'own', flow: ENROLLMENT, approval: true, max_uses: 1, expires };
    const made = (await app.api('POST', INVITATIONS, body, { token: inviter.token })).body;
    const name = unique('invited');
    await enrol(app.jar(), { slug: ENROLLMENT, query: new URL(made.link).search.slice(1) }, name);
    const [row] = await app.ctx.db.query<{ id: string }>(
      'select approval_uuid as id from invitation_approval where user_id = (select id from users where username = $1)',
      [name],
    );
    await settled(app, row?.id ?? '', ['sent']);
    await app.ctx.db.query(`update users set email = $1 || '@example.net' where username = $1`, [name]);
    await decide(row?.id ?? '', 'approve');
    expect(await deliveries(made.id, '', inviter.token)).toEqual([['approval_given', `${name}@example.net`]]);
    expect(await deliveries(made.id, '?kind=approval_asked', inviter.token)).toEqual([]);
    expect((await deliveries(made.id, '?kind=approval_asked')).length).toBeGreaterThan(0);
  });

  test('list that its inviter was asked for a new one', async () => {
    const invited = (await app.api('POST', INVITATIONS, { name: 'over', flow: ENROLLMENT })).body;
    await app.api('POST', `${INVITATIONS}/${invited.id}/revoke`);
    const jar = app.jar();
    await press(jar, await jar.get(pageOf(ENROLLMENT, new URL(invited.link).search.slice(1))), 'ask');
    expect(await deliveries(invited.id)).toEqual([['invitation_requested', 'admin@example.org']]);
  });
});
