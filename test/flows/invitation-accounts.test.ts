import { beforeAll, describe, expect, test } from 'vitest';
import { endAccounts, remindAccounts } from '../../src/features/stages/invitation/accounts/tasks.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import {
  DENIED,
  NO_INVITATION,
  PASSWORD,
  enrol,
  enrollmentFlow,
  events,
  findUser,
  signIn,
  unique,
} from './builders.ts';
import type { BuiltFlow, Invited } from './builders.ts';
import { inviteWith } from './extended.ts';
import { pageOf } from './forms.ts';

// Nothing listens there: what is queued stays in the outbox.
const env = {
  VESTIBULE_PUBLIC_URL: 'http://localhost',
  VESTIBULE_SMTP_URL: 'smtp://127.0.0.1:9',
  VESTIBULE_MAIL_FROM: 'Vestibule <no-reply@example.org>',
};
let app: TestApp;
let flow: BuiltFlow;
beforeAll(async () => {
  app = await testApp({ env });
  flow = await enrollmentFlow(app);
});

const REFUSED = { component: DENIED, error_message: NO_INVITATION };
const mails = (template: string, of = app) =>
  of.ctx.db.query<{ address: string; object: string }>(
    'select r.address, m.object from outbox_message m join outbox_recipient r on r.message = m.message_uuid where m.template = $1',
    [template],
  );
const at = ({ query }: Invited) => ({ slug: flow.slug, query });

describe('accounts that end', () => {
  test('end when the invitation says: sessions too, with one event, and who is let in again stays', async () => {
    const [invited, username] = [await inviteWith(app, { account_lifetime: 3600 }), unique('mayfly')];
    const jar = app.jar();
    await enrol(jar, at(invited), username);
    await endAccounts.run(app.ctx, null);
    expect(await findUser(app, username)).toMatchObject({ is_active: true });
    const user = await findUser(app, username);
    await app.ctx.db.query("update account_expiry set expires = now() - interval '1 second' where user_id = $1", [
      String(user?.['pk']),
    ]);
    await endAccounts.run(app.ctx, null);
    await endAccounts.run(app.ctx, null);
    expect(await findUser(app, username)).toMatchObject({ is_active: false });
    expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
    const ended = (await events(app, 'custom_')).filter(({ action }) => action === 'account_expired');
    expect(ended).toMatchObject([{ account: { username } }]);
    await app.api('PATCH', `/api/v3/core/users/${String(user?.['pk'])}/`, { is_active: true });
    await endAccounts.run(app.ctx, null);
    expect(await findUser(app, username)).toMatchObject({ is_active: true });
  });

  test('the earlier of a date and a duration counts; a date that is over makes no account', async () => {
    const [invited, username] = [
      await inviteWith(app, { account_expires: '2090-01-01T00:00:00Z', account_lifetime: 86_400 }),
      unique('earlier'),
    ];
    await enrol(app.jar(), at(invited), username);
    const [row] = await app.ctx.db.query<{ soon: boolean }>(
      `select e.expires < now() + interval '2 days' as soon from account_expiry e join users u on u.id = e.user_id
       where u.username = $1`,
      [username],
    );
    expect(row).toEqual({ soon: true });
    const over = await inviteWith(app, { account_expires: '2020-01-01T00:00:00Z' });
    expect((await enrol(app.jar(), at(over), unique('stillborn'))).body).toMatchObject(REFUSED);
  });

  test('their owners are told once before', async () => {
    const [invited, username] = [await inviteWith(app, { account_expires: '2090-01-01T00:00:00Z' }), unique('warned')];
    await enrol(app.jar(), at(invited), username);
    await remindAccounts.run(app.ctx, null);
    expect(await mails('account_ending')).toEqual([]);
    await app.ctx.db.query('update account_expiry set remind = now()');
    await remindAccounts.run(app.ctx, null);
    await remindAccounts.run(app.ctx, null);
    const user = await findUser(app, username);
    const told = (await mails('account_ending')).filter(({ object }) => object === String(user?.['pk']));
    expect(told).toEqual([{ address: 'somebody@example.com', object: String(user?.['pk']) }]);
  });

  const toldOf = async (username: string): Promise<number> => {
    const pk = String((await findUser(app, username))?.['pk']);
    return (await mails('account_ending')).filter(({ object }) => object === pk).length;
  };

  test('owners of one that lives five minutes at the most are told as soon as it is made', async () => {
    const [invited, username] = [await inviteWith(app, { account_lifetime: 30 }), unique('moth')];
    const jobs = () =>
      app.ctx.db.query('select 1 from graphile_worker.jobs where task_identifier = $1', [remindAccounts.name]);
    const before = (await jobs()).length;
    await enrol(app.jar(), at(invited), username);
    expect((await jobs()).length).toBe(before + 1);
    await remindAccounts.run(app.ctx, null);
    await remindAccounts.run(app.ctx, null);
    expect(await toldOf(username)).toBe(1);
  });

  test.each([
    [1200, 5],
    [3600, 15],
    [86_400, 360],
    [8_640_000, 10_080],
  ])(
    'of %i seconds are told %i minutes before the end, by a task that is there every minute',
    async (life, minutes) => {
      const [invited, username] = [await inviteWith(app, { account_lifetime: life }), unique('lives')];
      await enrol(app.jar(), at(invited), username);
      const pass = (seconds: number) =>
        app.ctx.db.query(
          `update account_expiry set expires = expires - make_interval(secs => $2), remind = remind - make_interval(secs => $2)
         where user_id = (select id from users where username = $1)`,
          [username, seconds],
        );
      await pass(life - minutes * 60 - 60);
      await remindAccounts.run(app.ctx, null);
      expect(await toldOf(username)).toBe(0);
      await pass(61);
      await remindAccounts.run(app.ctx, null);
      expect(await toldOf(username)).toBe(1);
      expect(remindAccounts.schedule).toBe('* * * * *');
    },
  );

  test('however many inactive ones are due before, the owner of an active one is told', async () => {
    const [invited, username] = [await inviteWith(app, { account_expires: '2090-01-01T00:00:00Z' }), unique('behind')];
    await enrol(app.jar(), at(invited), username);
    await app.ctx.db.query('update account_expiry set remind = now()');
    await app.ctx.db.query(`
      with idle as (
        insert into users (username, name, is_active) select 'idle-' || n, '', false from generate_series(1, 150) n
        returning id
      )
      insert into account_expiry (user_id, expires, remind) select id, now() + interval '1 day', now() - interval '1 day'
      from idle`);
    await remindAccounts.run(app.ctx, null);
    const user = await findUser(app, username);
    const told = (await mails('account_ending')).filter(({ object }) => object === String(user?.['pk']));
    expect(told).toHaveLength(1);
  });
});

