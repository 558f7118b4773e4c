import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';
import {
  ENROLLMENT,
  PASSWORD,
  buildFlow,
  create,
  countUses,
  dummyStage,
  edit,
  enrol,
  enrollmentFlow,
  events,
  expire,
  findUser,
  invitationRow,
  invitationStage,
  invite,
  signIn,
  unique,
} from './builders.ts';
import type { Body, Invited } from './builders.ts';
import { extend, inviteWith } from './extended.ts';
import { accept, buttonsOf, formOf, headingOf, pageOf, press } from './forms.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

type Member = { readonly jar: Jar; readonly username: string };

/** Somebody with an account, signed in. */
async function member(email?: string): Promise<Member> {
  const [jar, username] = [app.jar(), unique('member')];
  const { query } = await invite(app, email === undefined ? {} : { fixed_data: { email } });
  await enrol(jar, { slug: ENROLLMENT, query }, username);
  if (email !== undefined) await app.ctx.db.query('update users set email = $2 where username = $1', [username, email]);
  return { jar, username };
}

const link = ({ query }: Invited): string => pageOf(ENROLLMENT, query);
const group = () => create(app, '/core/groups/', { name: unique('joined') });
const joinBy = async ({ jar }: Member, invited: Invited) => press(jar, await jar.get(link(invited)), 'join');

const uses = ({ pk }: Invited) =>
  app.ctx.db.query<Body>('select username, joined from invitation_use where invitation = $1 order by used', [pk]);

async function accountOf(username: string): Promise<Body> {
  const [row] = await app.ctx.db.query<Body>('select * from users where username = $1', [username]);
  return row ?? {};
}

describe('somebody signed in', () => {
  test('is offered to join as who they are, or to use another account; the wire denies as ever (61)', async () => {
    const { jar, username } = await member();
    const invited = await invite(app);
    const page = await jar.get(link(invited));
    expect(buttonsOf(page)).toEqual(['join']);
    expect(page.text).toContain(`Join as ${username}`);
    const leave = /href="(\/flows\/-\/default\/invalidation\/[^"]*)"/.exec(page.text)?.[1] ?? '';
    expect((await jar.open(ENROLLMENT, invited.query)).body.component).toBe('ak-stage-access-denied');
    const after = await jar.get(leave);
    expect([headingOf(after), buttonsOf(after)]).toEqual(['You are invited', ['start']]);
    expect(formOf(await press(jar, after, 'start')).names).toContain('username');
  });

  test('T09: joins: groups and roles are added, nothing else of the account changes, the use is kept and told', async () => {
    const one = await member();
    const before = await accountOf(one.username);
    const [into, role] = [await group(), await create(app, '/rbac/roles/', { name: unique('role') })];
    const fixed_data = { name: 'Changed', email: 'changed@example.org', attributes: { a: 1 } };
    const extra = { groups: [into], roles: [role], locked: true, account_lifetime: 60 };
    const invited = await inviteWith(app, extra, { single_use: true, fixed_data });
    expect(headingOf(await joinBy(one, invited))).toBe('You have joined');
    expect(await findUser(app, one.username)).toMatchObject({ groups: [into], roles: [role], is_active: true });
    expect(await accountOf(one.username)).toEqual(before);
    expect(await uses(invited)).toEqual([{ username: one.username, joined: true }]);
    expect((await invitationRow(app, invited))[0]?.['used_up']).not.toBeNull();
    const told = (await events(app, 'custom_')).filter(({ action }) => action === 'invitation_joined');
    expect(told.map((context) => context['invitation_uuid'])).toContain(invited.pk.replaceAll('-', ''));
    expect(await countUses(app, invited)).toBe(0);
    expect(headingOf(await one.jar.get(link(invited)))).toBe('This invitation has been used');
  });

  test('who joins twice, also at once, uses it once', async () => {
    const one = await member();
    const invited = await inviteWith(app, { groups: [await group()], max_uses: 5 });
    const page = await one.jar.get(link(invited));
    await Promise.all([press(one.jar, page, 'join'), press(one.jar, page, 'join')]);
    await press(one.jar, page, 'join');
    expect(await uses(invited)).toHaveLength(1);
    expect((await invitationRow(app, invited))[0]?.['uses']).toBe(1);
  });

  test('who opens the link again is told that they have joined, in their language, and may still use another account', async () => {
    const one = await member();
    const invited = await inviteWith(app, { max_uses: 5 });
    await joinBy(one, invited);
    const again = await one.jar.get(link(invited));
    expect(buttonsOf(again)).toEqual([]);
    expect(again.text).toContain('You have joined with this account already.');
    expect(again.text).toContain('href="/flows/-/default/invalidation/');
    await extend(app, invited, { language: 'de' });
    expect((await one.jar.get(link(invited))).text).toContain('Mit diesem Konto sind Sie schon beigetreten.');
    expect(buttonsOf(await (await member()).jar.get(link(invited)))).toEqual(['join']);
  });

  test('who joined may still make another account where the flow lets members in', async () => {
    const one = await member();
    const { slug } = await buildFlow(app, [await invitationStage(app), await dummyStage(app, unique('gate'))]);
    const invited = await inviteWith(app, { max_uses: 5 });
    const page = await one.jar.get(pageOf(slug, invited.query));
    expect(buttonsOf(page)).toEqual(['join', 'start']);
    await press(one.jar, page, 'join');
    const again = await one.jar.get(pageOf(slug, invited.query));
    expect(buttonsOf(again)).toEqual(['start']);
    expect(again.text).toContain('Go on with a new account');
  });

  test('lands where the invitation says, on our own pages only (T22)', async () => {
    const { jar } = await member();
    const ends: string[] = [];
    for (const redirect of ['/there?x=1', 'https://evil.example', '//evil.example']) {
      const page = await jar.get(link(await inviteWith(app, { redirect })));
      const payload = new URLSearchParams({ ...formOf(page).hidden, action: 'join' }).toString();
      const answer = await jar.ask('POST', pageOf(ENROLLMENT), { payload, type: 'application/x-www-form-urlencoded' });
      ends.push(`${answer.status} ${String(answer.headers['location'])}`);
    }
    expect(ends).toEqual(['303 /there?x=1', '303 /i/joined', '303 /i/joined']);
  });

  test('T02: of 8 who join an invitation for 3 at once 3 do', async () => {
    const into = await group();
    const invited = await inviteWith(app, { groups: [into], max_uses: 3 });
    const people = await Promise.all(Array.from({ length: 8 }, () => member()));
    const pages = await Promise.all(people.map(({ jar }) => jar.get(link(invited))));
    await Promise.all(people.map(({ jar }, at) => press(jar, pages[at] as Answer, 'join')));
    expect(await uses(invited)).toHaveLength(3);
    const users = await Promise.all(people.map(({ username }) => findUser(app, username)));
    expect(users.filter((user) => JSON.stringify(user?.['groups']).includes(into))).toHaveLength(3);
  });
});

