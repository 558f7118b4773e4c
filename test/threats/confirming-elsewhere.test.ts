import { describe, expect, test } from 'vitest';
import { policyKind } from '../../src/core/policies/index.ts';
import { createApiToken } from '../../src/core/tokens/index.ts';
import { insertUser } from '../../src/core/users/index.ts';
import { isJsonObject } from '../../src/kernel/schema/types.ts';
import {
  CREDENTIALS,
  DENIED,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  credentials,
  dummyStage,
  events,
  findUser,
  signIn,
  unique,
} from '../flows/builders.ts';
import type { Bound } from '../flows/builders.ts';
import type { Answer, Jar } from '../jar.ts';
import { mailApp } from '../mail/mail-app.ts';

/** Refuses passwords that are short or hold the username of the same form. */
const strict = policyKind({
  type: 'strict_password',
  async evaluate(_uuid, { context: { prompt_data: answers } }) {
    const given = isJsonObject(answers) ? answers : {};
    const text = (key: string): string => (typeof given[key] === 'string' ? given[key] : '');
    const [name, chosen] = [text('username'), text('password')];
    const messages = [
      ...(chosen.length < 20 ? ['Use at least 20 characters.'] : []),
      ...(name === '' || chosen.includes(name) ? ['Leave your username out.'] : []),
      ...(text('password_repeat') === chosen ? [] : ['Type it twice.']),
    ];
    return { passing: messages.length === 0, messages };
  },
});
const app = await mailApp({ provides: [strict] });
const { ctx, sink } = app;

const DUMMY = 'ak-stage-dummy';
const EMAIL = 'ak-stage-email';
const REDIRECT = 'xak-flow-redirect';
const OWN = 'a password of the owner';

const codesOf = ({ body }: Answer): string[] =>
  (body.response_errors?.non_field_errors ?? []).map(({ code }: { code: string }) => code);

/** The query of the newest link that was mailed to an address. */
async function linkTo(address: string, count = 1): Promise<string> {
  const mails = () =>
    sink.received.filter(({ to, mail }) => to.includes(address) && mail.text?.includes('flow_token='));
  await expect.poll(() => mails().length, { timeout: 20_000 }).toBe(count);
  return new URL(/https:\S+/.exec(mails().at(-1)?.mail.text ?? '')?.[0] ?? '').search.slice(1);
}

type Begun = { readonly slug: string; readonly jar: Jar; readonly username: string; readonly email: string };

const emailStage = (body: object = {}): Promise<string> =>
  buildStage(app, '/stages/email/', { template: 'email/account_confirmation.html', ...body });
const fields = { ...CREDENTIALS, email: { type: 'email' } };

async function writer(body: object = {}): Promise<string> {
  return buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create', ...body });
}

/** Somebody enrols with an address and a password of their choice, and stands before the page that says "mail sent". */
async function begin(
  stages: readonly Bound[],
  { password = PASSWORD, policies = [] as string[] } = {},
): Promise<Begun> {
  const form = await buildPromptStage(app, fields);
  await app.api('PATCH', `/api/v3/stages/prompt/stages/${form}/`, { validation_policies: policies });
  const { slug } = await buildFlow(app, [form, ...stages]);
  const [jar, username, email] = [app.jar(), unique('taken'), `${unique('owner')}@example.org`];
  await jar.open(slug);
  const { body } = await jar.answer(slug, { ...credentials(username), password, password_repeat: password, email });
  expect(body.component).toBe(EMAIL);
  return { slug, jar, username, email };
}

const whole = async (): Promise<Bound[]> => [
  await writer(),
  await buildStage(app, '/stages/user_login/'),
  await emailStage(),
  await dummyStage(app),
];
const inactive = async (): Promise<Bound[]> => [
  await writer({ create_users_as_inactive: true }),
  await emailStage({ activate_user_on_success: true }),
  await buildStage(app, '/stages/user_login/'),
];

/** Opens the mailed link in a new browser. */
async function openElsewhere({ slug, email }: Begun): Promise<{ phone: Jar; query: string; opened: Answer }> {
  const query = await linkTo(email);
  const phone = app.jar();
  return { phone, query, opened: await phone.open(slug, query) };
}

const own = (email: string) => ({ component: EMAIL, email, password: OWN, password_repeat: OWN });
const me = async (jar: Jar) => (await jar.get('/api/v3/core/users/me/')).body.user?.username;
const signsIn = async (username: string, password: string) =>
  (await signIn(app.jar(), username, password)).body.component === REDIRECT;

