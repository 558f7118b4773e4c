import { expect, test } from 'vitest';
import { mailApp, startAgain } from '../../../../test/mail/mail-app.ts';
import { testApp } from '../../../../test/app.ts';
import { insertUser } from '../../../core/users/index.ts';

const SIGN_IN = 'default-authentication-flow';
const RECOVERY = 'default-recovery-flow';

test('a forgotten password is replaced by who reads the account’s mail, from the link at the sign-in', async () => {
  const app = await mailApp();
  await startAgain(app);
  const old = await app.ctx.passwords.hash('the old password');
  await insertUser(app.ctx.db, { username: 'pat', email: 'pat@example.org', passwordHash: old });
  const jar = app.jar();
  expect((await jar.open(SIGN_IN)).body.recovery_url).toBe(`/if/flow/${RECOVERY}/`);
  await jar.open(RECOVERY);
  await jar.answer(RECOVERY, { uid_field: 'pat' });
  const [mail] = await app.sink.wait(1);
  const query = new URL(/https:\S+/.exec(mail?.mail.text ?? '')?.[0] ?? '').search.slice(1);
  expect((await jar.open(RECOVERY, query)).body.component).toBe('ak-stage-email');
  expect((await jar.answer(RECOVERY, {}, query)).body.component).toBe('ak-stage-prompt');
  const fresh = { password: 'quite another password', password_repeat: 'quite another password' };
  expect((await jar.answer(RECOVERY, fresh)).body).toEqual({ component: 'xak-flow-redirect', to: '/' });
  expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe('pat');

  const signIn = async (password: string) => {
    const browser = app.jar();
    await browser.open(SIGN_IN);
    await browser.answer(SIGN_IN, { uid_field: 'pat' });
    return (await browser.answer(SIGN_IN, { password })).body.component;
  };
  expect(await signIn('the old password')).toBe('ak-stage-password');
  expect(await signIn('quite another password')).toBe('xak-flow-redirect');
  // The link was used.
  expect((await app.jar().open(RECOVERY, query)).body.component).toBe('ak-stage-identification');
});

test('without a mail server there is no such flow and no link to it', async () => {
  const app = await testApp();
  await startAgain(app);
  expect((await app.api('GET', `/api/v3/flows/instances/${RECOVERY}/`)).status).toBe(404);
  expect((await app.jar().open(SIGN_IN)).body.recovery_url).toBeUndefined();
});

test('a sign-in that leads elsewhere for recovery keeps its link', async () => {
  const app = await mailApp();
  const flow = { name: 'Own', slug: 'own-recovery', title: 'Own', designation: 'recovery' };
  const own = (await app.api('POST', '/api/v3/flows/instances/', flow)).body.pk;
  const stages = await app.api('GET', '/api/v3/stages/identification/?name=default-authentication-identification');
  await app.api('PATCH', `/api/v3/stages/identification/${stages.body.results[0].pk}/`, { recovery_flow: own });
  await startAgain(app);
  expect((await app.jar().open(SIGN_IN)).body.recovery_url).toBe('/if/flow/own-recovery/');
});
