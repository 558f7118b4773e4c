import { beforeAll, describe, expect, test } from 'vitest';
import { accountReminder, endAccounts, remindAccounts } from '../../src/features/stages/invitation/accounts/tasks.ts';
import type { AccountReminder } from '../../src/features/stages/invitation/accounts/tasks.ts';
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

const told: string[] = [];
const reminder: AccountReminder = {
  name: 'test',
  async remind(_ctx, _tx, { email, expires }) {
    told.push(`${email} ${expires.slice(0, 4)}`);
  },
};

let app: TestApp;
let flow: BuiltFlow;
beforeAll(async () => {
  app = await testApp({ provides: [accountReminder(reminder)] });
  flow = await enrollmentFlow(app);
});

const REFUSED = { component: DENIED, error_message: NO_INVITATION };
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
    expect(told).toEqual([]);
    await app.ctx.db.query('update account_expiry set remind = now()');
    await remindAccounts.run(app.ctx, null);
    await remindAccounts.run(app.ctx, null);
    expect(told.filter((line) => line.endsWith(' 2090'))).toHaveLength(1);
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
