import { describe, expect, test } from 'vitest';
import { buildRole, giveRole } from '../../src/core/roles/builders.ts';
import { buildAccount, buildSession } from '../../src/core/tokens/builders.ts';
import type { Account } from '../../src/core/tokens/builders.ts';
import { create } from '../../src/features/stages/prompt/builders.ts';
import { mailApp, outboxOf } from '../mail/mail-app.ts';
import { ENROLLMENT, buildFlow, enrol, findUser, invitationStage, unique } from '../flows/builders.ts';
import { submit } from '../flows/forms.ts';
import type { Answer } from '../jar.ts';

const app = await mailApp({ worker: false });
const API = '/api/vestibule/v1';
const URL_ = `${API}/invitations`;
const V3 = '/api/v3/stages/invitation/invitations/';
const INVITE = 'authentik_stages_invitation.invite';

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const pointers = ({ body }: Answer): string[] => (body.errors ?? []).map((one: { pointer: string }) => one.pointer);

async function limited(json: object = {}, permissions: readonly string[] = [INVITE]): Promise<string> {
  const role = await buildRole(app.ctx, { permissions });
  const answer = await app.api('PUT', `${API}/inviter-roles/${role}`, { flows: [ENROLLMENT], ...json });
  expect(answer.status).toBe(200);
  return role;
}

/** Somebody who may invite within limits. */
async function inviter(json: object = {}): Promise<Account> {
  const account = await buildAccount(app.ctx);
  await giveRole(app.ctx, account.id, await limited(json));
  return account;
}

const plain = () => ({ name: 'mine', flow: ENROLLMENT, max_uses: 1, expires: inDays(3) });
const as = ({ token }: Account, method: string, path: string, json?: unknown) =>
  app.api(method, path, json, { token, ...(method === 'PATCH' ? { headers: { 'if-match': '*' } } : {}) });
const make = (who: Account, json: object = {}) => as(who, 'POST', URL_, { ...plain(), ...json });
const group = (json: object = {}) => create(app, '/core/groups/', { name: unique('given'), ...json });

