import { describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { createRegistry } from '../../kernel/feature.ts';
import { cleanse, MASK } from './cleanse.ts';
import { createEvents } from './record.ts';

const app = await testApp({ provides: [eventAction({ app: 'vestibule.test', name: 'tea_made' })] });

const lastEvent = async (): Promise<Record<string, unknown> | undefined> =>
  (await app.ctx.db.query<Record<string, unknown>>('select * from event order by created desc limit 1'))[0];

describe('recording', () => {
  test('an event that nobody registered is refused, and the change that it tells of with it', async () => {
    const change = app.ctx.db.transaction(async (tx) => {
      await tx.query(`insert into setting (key, value) values ('tea', '1')`);
      await app.ctx.events.record(tx, { app: 'vestibule.test', action: 'coffee_made' });
    });
    await expect(change).rejects.toThrow('vestibule.test did not register the event coffee_made.');
    expect(await app.ctx.db.query(`select from setting where key = 'tea'`)).toEqual([]);
  });

  test('an action registered by one feature is not another’s', async () => {
    const change = app.ctx.db.transaction((tx) =>
      app.ctx.events.record(tx, { app: 'vestibule.other', action: 'tea_made' }),
    );
    await expect(change).rejects.toThrow('did not register');
  });

  test('a feature’s own action is a custom one on the wire and named in the context', async () => {
    await app.ctx.db.transaction((tx) =>
      app.ctx.events.record(tx, { app: 'vestibule.test', action: 'tea_made', context: { cups: 2 } }),
    );
    expect(await lastEvent()).toMatchObject({
      action: 'custom_',
      app: 'vestibule.test',
      context: { action: 'tea_made', cups: 2 },
    });
  });

  test('a registered action that is no name stops the boot', () => {
    const provides = [eventAction({ app: 'vestibule.test', name: 'Tea made!' })];
    const registry = createRegistry([{ name: 'test', directory: '', provides }]);
    expect(() => createEvents(registry)).toThrow('Tea made!');
  });

  test('an event of a request tells its pattern, method, id and agent, and no secret of them', async () => {
    await app.api(
      'POST',
      `/api/v3/core/users/${await adminId()}/set_password/?itoken=planted-secret`,
      { password: 'a new and long password' },
      { headers: { 'user-agent': 'Probe/1.0 token=planted-secret' } },
    );
    const event = await lastEvent();
    expect(event).toMatchObject({
      action: 'password_set',
      client_ip: '127.0.0.1',
      context: {
        http_request: {
          path: '/api/v3/core/users/{id}/set_password/',
          method: 'POST',
          request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          user_agent: 'Probe/1.0 token=[redacted]',
        },
      },
    });
    expect(JSON.stringify(event)).not.toMatch(/planted-secret|a new and long password/);
  });
});

async function adminId(): Promise<number> {
  return (await app.api('GET', '/api/v3/core/users/me/')).body.user.pk;
}

describe('cleansing', () => {
  test.each(['password', 'passphrase', 'client_secret', 'Token', 'apiKey', 'private_key', 'Cookie'])(
    'masks %s at any depth (T08)',
    (key) => {
      const secret = { list: [{ [key]: 'hidden', name: 'shown' }] };
      expect(cleanse(secret)).toEqual({ list: [{ [key]: MASK, name: 'shown' }] });
    },
  );

  test('masks what looks like one inside a text (T08)', () => {
    expect(cleanse({ message: 'no page /if/flow/x/?itoken=planted&next=/' })).toEqual({
      message: 'no page /if/flow/x/?itoken=[redacted]&next=/',
    });
  });

  test('a number may be a secret, a flag or nothing is none', () => {
    expect(cleanse({ token: 123456, has_password: true, password: null })).toEqual({
      token: MASK,
      has_password: true,
      password: null,
    });
  });
});
