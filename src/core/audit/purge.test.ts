import { expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { purge } from './store.ts';

const app = await testApp();

test('the clean-up deletes what has expired, however much, and nothing else', async () => {
  await app.ctx.db.query('delete from event');
  await app.ctx.db.query(
    `insert into event (action, app, expires)
     select 'login', 'old', now() - n * interval '1 second' from generate_series(1, 20001) n
     union all select 'login', 'new', now() + interval '1 hour'`,
  );
  expect(await purge(app.ctx.db)).toBe(20_001);
  expect(await app.ctx.db.query('select app from event')).toEqual([{ app: 'new' }]);
});

test('the clean-up passes by what somebody else is deleting', async () => {
  await app.ctx.db.query(
    `insert into event (action, app, expires) values ('login', 'held', now() - interval '1 hour')`,
  );
  await app.ctx.db.transaction(async (tx) => {
    await tx.query(`delete from event where app = 'held'`);
    expect(await purge(app.ctx.db)).toBe(0);
  });
});