async function tokenOf(username: string): Promise<string> {
  const userId = Number((await findUser(app, username))?.['pk']);
  return createApiToken(ctx, ctx.db, { identifier: unique('token'), userId });
}
const byToken = async (token: string) => (await app.api('GET', '/api/v3/core/users/me/', undefined, { token })).status;

describe('E09, T09: an account that somebody else began with my address', () => {
  test('is mine alone when I confirm: password, session, token and links of theirs are worth nothing', async () => {
    const begun = await begin(await whole());
    const { slug, jar, username, email } = begun;
    const token = await tokenOf(username);
    const second = app.jar();
    await signIn(second, username, PASSWORD);
    expect([await me(jar), await me(second)]).toEqual([username, username]);
    expect(await byToken(token)).toBe(200);
    const { phone, query, opened } = await openElsewhere(begun);
    expect(codesOf(opened)).toEqual(['hint-confirm-address', 'hint-new-password']);
    expect((await phone.answer(slug, own(email), query)).body.component).toBe(DUMMY);
    expect([await me(jar), await me(second)]).toEqual([undefined, undefined]);
    // A token may be good for a second more.
    await expect.poll(() => byToken(token), { timeout: 5_000 }).toBe(403);
    expect((await jar.open(slug)).body.component).toBe('ak-stage-prompt');
    expect((await app.jar().open(slug, query)).body.component).toBe('ak-stage-prompt');
    expect(await signsIn(username, PASSWORD)).toBe(false);
    expect(await signsIn(username, OWN)).toBe(true);
    const pk = (await findUser(app, username))?.['pk'];
    const told = (await events(app, 'custom_')).filter(({ action }) => action === 'email_confirmed');
    expect(told.at(-1)).toMatchObject({ ended: { sessions: 2, api_access: 1 } });
    expect((await events(app, 'password_set')).at(-1)).toMatchObject({ user: { pk, username } });
  });

  test('that waits for the confirmation becomes active with my password, and I am signed in', async () => {
    const begun = await begin(await inactive());
    const { phone, query } = await openElsewhere(begun);
    expect((await phone.answer(begun.slug, own(begun.email), query)).body.component).toBe(REDIRECT);
    expect(await me(phone)).toBe(begun.username);
    expect(await signsIn(begun.username, PASSWORD)).toBe(false);
    expect(await signsIn(begun.username, OWN)).toBe(true);
  });

  test.each([
    ['no password', {}, ['password']],
    ['an empty one', { password: ' ', password_repeat: ' ' }, ['password']],
    ['no repetition', { password: OWN }, ['password_repeat']],
    ['another repetition', { password: OWN, password_repeat: `${OWN}!` }, ['password_repeat']],
    ['what is no text', { password: { a: 1 }, password_repeat: { a: 1 } }, ['password']],
    ['one that is too long', { password: 'x'.repeat(5000), password_repeat: 'x'.repeat(5000) }, ['password']],
  ])('stays as it is while I give %s, and the link still works', async (_what, reply, wrong) => {
    const begun = await begin(await whole());
    const { slug, email } = begun;
    const { phone, query } = await openElsewhere(begun);
    const refused = await phone.answer(slug, { component: EMAIL, email, ...reply }, query);
    const { non_field_errors: hints, ...errors } = refused.body.response_errors;
    expect(Object.keys(errors)).toEqual(wrong);
    expect(hints).toHaveLength(2);
    expect(await me(begun.jar)).toBe(begun.username);
    expect(await signsIn(begun.username, PASSWORD)).toBe(true);
    expect((await phone.answer(slug, own(email), query)).body.component).toBe(DUMMY);
  });

  test.each([
    ['strict_password', 'too short', ['Use at least 20 characters.']],
    ['strict_password', 'the username', ['Leave your username out.']],
    ['of_no_feature', 'anything', ['The answers were not accepted.']],
  ])('gets no password that the policies of its form refuse (%s, %s)', async (type, what, refusals) => {
    const [row] = await ctx.db.query<{ policy_uuid: string }>(
      'insert into policy (name, type) values ($1, $2) returning policy_uuid',
      [unique('policy'), 'strict_password'],
    );
    const policy = row?.policy_uuid ?? '';
    const long = 'a password of theirs, long enough';
    const begun = await begin(await whole(), { password: long, policies: [policy] });
    await ctx.db.query('update policy set type = $2 where policy_uuid = $1', [policy, type]);
    const { slug, username, email, jar } = begun;
    const { phone, query } = await openElsewhere(begun);
    const password = what === 'too short' ? 'short' : `a long password of ${username}`;
    const answer = { ...own(email), password, password_repeat: password };
    const refused = await phone.answer(slug, answer, query);
    const texts = refused.body.response_errors.password.map(({ string }: { string: string }) => string);
    expect([texts, codesOf(refused)]).toEqual([refusals, ['hint-confirm-address', 'hint-new-password']]);
    // Without the address nothing is judged, and nothing changes.
    expect((await phone.answer(slug, { ...answer, email: '' }, query)).body.response_errors.password).toBeUndefined();
    expect([await me(jar), await signsIn(username, long)]).toEqual([username, true]);
    await ctx.db.query("update policy set type = 'strict_password' where policy_uuid = $1", [policy]);
    expect((await phone.answer(slug, own(email), query)).body.component).toBe(DUMMY);
    expect([await signsIn(username, long), await signsIn(username, OWN)]).toEqual([false, true]);
  });

  test('is not opened by a password without the address (T04)', async () => {
    const begun = await begin(await whole());
    const { slug } = begun;
    const { phone, query } = await openElsewhere(begun);
    for (const email of ['', 'eve@example.org']) {
      const refused = await phone.answer(slug, { ...own(email), email }, query);
      expect(refused.body.component).toBe(EMAIL);
      expect(codesOf(refused)).toEqual(['hint-confirm-address', 'hint-new-password']);
    }
    expect(await signsIn(begun.username, OWN)).toBe(false);
  });

  test('keeps my password when a later stage writes what was typed before', async () => {
    const stages = [
      ...(await inactive()).slice(0, 2),
      await buildPromptStage(app, { name: {} }),
      await writer({ user_creation_mode: 'never_create' }),
      await buildStage(app, '/stages/user_login/'),
    ];
    const begun = await begin(stages);
    const { phone, query } = await openElsewhere(begun);
    await phone.answer(begun.slug, own(begun.email), query);
    expect((await phone.answer(begun.slug, { name: 'Mine' }, query)).body.component).toBe(REDIRECT);
    expect((await findUser(app, begun.username))?.['name']).toBe('Mine');
    expect(await signsIn(begun.username, PASSWORD)).toBe(false);
    expect(await signsIn(begun.username, OWN)).toBe(true);
  });

  test('is not signed in to by who had typed the old password and stands before the last question', async () => {
    const { slug: login } = await buildFlow(
      app,
      [
        await buildStage(app, '/stages/identification/', { user_fields: ['username'] }),
        await buildStage(app, '/stages/password/', { backends: ['authentik.core.auth.InbuiltBackend'] }),
        await buildStage(app, '/stages/user_login/', { remember_me_offset: 'days=1' }),
      ],
      { designation: 'authentication' },
    );
    const begun = await begin(await whole());
    const stranger = app.jar();
    await stranger.open(login);
    await stranger.answer(login, { uid_field: begun.username });
    expect((await stranger.answer(login, { password: PASSWORD })).body.component).toBe('ak-stage-user-login');
    const { phone, query } = await openElsewhere(begun);
    await phone.answer(begun.slug, own(begun.email), query);
    const late = await stranger.answer(login, { remember_me: true });
    expect(late.body.component).toBe(DENIED);
    expect(await me(stranger)).toBeUndefined();
  });

  test('is asked for by the page without JavaScript, in German too', async () => {
    const begun = await begin(await whole());
    const query = await linkTo(begun.email);
    const [phone, page] = [app.jar(), `/if/flow/${begun.slug}/`];
    const headers = { 'accept-language': 'de' };
    const asked = await phone.get(`${page}?${query}`, { headers });
    expect(asked.text).toContain('wählen Sie ein neues Passwort');
    for (const name of ['email', 'password', 'password_repeat']) expect(asked.text).toContain(`name="${name}"`);
    const wrong = await phone.form(page, { ...own(begun.email), password_repeat: 'other' }, { headers });
    expect(wrong.text).toContain('Die Passwörter stimmen nicht überein');
    expect(wrong.text).toContain(begun.email);
    expect(wrong.text).not.toContain(OWN);
    const english = await app.jar().get(`${page}?${query}`);
    expect(english.text).toContain('choose a new password');
    expect((await phone.form(page, own(begun.email))).text).toContain('dummy');
    expect(await signsIn(begun.username, OWN)).toBe(true);
  });

  test('of two who confirm at once with different passwords one gets it', async () => {
    const begun = await begin(await whole());
    const query = await linkTo(begun.email);
    const jars = [app.jar(), app.jar()];
    for (const jar of jars) await jar.open(begun.slug, query);
    const passwords = [`${OWN} 1`, `${OWN} 2`];
    const answers = await Promise.all(
      jars.map((jar, at) =>
        jar.answer(begun.slug, { email: begun.email, password: passwords[at], password_repeat: passwords[at] }, query),
      ),
    );
    expect(answers.map(({ body }) => body.component).toSorted()).toEqual([DENIED, DUMMY]);
    const winner = answers.findIndex(({ body }) => body.component === DUMMY);
    expect(await signsIn(begun.username, passwords[winner] ?? '')).toBe(true);
    expect(await signsIn(begun.username, passwords[1 - winner] ?? '')).toBe(false);
  });
});

