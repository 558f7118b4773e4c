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

test('without a mail server sending says so, writes nothing, and the invitation is as it was', async () => {
  const bare = await testApp();
  const pk = await invitation(bare);
  const answer = await bare.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: people(1) });
  expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['error']]);
  expect(answer.body.error).toContain('VESTIBULE_SMTP_URL');
  expect(await outboxOf(bare, pk)).toEqual([]);
  expect((await bare.api('GET', `${INVITATIONS}${pk}/`)).status).toBe(200);
});