describe('somebody who may invite within limits', () => {
  test('makes, lists, reads, changes, extends, renews and revokes their own', async () => {
    const who = await inviter({ max_uses: 5 });
    const made = await make(who);
    expect([made.status, made.body.created_by.username]).toEqual([201, who.username]);
    expect(made.body.link).toContain(made.body.id);
    const one = `${URL_}/${made.body.id}`;
    expect((await as(who, 'GET', one)).status).toBe(200);
    expect((await as(who, 'PATCH', one, { message: 'hello' })).body.message).toBe('hello');
    expect((await as(who, 'POST', `${one}/extend`, { more_uses: 2 })).body.max_uses).toBe(3);
    expect((await as(who, 'POST', `${one}/rotate`, { code: 'new' })).status).toBe(200);
    for (const path of ['uses', 'events', 'qr.svg']) expect((await as(who, 'GET', `${one}/${path}`)).status).toBe(200);
    for (const query of ['', '?mine=true']) {
      const { body } = await as(who, 'GET', `${URL_}${query}`);
      expect(body.items.map(({ id }: { id: string }) => id)).toEqual([made.body.id]);
    }
    expect((await as(who, 'POST', `${one}/revoke`, {})).body.state).toBe('revoked');
  });

  test('T15 finds nothing of others, and has nothing over /api/v3', async () => {
    const who = await inviter();
    const others = (await app.api('POST', URL_, plain())).body.id;
    const one = `${URL_}/${others}`;
    const missing = `${URL_}/00000000-0000-4000-8000-000000000000`;
    for (const [method, path, json] of [
      ['GET', ''],
      ['PATCH', '', { message: 'mine' }],
      ['POST', '/revoke', {}],
      ['POST', '/extend', { more_uses: 1 }],
      ['POST', '/rotate', { code: 'new' }],
      ['GET', '/uses'],
      ['GET', '/events'],
    ] as const) {
      const answers = [await as(who, method, `${one}${path}`, json), await as(who, method, `${missing}${path}`, json)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    }
    expect((await as(who, 'GET', URL_)).body.items).toEqual([]);
    const own = (await make(who)).body.id;
    expect((await as(who, 'GET', V3)).status).toBe(403);
    for (const pk of [own, others]) {
      expect((await as(who, 'GET', `${V3}${pk}/`)).status).toBe(403);
      expect((await as(who, 'PATCH', `${V3}${pk}/`, { single_use: false })).status).toBe(403);
      expect((await as(who, 'DELETE', `${V3}${pk}/`)).status).toBe(403);
    }
    expect((await as(who, 'POST', V3, { name: 'more' })).status).toBe(403);
    const body = [plain()];
    expect((await as(who, 'POST', `${API}/invitation-imports`, body)).status).toBe(403);
    expect((await as(who, 'GET', `${URL_}/export.json`)).status).toBe(403);
    expect((await as(who, 'GET', `${API}/invitation-statistics`)).status).toBe(403);
  });

  test('T11 goes beyond no limit when making one, and is told all of it', async () => {
    const who = await inviter({ approval: true, max_account_lifetime: 'P30D' });
    const listed = await group();
    const answer = await make(who, {
      flow: 'default-authentication-flow',
      max_uses: null,
      expires: null,
      groups: [listed],
      roles: [await buildRole(app.ctx, {})],
      recipients: ['a@example.org'],
      reminders: [{ when: 'after_sending', duration: 'P1D' }],
      fixed_data: { email: 'a@example.org' },
    });
    expect(answer.status).toBe(422);
    expect(pointers(answer).toSorted()).toEqual(
      [
        '/account_expires',
        '/approval',
        '/expires',
        '/fixed_data',
        '/flow',
        '/groups/0',
        '/max_uses',
        '/recipients',
        '/reminders',
        '/roles/0',
      ].toSorted(),
    );
    const just = { approval: true, account_expires: 'P30D' };
    expect((await make(who, just)).status).toBe(201);
    expect(pointers(await make(who, { ...just, account_expires: 'P31D' }))).toEqual(['/account_expires']);
    expect(pointers(await make(who, { ...just, account_expires: inDays(31) }))).toEqual(['/account_expires']);
    expect(pointers(await make(who, { ...just, expires: inDays(8) }))).toEqual(['/expires']);
    expect(pointers(await make(who, { ...just, max_uses: 2 }))).toEqual(['/max_uses']);
    expect(pointers(await make(who, { ...just, flow: null }))).toEqual(['/flow']);
  });

  test('T11 is held to the same limits by a change and an extension, whatever was there before', async () => {
    const who = await inviter({ approval: true });
    const { id } = (await make(who, { approval: true })).body;
    const one = `${URL_}/${id}`;
    expect(pointers(await as(who, 'PATCH', one, { approval: false }))).toEqual(['/approval']);
    expect(pointers(await as(who, 'PATCH', one, { expires: inDays(20) }))).toEqual(['/expires']);
    expect(pointers(await as(who, 'POST', `${one}/extend`, { expires: inDays(20) }))).toEqual(['/expires']);
    expect(pointers(await as(who, 'POST', `${one}/extend`, { expires: null }))).toEqual(['/expires']);
    expect(pointers(await as(who, 'POST', `${one}/extend`, { more_uses: 1 }))).toEqual(['/max_uses']);
    // What an administrator added is not theirs to hand on to somebody else.
    await app.api('PATCH', one, { groups: [await group()], secret_link: false }, { headers: { 'if-match': '*' } });
    expect(pointers(await as(who, 'PATCH', one, { message: 'for my friend' }))).toEqual(['/groups/0']);
    expect(pointers(await as(who, 'POST', `${one}/rotate`, { code: 'new' }))).toEqual(['/groups/0']);
    expect((await as(who, 'POST', `${one}/revoke`, {})).status).toBe(200);
  });

  test('A23 gives the groups and roles of the list, but none that can do more than they', async () => {
    const powerful = await buildRole(app.ctx, { permissions: ['authentik_core.view_user'] });
    const [harmless, strong] = [await group(), await group({ roles: [powerful] })];
    const root = await group({ is_superuser: true });
    const role = await buildRole(app.ctx, {});
    const who = await inviter({ groups: [harmless, strong, root], roles: [role, powerful] });
    expect(pointers(await make(who, { groups: [harmless, strong, root], roles: [role, powerful] }))).toEqual([
      '/groups/1',
      '/groups/2',
      '/roles/1',
    ]);
    const made = await make(who, { groups: [harmless], roles: [role] });
    const name = unique('invited');
    await enrol(app.jar(), { slug: ENROLLMENT, query: new URL(made.body.link).search.slice(1) }, name);
    expect(await findUser(app, name)).toMatchObject({ groups: [harmless] });
  });

  test('T11 fills in only what the flow lets people type, and the attributes of the list', async () => {
    const stage = await create(app, '/stages/prompt/stages/', {
      name: unique('prompts'),
      fields: await Promise.all(
        [
          ['email', 'email'],
          ['attributes.room', 'text'],
          ['attributes.level', 'hidden'],
          ['attributes.rank', 'text_read_only'],
          ['secret', 'password'],
        ].map(([field_key, type]) =>
          create(app, '/stages/prompt/prompts/', { name: unique('prompt'), field_key, type, label: 'x' }),
        ),
      ),
    });
    const flow = await buildFlow(app, [await invitationStage(app), stage]);
    const who = await inviter({ flows: [flow.slug], attributes: ['team', 'desk.number'] });
    const fill = (fixed_data: object) => make(who, { flow: flow.slug, fixed_data });
    const good = {
      email: 'a@example.org',
      attributes: { room: 1, team: { name: 'a', size: [2] }, desk: { number: 3 } },
    };
    expect((await fill(good)).status).toBe(201);
    expect((await fill({ 'attributes.room': 'dotted' })).status).toBe(201);
    for (const bad of [
      { username: 'root' },
      { attributes: { level: 9 } },
      { attributes: { rank: 9 } },
      { secret: 'x' },
      { password: 'x' },
      { attributes: { teams: 1 } },
      { attributes: { desk: { owner: 1 } } },
      { attributes: 'all' },
      { attributes: {} },
      { email: { is_superuser: true } },
      { is_superuser: true },
      { groups: ['x'] },
      { 'attributes.level': 9 },
    ]) {
      expect([bad, pointers(await fill(bad))]).toEqual([bad, ['/fixed_data']]);
    }
  });

  test('never has more open, or makes more in a day, than they may, with any number of requests at once', async () => {
    const open = await inviter({ open_invitations: 3, per_day: 100 });
    const opened = await Promise.all(Array.from({ length: 12 }, () => make(open)));
    expect(opened.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(opened.filter(({ body }) => body.code === 'too_many_open')).toHaveLength(9);
    const day = await inviter({ open_invitations: 100, per_day: 4 });
    const made = await Promise.all(Array.from({ length: 12 }, () => make(day)));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(4);
    const late = made.filter(({ body }) => body.code === 'too_many_today');
    expect([late.length, Number(late[0]?.headers['retry-after']) > 86_000]).toEqual([8, true]);
    // Revoking makes room for another open one, not for more in a day.
    const first = opened.find(({ status }) => status === 201)?.body.id;
    await as(open, 'POST', `${URL_}/${first}/revoke`, {});
    expect((await make(open)).status).toBe(201);
    await as(day, 'POST', `${URL_}/${made.find(({ status }) => status === 201)?.body.id}/revoke`, {});
    expect((await make(day)).body.code).toBe('too_many_today');
  });

  test('opens no more again than they may have open', async () => {
    const who = await inviter({ open_invitations: 1, max_uses: 9 });
    const { id } = (await make(who)).body;
    await app.ctx.db.query('update invitation set uses = 1, used_up = now() where invite_uuid = $1', [id]);
    expect((await make(who)).status).toBe(201);
    expect((await as(who, 'POST', `${URL_}/${id}/extend`, { more_uses: 1 })).body.code).toBe('too_many_open');
    expect((await as(who, 'PATCH', `${URL_}/${id}`, { max_uses: 2 })).body.code).toBe('too_many_open');
  });

  test('has everything that one of their roles allows', async () => {
    const who = await inviter({ max_uses: 2, per_day: 1, approval: true });
    const second = await buildFlow(app, [await invitationStage(app)]);
    await giveRole(app.ctx, who.id, await limited({ flows: [second.slug], max_uses: 7, per_day: 50, may_mail: true }));
    // Limits of a role without the permission mean nothing.
    await giveRole(app.ctx, who.id, await limited({ flows: ['default-authentication-flow'], max_uses: 99 }, []));
    const { body } = await as(who, 'GET', `${API}/me/inviting`);
    expect(body).toMatchObject({ may_invite: true, open: 0, today: 0 });
    expect(body.limits).toMatchObject({
      max_uses: 7,
      per_day: 50,
      may_mail: true,
      approval: false,
      max_lifetime: 'P7D',
    });
    expect(body.limits.flows).toEqual([second.slug, ENROLLMENT].toSorted());
    expect((await make(who, { max_uses: 7 })).status).toBe(201);
  });

  test('D18 who loses the role can change nothing any more, and what they made still works', async () => {
    const who = await inviter();
    const { id, link } = (await make(who)).body;
    await app.ctx.db.query('delete from user_roles where user_id = $1', [who.id]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    for (const answer of [await as(who, 'GET', `${URL_}/${id}`), await make(who), await as(who, 'GET', URL_)]) {
      expect(answer.status).toBe(403);
    }
    expect((await as(who, 'POST', `${URL_}/${id}/revoke`, {})).status).toBe(403);
    const name = unique('invited');
    await enrol(app.jar(), { slug: ENROLLMENT, query: new URL(link).search.slice(1) }, name);
    expect(await findUser(app, name)).toBeDefined();
  });

  test('T21 mails their own, if they may mail, and none that is beyond their limits', async () => {
    const [may, mayNot] = [await inviter({ may_mail: true }), await inviter()];
    const recipients = ['friend@example.org'];
    const own = (await make(may, { recipients })).body.id;
    const silent = (await make(mayNot)).body.id;
    expect((await as(may, 'POST', `${URL_}/${own}/send`, {})).status).toBe(202);
    expect((await as(may, 'GET', `${URL_}/${own}/deliveries`)).body.items).toHaveLength(1);
    expect((await as(mayNot, 'POST', `${URL_}/${silent}/send`, { recipients })).status).toBe(403);
    expect((await as(mayNot, 'POST', `${URL_}/${own}/send`, { recipients })).status).toBe(404);
    expect((await as(mayNot, 'GET', `${URL_}/${own}/deliveries`)).status).toBe(404);
    await app.api(
      'PATCH',
      `${URL_}/${own}`,
      { groups: [await group()], secret_link: false },
      { headers: { 'if-match': '*' } },
    );
    expect(pointers(await as(may, 'POST', `${URL_}/${own}/send`, { recipients: ['b@example.org'] }))).toEqual([
      '/groups/0',
    ]);
    expect((await outboxOf(app, own)).map(({ address }) => address)).toEqual(recipients);
    expect(await outboxOf(app, silent)).toEqual([]);
  });

  test('without limits of their role may invite nobody', async () => {
    const who = await buildAccount(app.ctx, { permissions: [INVITE] });
    const answer = await make(who);
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    expect(answer.body.detail).toContain('no limits are set for any role of yours');
    expect((await as(who, 'GET', `${API}/me/inviting`)).body.may_invite).toBe(false);
  });

  test('whose limits were taken away is told so, whatever they do but end what they made', async () => {
    const [who, role] = [await buildAccount(app.ctx), await limited({ may_mail: true })];
    await giveRole(app.ctx, who.id, role);
    const one = `${URL_}/${(await make(who, { recipients: ['friend@example.org'] })).body.id}`;
    expect((await app.api('DELETE', `${API}/inviter-roles/${role}`)).status).toBe(204);
    const answers = [
      await as(who, 'PATCH', one, { message: 'x' }),
      await as(who, 'POST', `${one}/extend`, { more_uses: 1 }),
      await as(who, 'POST', `${one}/send`, {}),
    ];
    for (const { status, body } of answers) {
      expect([status, body.detail]).toEqual([403, expect.stringContaining('no limits are set')]);
    }
    expect((await as(who, 'POST', `${one}/revoke`, {})).status).toBe(200);
  });
});

describe('the limits of a role', () => {
  test('are set as a whole, read, listed and taken away', async () => {
    const given = await group();
    const role = await limited({ groups: [given], max_lifetime: 'PT48H', attributes: ['team'] });
    const one = `${API}/inviter-roles/${role}`;
    const read = (await app.api('GET', one)).body;
    expect(read).toMatchObject({ role, may_invite: true, flows: [ENROLLMENT], groups: [given], max_lifetime: 'P2D' });
    const { body } = await app.api('GET', `${API}/inviter-roles?limit=100`);
    expect(body.items).toContainEqual(read);
    await app.api('PUT', one, { flows: [] });
    expect((await app.api('GET', one)).body).toMatchObject({ flows: [], groups: [], attributes: [] });
    expect((await app.api('DELETE', one)).status).toBe(204);
    expect((await app.api('GET', one)).status).toBe(404);
    const nobody = `${API}/inviter-roles/00000000-0000-4000-8000-000000000000`;
    expect((await app.api('PUT', nobody, { flows: [] })).status).toBe(404);
    expect(pointers(await app.api('PUT', one, { flows: ['nowhere'], groups: [role] }))).toEqual([
      '/flows/0',
      '/groups/0',
    ]);
  });

  test('A23 are set by nobody who could not do all of that', async () => {
    const role = await buildRole(app.ctx, { permissions: [INVITE] });
    const put = async (permissions: readonly string[], json: object = {}) => {
      const who = await buildAccount(app.ctx, { permissions });
      return as(who, 'PUT', `${API}/inviter-roles/${role}`, { flows: [ENROLLMENT], ...json });
    };
    const [change, add] = ['authentik_rbac.change_role', 'authentik_stages_invitation.add_invitation'];
    for (const few of [[], [change], [add], [INVITE]]) expect((await put(few)).status).toBe(403);
    // The role can do more than they.
    expect((await put([change, add])).status).toBe(403);
    expect((await put([change, add, INVITE])).status).toBe(200);
    expect(pointers(await put([change, add, INVITE], { groups: [await group()] }))).toEqual(['/groups/0']);
  });
});

describe('the page of inviters', () => {
  const signedIn = async ({ id }: Account) => {
    const jar = app.jar();
    const { cookie } = await buildSession(app.ctx, id);
    for (const pair of cookie.split('; '))
      jar.plant(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    return jar;
  };

  test('is for who may invite, and what it makes is within their limits', async () => {
    expect((await app.jar().ask('GET', '/if/invite/')).status).toBe(302);
    expect((await (await signedIn(await buildAccount(app.ctx))).get('/if/invite/')).status).toBe(403);
    const who = await inviter({ approval: true, max_account_lifetime: 'P30D', max_lifetime: 'P3D' });
    const jar = await signedIn(who);
    const page = await jar.get('/if/invite/');
    const made = await submit(jar, page, { action: 'invite', email: 'a@example.org', lifetime: '259200' });
    expect([made.status, /value="(https?:[^"]*itoken[^"]*)"/.test(made.text)]).toEqual([200, true]);
    const { body } = await as(who, 'GET', URL_);
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      approval: true,
      account_expires: 'P30D',
      max_uses: 1,
      restrict_to: ['a@example.org'],
      fixed_data: { email: 'a@example.org' },
    });
    for (const [fields, status] of [
      [{ lifetime: '864000' }, 422],
      [{ lifetime: '0' }, 422],
      [{ lifetime: '1e300' }, 422],
      [{ lifetime: '-1e300' }, 422],
      [{ lifetime: '86400', flow: 'default-authentication-flow' }, 422],
      [{ lifetime: '86400', email: 'no address' }, 422],
    ] as const) {
      expect((await submit(jar, page, { action: 'invite', ...fields })).status).toBe(status);
    }
    expect((await as(who, 'GET', URL_)).body.items).toHaveLength(1);
  });

  test('T15 T16 revokes no invitation of others, and nothing without its token', async () => {
    const who = await inviter();
    const jar = await signedIn(who);
    const page = await jar.get('/if/invite/');
    const others = (await app.api('POST', URL_, plain())).body.id;
    expect((await submit(jar, page, { action: 'revoke', id: others })).status).toBe(404);
    const own = (await make(who)).body.id;
    expect((await jar.form('/if/invite/', { action: 'revoke', id: own })).status).toBe(403);
    expect((await jar.form('/if/invite/', { action: 'invite', lifetime: '86400' })).status).toBe(403);
    await submit(jar, page, { action: 'revoke', id: own });
    const states = await Promise.all([own, others].map((id) => app.api('GET', `${URL_}/${id}`)));
    expect(states.map(({ body }) => body.state)).toEqual(['revoked', 'pending']);
  });
});
