import { expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { INVITATIONS } from '../api/urls.ts';
import { testApp } from '../app.ts';
import { invitation, mailApp, outboxOf } from './mail-app.ts';

const app = await mailApp({ worker: false, env: { VESTIBULE_MAIL_DAILY_BUDGET: '5' } });
const RIGHTS = {
  permissions: ['authentik_stages_invitation.view_invitation', 'authentik_stages_invitation.add_invitation'],
};
const people = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `p${from + n}@example.org`);

test('a user has a budget of people a day, also when they ask at once; others have their own (T21)', async () => {
  const [ann, bob] = [await buildAccount(app.ctx, RIGHTS), await buildAccount(app.ctx, RIGHTS)];
  const pk = await invitation(app);
  const send = (token: string, addresses: string[]) =>
    app.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: addresses }, { token });
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => send(ann.token, people(2, n * 2))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 204, 429, 429, 429, 429, 429, 429]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.body.detail).toMatch(/5 people a day; \d are left today/);
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
  expect(await outboxOf(app, pk)).toHaveLength(4);
  expect((await send(ann.token, people(1, 90))).status).toBe(204);
  expect((await send(bob.token, people(5, 100))).status).toBe(204);
  await app.ctx.db.query('update outbox_day set day = day - 1 where user_id = $1', [ann.id]);
  expect((await send(ann.token, people(5, 200))).status).toBe(204);
});

test('what was counted before an update, and what a process of the version before counts, is in the same budget', async () => {
  const ann = await buildAccount(app.ctx, RIGHTS);
  const pk = await invitation(app);
  const send = (count: number, from: number) =>
    app.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: people(count, from) }, { token: ann.token });
  // As the update leaves it.
  await app.ctx.db.query(
    `insert into outbox_day (user_id, day, people) values ($1, (now() at time zone 'UTC')::date, 2)`,
    [ann.id],
  );
  expect((await send(4, 0)).body.detail).toMatch(/3 are left today/);
  expect((await send(1, 10)).status).toBe(204);
  const id = app.ctx.random.uuid();
  const recipients = [{ address: 'p20@example.org', header: 'to' }];
  const message = { id, messageId: `<${id}@example.org>`, cause: 'invitation', object: pk, template: 'invitation' };
  const old = { ...message, language: 'en', content: '', recipients };
  await app.ctx.db.query('select outbox_queue($1::jsonb, $2, 5)', [JSON.stringify([old]), ann.id]);
  expect((await send(2, 30)).body.detail).toMatch(/1 are left today/);
  expect((await send(1, 40)).status).toBe(204);
  expect((await send(1, 50)).body.detail).toMatch(/0 are left today/);
  expect(await outboxOf(app, pk)).toHaveLength(3);
});

test('a budget that is configured anew counts at once, for what is left of the day', async () => {
  const ann = await buildAccount(app.ctx, RIGHTS);
  const pk = await invitation(app);
  const send = (count: number, from: number) =>
    app.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: people(count, from) }, { token: ann.token });
  expect((await send(2, 0)).status).toBe(204);
  const count = (budget: number) =>
    app.ctx.db.query('select outbox_count($1::integer, 1, $2::integer)', [ann.id, budget]).then(
      () => 'counted',
      (error: unknown) => (error instanceof Error ? error.message : error),
    );
  // As processes with another variable do.
  expect(await count(1000)).toBe('counted');
  expect(await count(3)).toBe('the budget of the day is used up');
  expect(await count(1000)).toBe('counted');
  expect((await send(2, 10)).body.detail).toMatch(/1 are left today/);
  expect((await send(1, 20)).status).toBe(204);
});

test('without a mail server sending says so, writes nothing, and the invitation is as it was', async () => {
  const bare = await testApp();
  const pk = await invitation(bare);
  const answer = await bare.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: people(1) });
  expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['error']]);
  expect(answer.body.error).toContain('VESTIBULE_SMTP_URL');
  expect(await outboxOf(bare, pk)).toEqual([]);
  expect((await bare.api('GET', `${INVITATIONS}${pk}/`)).status).toBe(200);
});