describe('T05, T06, T14, T25: what is checked as at any commit', () => {
  test.each([
    ['expired', (invited: Invited) => expire(app, invited)],
    ['revoked', (invited: Invited) => extend(app, invited, { revoked: '2026-01-01T00:00:00Z' })],
    ['bound to another flow', async (invited: Invited) => edit(app, invited, { flow: (await enrollmentFlow(app)).pk })],
    ['waiting for approval', (invited: Invited) => extend(app, invited, { approval: true })],
    ['for another address', (invited: Invited) => extend(app, invited, { restrict_to: '{bob@example.org}' })],
    ['locked behind a secret', (invited: Invited) => extend(app, invited, { secret_hash: Buffer.alloc(32) })],
    [
      'of an inviter who is inactive',
      async (invited: Invited) => {
        const pk = await create(app, '/core/users/', { username: unique('off'), name: 'Off', is_active: false });
        await extend(app, invited, { created_by: pk });
      },
    ],
    [
      'of an inviter who may not give it',
      async (invited: Invited) => {
        const pk = await create(app, '/core/users/', { username: unique('weak'), name: 'Weak' });
        const strong = await create(app, '/core/groups/', { name: unique('strong'), is_superuser: true });
        await extend(app, invited, { created_by: pk, groups: [strong] });
      },
    ],
  ])('%s while the page stood open: nobody joins', async (_what, change) => {
    const one = await member('eve@example.org');
    const invited = await inviteWith(app, { groups: [await group()] });
    const page = await one.jar.get(link(invited));
    await change(invited);
    const answer = await press(one.jar, page, 'join');
    expect(answer.status).toBe(200);
    expect(headingOf(answer)).not.toBe('You have joined');
    expect(await uses(invited)).toEqual([]);
    expect(await findUser(app, one.username)).toMatchObject({ groups: [] });
  });

  test('T25: a group that was deleted while the page stood open: nobody joins the rest, until they see the page anew', async () => {
    const one = await member();
    const [kept, gone] = [await group(), await group()];
    const invited = await inviteWith(app, { groups: [kept, gone] });
    const page = await one.jar.get(link(invited));
    await app.api('DELETE', `/api/v3/core/groups/${gone}/`);
    expect(headingOf(await press(one.jar, page, 'join'))).not.toBe('You have joined');
    expect(await findUser(app, one.username)).toMatchObject({ groups: [] });
    expect(headingOf(await joinBy(one, invited))).toBe('You have joined');
    expect(await findUser(app, one.username)).toMatchObject({ groups: [kept] });
  });

  test('a form that no page of ours has sealed is none', async () => {
    const one = await member();
    const { hidden } = formOf(await one.jar.get(link(await inviteWith(app, { groups: [await group()] }))));
    for (const kept of ['', 'x', `${hidden['kept'] ?? ''}x`, (hidden['kept'] ?? '').slice(1)]) {
      expect((await one.jar.form(pageOf(ENROLLMENT), { ...hidden, kept, action: 'join' })).status).toBe(400);
    }
  });

  test('restrict_to lets the account of that address join', async () => {
    const one = await member('Bob@EXAMPLE.org');
    const invited = await inviteWith(app, { restrict_to: ['bob@example.org'] });
    expect(headingOf(await joinBy(one, invited))).toBe('You have joined');
  });

  test('E08: where the flow proves addresses, an account whose address nobody proved is not offered to join', async () => {
    const one = await member('bob@example.org');
    const [row] = await app.ctx.db.query<{ stage_uuid: string }>(
      `insert into stage (name, type) values ($1, 'email') returning stage_uuid`,
      [unique('mail')],
    );
    const { slug } = await buildFlow(app, [await invitationStage(app), row?.stage_uuid ?? '']);
    const invited = await inviteWith(app, { restrict_to: ['bob@example.org'] });
    expect(buttonsOf(await one.jar.get(pageOf(slug, invited.query)))).not.toContain('join');
  });

  test('who is deactivated while the page stands open is nobody', async () => {
    const one = await member();
    const invited = await inviteWith(app, { groups: [await group()] });
    const page = await one.jar.get(link(invited));
    await app.ctx.db.query('update users set is_active = false where username = $1', [one.username]);
    await press(one.jar, page, 'join');
    expect(await uses(invited)).toEqual([]);
  });

  test('a form without somebody signed in joins nobody', async () => {
    const invited = await inviteWith(app, { groups: [await group()] });
    const form = { welcome: 'invitation', link: invited.query, action: 'join' };
    expect(buttonsOf(await app.jar().form(pageOf(ENROLLMENT), form))).toEqual(['start']);
    expect(await uses(invited)).toEqual([]);
  });

  test('an administrator who acts as somebody does not join in their name', async () => {
    const { username } = await member();
    const admin = app.jar();
    await signIn(admin, 'akadmin', 'correct horse battery staple');
    const pk = (await findUser(app, username))?.['pk'];
    expect((await admin.post(`/api/v3/core/users/${String(pk)}/impersonate/`, { reason: 'test' })).status).toBe(204);
    const invited = await invite(app);
    expect(buttonsOf(await admin.get(link(invited)))).toEqual([]);
    const { action, hidden } = { action: pageOf(ENROLLMENT), hidden: { welcome: 'invitation', link: invited.query } };
    const csrf = admin.cookie('authentik_csrf') ?? '';
    await admin.form(action, { ...hidden, action: 'join', csrf });
    expect(await uses(invited)).toEqual([]);
  });
});

