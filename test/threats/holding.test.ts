import { expect, test } from 'vitest';
import { endAccounts } from '../../src/features/stages/invitation/accounts/tasks.ts';
import {
  ENROLLMENT,
  DENIED,
  PASSWORD,
  buildFlow,
  buildStage,
  dummyStage,
  enrol,
  findUser,
  signIn,
  unique,
} from '../flows/builders.ts';
import { mailApp } from '../mail/mail-app.ts';

const app = await mailApp();
const INVITATIONS = '/api/vestibule/v1/invitations';

/** Somebody who came by an invitation that says more of their account. */
async function invited(json: object): Promise<{ name: string; email: string }> {
  const name = unique('held');
  const { link } = (await app.api('POST', INVITATIONS, { name: 'held', flow: ENROLLMENT, ...json })).body;
  await enrol(app.jar(), { slug: ENROLLMENT, query: new URL(link).search.slice(1) }, name);
  const email = `${name}@example.org`;
  await app.ctx.db.query('update users set email = $2 where username = $1', [name, email]);
  return { name, email };
}

/** Recovers the account by a flow that activates whoever proves their address; what they get to see. */
async function recover(email: string) {
  const stages = [
    await buildStage(app, '/stages/identification/', { user_fields: ['email'] }),
    await buildStage(app, '/stages/email/', { activate_user_on_success: true }),
    await dummyStage(app),
  ];
  const { slug } = await buildFlow(app, stages, { designation: 'recovery' });
  const jar = app.jar();
  await jar.open(slug);
  await jar.answer(slug, { uid_field: email });
  const mails = () => app.sink.received.filter(({ to }) => to.includes(email));
  await expect.poll(() => mails().length, { timeout: 20_000 }).toBeGreaterThan(0);
  const query = new URL(/https:\S+/.exec(mails().at(-1)?.mail.text ?? '')?.[0] ?? '').search.slice(1);
  await jar.open(slug, query);
  return (await jar.answer(slug, {}, query)).body;
}

const isActive = async (name: string) => (await findUser(app, name))?.['is_active'];

test.each([
  ['waits for approval', 'Your account waits for approval.', async () => {}],
  [
    'was refused',
    'Your account was not approved.',
    async () =>
      void (await app.ctx.db.query("update invitation_approval set state = 'rejected' where state = 'pending'")),
  ],
])('T25: recovery that activates does not let in an account that %s', async (_what, words, decided) => {
  const { name, email } = await invited({ approval: true });
  await decided();
  expect(await recover(email)).toMatchObject({ component: DENIED, error_message: words });
  expect(await isActive(name)).toBe(false);
});

test('T25: recovery that activates does not open an account again that has ended, and its owner is told', async () => {
  const { name, email } = await invited({ account_expires: 'P1D' });
  const due = 'update account_expiry set expires = now() where user_id = (select id from users where username = $1)';
  await app.ctx.db.query(due, [name]);
  await endAccounts.run(app.ctx, null);
  expect(await recover(email)).toMatchObject({ component: DENIED, error_message: 'Your account has ended.' });
  expect(await isActive(name)).toBe(false);
  expect((await signIn(app.jar(), name, 'not this one')).text).not.toContain('ended');
  expect((await signIn(app.jar(), name, PASSWORD)).body.error_message).toBe('Your account has ended.');
});

test('T25: recovery that activates lets in an account that nothing keeps out', async () => {
  const { name, email } = await invited({});
  await app.ctx.db.query('update users set is_active = false where username = $1', [name]);
  expect((await recover(email)).component).toBe('ak-stage-dummy');
  expect(await isActive(name)).toBe(true);
});