describe('approval', () => {
  test('the account is made inactive, nobody is signed in, and the flow ends where that is said', async () => {
    const [invited, username] = [await inviteWith(app, { approval: true, redirect: '/elsewhere' }), unique('waiting')];
    const jar = app.jar();
    const { body } = await enrol(jar, at(invited), username);
    expect(body).toEqual({ component: 'xak-flow-redirect', to: '/i/waiting' });
    expect((await jar.get('/i/waiting')).text).toContain('Your account waits for approval');
    expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
    expect(await findUser(app, username)).toMatchObject({ is_active: false });
    // Nor does the session become theirs when the account is let in.
    const sessions = 'select 1 from session s join users u on u.id = s.user_id where u.username = $1';
    expect(await app.ctx.db.query(sessions, [username])).toEqual([]);
    expect((await signIn(app.jar(), username, PASSWORD)).body.component).not.toBe('xak-flow-redirect');
    const rows = await app.ctx.db.query(
      `select a.state, a.invitation from invitation_approval a join users u on u.id = a.user_id where u.username = $1`,
      [username],
    );
    expect(rows).toEqual([{ state: 'pending', invitation: invited.pk }]);
    const asked = (await events(app, 'custom_')).filter(({ action }) => action === 'invitation_approval_requested');
    expect(asked).toMatchObject([{ account: { username } }]);
  });
});

test('who asks for a new invitation is told of to the inviter by mail, once a day', async () => {
  const invited = await inviteWith(app, { revoked: '2026-01-01T00:00:00Z' });
  const form = { welcome: 'invitation', link: invited.query, action: 'ask' };
  for (let round = 0; round < 3; round += 1) await app.jar().form(pageOf(flow.slug), form);
  const told = (await mails('invitation_requested')).filter(({ object }) => object === invited.pk);
  expect(told).toEqual([{ address: 'admin@example.org', object: invited.pk }]);
});

test('a server that only this machine reaches tells all of it without VESTIBULE_PUBLIC_URL, as it mails invitations', async () => {
  const { VESTIBULE_PUBLIC_URL: _url, ...rest } = env;
  const local = await testApp({ env: rest });
  const { slug } = await enrollmentFlow(local);
  const [over, brief] = [
    await inviteWith(local, { revoked: '2026-01-01T00:00:00Z' }),
    await inviteWith(local, { account_expires: '2090-01-01T00:00:00Z' }),
  ];
  await local.jar().form(pageOf(slug), { welcome: 'invitation', link: over.query, action: 'ask' });
  await enrol(local.jar(), { slug, query: brief.query }, unique('local'));
  await local.ctx.db.query('update account_expiry set remind = now()');
  await remindAccounts.run(local.ctx, null);
  expect((await mails('invitation_requested', local)).map(({ object }) => object)).toEqual([over.pk]);
  expect(await mails('account_ending', local)).toHaveLength(1);
});