describe('E09: nothing of it happens', () => {
  test('in the browser that began: a press of the button, and the password stays', async () => {
    const { slug, jar, username, email } = await begin(await whole());
    const token = await tokenOf(username);
    const query = await linkTo(email);
    expect(codesOf(await jar.open(slug, query))).toEqual(['hint-confirm']);
    expect((await jar.answer(slug, {}, query)).body.component).toBe(DUMMY);
    expect(await me(jar)).toBe(username);
    expect(await byToken(token)).toBe(200);
    expect(await signsIn(username, PASSWORD)).toBe(true);
  });

  test('to an account in use whose owner recovers it on another device: its sessions and tokens stay', async () => {
    const username = unique('in-use');
    const email = `${username}@example.org`;
    const hash = await ctx.passwords.hash(PASSWORD);
    await insertUser(ctx.db, { username, email, passwordHash: hash });
    const desk = app.jar();
    await signIn(desk, username, PASSWORD);
    const token = await tokenOf(username);
    const stages = [
      await buildStage(app, '/stages/identification/', { user_fields: ['email'] }),
      await emailStage({ template: 'email/password_reset.html' }),
      await dummyStage(app),
    ];
    const { slug } = await buildFlow(app, stages, { designation: 'recovery' });
    const jar = app.jar();
    await jar.open(slug);
    await jar.answer(slug, { uid_field: email });
    const query = await linkTo(email);
    const phone = app.jar();
    expect(codesOf(await phone.open(slug, query))).toEqual(['hint-confirm-address']);
    expect((await phone.answer(slug, { email }, query)).body.component).toBe(DUMMY);
    expect([await me(desk), await byToken(token)]).toEqual([username, 200]);
    expect(await signsIn(username, PASSWORD)).toBe(true);
  });

  test('without a password that somebody chose: only the address is asked for, and sessions end', async () => {
    const prompt = await buildPromptStage(app, { username: { type: 'username' }, email: { type: 'email' } });
    const { slug } = await buildFlow(app, [prompt, ...(await whole())]);
    const [jar, username] = [app.jar(), unique('bare')];
    const email = `${username}@example.org`;
    await jar.open(slug);
    await jar.answer(slug, { username, email });
    expect(await me(jar)).toBe(username);
    const query = await linkTo(email);
    const phone = app.jar();
    expect(codesOf(await phone.open(slug, query))).toEqual(['hint-confirm-address']);
    expect((await phone.answer(slug, { email }, query)).body.component).toBe(DUMMY);
    expect(await me(jar)).toBeUndefined();
  });
});

test('E09: an account that was never active is taken over by another plan, too', async () => {
  const username = unique('waiting');
  const email = `${username}@example.org`;
  const hash = await ctx.passwords.hash(PASSWORD);
  await insertUser(ctx.db, { username, email, passwordHash: hash, isActive: false });
  const stages = [
    await buildStage(app, '/stages/identification/', { user_fields: ['email'] }),
    await emailStage({ activate_user_on_success: true }),
    await dummyStage(app),
  ];
  const { slug } = await buildFlow(app, stages, { designation: 'recovery' });
  const jar = app.jar();
  await jar.open(slug);
  await jar.answer(slug, { uid_field: email });
  const query = await linkTo(email);
  const phone = app.jar();
  expect(codesOf(await phone.open(slug, query))).toContain('hint-new-password');
  expect((await phone.answer(slug, own(email), query)).body.component).toBe(DUMMY);
  expect(await signsIn(username, PASSWORD)).toBe(false);
  expect(await signsIn(username, OWN)).toBe(true);
});