describe('somebody who has an account but is not signed in', () => {
  test('signs in and comes back to the link', async () => {
    const { username } = await member();
    const invited = await inviteWith(app, { groups: [await group()] });
    const jar = app.jar();
    const page = await jar.get(link(invited));
    const to = /href="(\/flows\/-\/default\/authentication\/[^"]*)"/.exec(page.text)?.[1] ?? '';
    let form = await jar.get(to);
    expect(form.text).not.toContain(invited.pk);
    form = await jar.form(formOf(form).action, { ...formOf(form).hidden, uid_field: username });
    const back = await jar.form(formOf(form).action, { ...formOf(form).hidden, password: PASSWORD });
    expect(buttonsOf(back)).toEqual(['join']);
    expect(headingOf(await press(jar, back, 'join'))).toBe('You have joined');
    expect(await uses(invited)).toEqual([{ username, joined: true }]);
  });

  test('T09: the page of a stranger does not tell whether the address has an account', async () => {
    await member('known@example.org');
    const pages = await Promise.all(
      ['known@example.org', 'unknown@example.org'].map(async (email) => {
        const invited = await inviteWith(app, { restrict_to: [email] }, { fixed_data: { email } });
        const jar = app.jar();
        const first = await jar.get(link(invited));
        const next = await accept(jar, link(invited));
        // But for the link itself and the mark of it.
        return [first, next].map(({ text }) =>
          (/<main[\s\S]*<\/main>/.exec(text)?.[0] ?? '').replaceAll(/itoken=[\w-]+|"[0-9a-f]{64}"/g, ''),
        );
      }),
    );
    expect(pages[0]).toEqual(pages[1]);
  });
});

test('in a flow that is no enrollment somebody signed in only goes on', async () => {
  const { jar } = await member();
  const stages = [await invitationStage(app), await dummyStage(app, 'gate')];
  const { slug } = await buildFlow(app, stages, { designation: 'stage_configuration' });
  const page = await jar.get(pageOf(slug, (await invite(app)).query));
  expect(buttonsOf(page)).toEqual(['start']);
  expect(formOf(await press(jar, page, 'start')).hidden['component']).toBe('ak-stage-dummy');
});
