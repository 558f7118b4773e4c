import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { endAccounts } from '../../src/features/stages/invitation/accounts/tasks.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import type { Account } from '../../src/core/tokens/builders.ts';

const REFUSED = { status: 400, body: { non_field_errors: ['No active superuser would be left.'] } };

let app: TestApp;
/** The group of superusers, and the one user in it. */
let admins = '';
let akadmin = 0;

beforeAll(async () => {
  app = await testApp();
  admins = (await app.api('GET', '/api/v3/core/groups/?is_superuser=true')).body.results[0].pk;
  akadmin = (await app.api('GET', '/api/v3/core/users/?username=akadmin')).body.results[0].pk;
});

const user = (id: number): string => `/api/v3/core/users/${id}/`;
const group = (pk: string): string => `/api/v3/core/groups/${pk}/`;
const groupOf = async (fields: object): Promise<string> =>
  (await app.api('POST', '/api/v3/core/groups/', fields)).body.pk;
const events = async (): Promise<unknown> => app.ctx.db.query('select count(*)::int as n from event');
const isSuperuser = async (): Promise<boolean> =>
  (await app.api('GET', '/api/v3/core/users/me/')).body.user.is_superuser;

type Way = [what: string, method: string, path: () => string, body?: () => object];
const WAYS: Way[] = [
  ['deactivate', 'PATCH', () => user(akadmin), () => ({ is_active: false })],
  ['delete', 'DELETE', () => user(akadmin)],
  ['take from their groups', 'PATCH', () => user(akadmin), () => ({ groups: [] })],
  ['remove from the group', 'POST', () => `${group(admins)}remove_user/`, () => ({ pk: akadmin })],
  ['empty the group of', 'PATCH', () => group(admins), () => ({ users: [] })],
  ['take the power from the group of', 'PATCH', () => group(admins), () => ({ is_superuser: false })],
  ['delete the group of', 'DELETE', () => group(admins)],
];

describe('the last active superuser', () => {
  test.each(WAYS)('nobody may %s', async (_what, method, path, body) => {
    const before = await events();
    const { status, body: said } = await app.api(method, path(), body?.());
    expect({ status, body: said }).toEqual(REFUSED);
    expect(await isSuperuser()).toBe(true);
    expect(await events()).toEqual(before);
  });

  test('who is one by a parent group stays one', async () => {
    const below = await groupOf({ name: 'below', parents: [admins], users: [akadmin] });
    await app.api('PATCH', group(admins), { users: [] });
    for (const [method, path, body] of [
      ['PATCH', group(below), { parents: [] }],
      ['PATCH', group(below), { users: [] }],
      ['DELETE', group(below), undefined],
      ['DELETE', group(admins), undefined],
    ] as const) {
      const { status, body: said } = await app.api(method, path, body);
      expect({ status, body: said }).toEqual(REFUSED);
    }
    const swap = await app.api('PATCH', user(akadmin), { groups: [admins] });
    expect(swap.status).toBe(200);
    expect((await app.api('DELETE', group(below))).status).toBe(204);
  });

  test('is not kept by a superuser who is deactivated, nor by a group without members', async () => {
    await buildAccount(app.ctx, { isActive: false, groups: [admins] });
    await groupOf({ name: 'empty', is_superuser: true });
    expect(await app.api('PATCH', user(akadmin), { is_active: false })).toMatchObject(REFUSED);
  });

  test('may change in every other way, and everybody else in every way', async () => {
    const other = await buildAccount(app.ctx);
    const plain = await groupOf({ name: 'plain', users: [other.id, akadmin] });
    const done = await Promise.all([
      app.api('PATCH', user(akadmin), { name: 'Root', is_active: true }),
      app.api('PATCH', group(plain), { users: [] }),
      app.api('PATCH', user(other.id), { is_active: false }),
    ]);
    expect(done.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await app.api('DELETE', user(other.id))).status).toBe(204);
    expect((await app.api('DELETE', group(plain))).status).toBe(204);
  });

  test('ends all the same when the time of the account is over', async () => {
    await app.ctx.db.query('insert into account_expiry (user_id, expires, remind) values ($1, now(), now())', [
      akadmin,
    ]);
    await endAccounts.run(app.ctx, null);
    const rows = await app.ctx.db.query('select is_active from users where id = $1', [akadmin]);
    expect(rows).toEqual([{ is_active: false }]);
    // Where there is none, nothing is lost by other changes.
    const one = await buildAccount(app.ctx);
    await app.ctx.db.query('update users set is_active = false where id = $1', [one.id]);
    await app.ctx.db.query('delete from group_members where user_id = $1', [akadmin]);
    await app.ctx.db.query('insert into group_members (group_uuid, user_id) values ($1, $2)', [admins, akadmin]);
    await app.ctx.db.query('update users set is_active = true where id = $1', [akadmin]);
  });
});

describe('with two superusers', () => {
  let one: Account;
  let two: Account;
  beforeEach(async () => {
    one = await buildAccount(app.ctx, { groups: [admins] });
    two = await buildAccount(app.ctx, { groups: [admins] });
    await app.ctx.db.query('update users set is_active = false where id = $1', [akadmin]);
  });

  test('the first may go, and then the second may not', async () => {
    const as = { token: two.token };
    expect((await app.api('PATCH', user(one.id), { is_active: false }, as)).status).toBe(200);
    expect(await app.api('DELETE', user(two.id), undefined, as)).toMatchObject(REFUSED);
    await back();
  });

  test('of two who take each other away at once one stays', async () => {
    const ways: ((id: number) => Parameters<TestApp['api']>)[] = [
      (id) => ['PATCH', user(id), { is_active: false }],
      (id) => ['DELETE', user(id)],
      (id) => ['POST', `${group(admins)}remove_user/`, { pk: id }],
    ];
    for (let round = 0; round < 24; round += 1) {
      const [first, second] = await Promise.all(
        [one, two].map(async ({ id, token }, at) => {
          const [method, path, body] = (ways[(round + at * (round % 2)) % ways.length] ?? ways[0])?.(id) ?? ['', ''];
          return app.api(method, path, body, { token });
        }),
      );
      const left = await app.ctx.db.query('select 1 from users where is_active and user_is_superuser(id)');
      expect({ left: left.length > 0, first: first?.status, second: second?.status }).toMatchObject({ left: true });
      await back();
      one = await buildAccount(app.ctx, { groups: [admins] });
      two = await buildAccount(app.ctx, { groups: [admins] });
      await app.ctx.db.query('update users set is_active = false where id = $1', [akadmin]);
    }
    await back();
  });

  async function back(): Promise<void> {
    await app.ctx.db.query('update users set is_active = true where id = $1', [akadmin]);
    await app.ctx.db.query('delete from users where id = any($1::int[])', [[one.id, two.id]]);
    expect((await app.api('GET', '/api/v3/core/users/me/', undefined, { token: ADMIN_TOKEN })).status).toBe(200);
  }
});
