import { expect, test } from 'vitest';
import { createApiToken } from '../../src/core/tokens/index.ts';
import { insertUser } from '../../src/core/users/index.ts';
import { PASSWORD, events, findUser, signIn, unique } from '../flows/builders.ts';
import type { Jar } from '../jar.ts';
import { PUBLIC_URL, mailApp, startAgain } from '../mail/mail-app.ts';
import type { Received } from '../mail/smtp-sink.ts';

const app = await mailApp();
await startAgain(app);
const { ctx, sink } = app;
const RECOVERY = 'default-recovery-flow';
const FRESH = 'quite another password';

const me = async (jar: Jar) => (await jar.get('/api/v3/core/users/me/')).body.user?.username;

async function person(fields: { locale?: string } = {}) {
  const username = unique('owner');
  const email = `${username}@example.org`;
  const passwordHash = await ctx.passwords.hash(PASSWORD);
  const { id } = await insertUser(ctx.db, { username, email, name: 'Olga', passwordHash, ...fields });
  const token = (identifier: string, expires?: string) =>
    createApiToken(ctx, ctx.db, { identifier, userId: id, ...(expires === undefined ? {} : { expires }) });
  return { id, username, email, token };
}

async function mailTo(address: string, subject: RegExp): Promise<Received> {
  const found = () => sink.received.filter(({ to, mail }) => to.includes(address) && subject.test(mail.subject ?? ''));
  await expect.poll(() => found().length, { timeout: 20_000 }).toBe(1);
  const [only] = found();
  if (!only) throw new Error('There is no such mail.');
  return only;
}

/** Recovers the account in a browser of its own, which is signed in then. */
async function recover({ username, email }: { username: string; email: string }): Promise<Jar> {
  const jar = app.jar();
  await jar.open(RECOVERY);
  await jar.answer(RECOVERY, { uid_field: username });
  const { mail } = await mailTo(email, /password/i);
  const query = new URL(/https:\S+/.exec(mail.text ?? '')?.[0] ?? '').search.slice(1);
  await jar.open(RECOVERY, query);
  await jar.answer(RECOVERY, {}, query);
  const done = await jar.answer(RECOVERY, { password: FRESH, password_repeat: FRESH });
  expect(done.body.component).toBe('xak-flow-redirect');
  return jar;
}

test('T09, A17: recovering an account signs everybody else out, keeps its API tokens, and names them to its owner', async () => {
  const owner = await person();
  const [name, ended] = [unique('backup'), unique('ended')];
  const key = await owner.token(name);
  await owner.token(ended);
  await ctx.db.query("update token set expiring = true, expires = now() - interval '1 hour' where identifier = $1", [
    ended,
  ]);
  const [desk, laptop] = [app.jar(), app.jar()];
  for (const jar of [desk, laptop]) await signIn(jar, owner.username, PASSWORD);
  expect([await me(desk), await me(laptop)]).toEqual([owner.username, owner.username]);
  const phone = await recover(owner);
  expect([await me(desk), await me(laptop), await me(phone)]).toEqual([undefined, undefined, owner.username]);
  expect((await app.api('GET', '/api/v3/core/users/me/', undefined, { token: key })).status).toBe(200);
  expect((await events(app, 'password_set')).at(-1)).toMatchObject({
    user: { pk: owner.id, username: owner.username },
    ended: { sessions: 2 },
    kept: { api_access: [name] },
  });
  const { mail, raw } = await mailTo(owner.email, /was changed/);
  expect(mail.text).toContain(`- ${name}`);
  expect(mail.text).toContain(`${PUBLIC_URL}/if/flow/${RECOVERY}/`);
  expect(raw).not.toContain(ended);
  for (const secret of [key, FRESH]) expect(raw).not.toContain(secret);
});

test('S05: without tokens the mail says nothing of them; it is in the owner’s language', async () => {
  const owner = await person({ locale: 'de' });
  const jar = app.jar();
  await jar.open(RECOVERY);
  await jar.answer(RECOVERY, { uid_field: owner.username });
  const { mail: link } = await mailTo(owner.email, /./);
  const query = new URL(/https:\S+/.exec(link.text ?? '')?.[0] ?? '').search.slice(1);
  await jar.open(RECOVERY, query);
  await jar.answer(RECOVERY, {}, query);
  await jar.answer(RECOVERY, { password: FRESH, password_repeat: FRESH });
  const { mail } = await mailTo(owner.email, /wurde geändert/);
  expect(mail.text).toContain('hat ein neues Passwort');
  expect(mail.text).not.toContain('Zugangsschlüssel');
  expect((await findUser(app, owner.username))?.['email']).toBe(owner.email);
});
