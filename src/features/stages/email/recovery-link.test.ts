import { beforeAll, describe, expect, test } from 'vitest';
import { mailApp, PUBLIC_URL, startAgain } from '../../../../test/mail/mail-app.ts';
import type { MailApp } from '../../../../test/mail/mail-app.ts';
import { buildFlow, dummyStage, unique } from '../../../../test/flows/builders.ts';
import { buildAccount } from '../../../core/tokens/builders.ts';
import type { Jar } from '../../../../test/jar.ts';

const USERS = '/api/v3/core/users/';
const BRANDS = '/api/v3/core/brands/';
const ME = '/api/v3/core/users/me/';
const RECOVERY = 'default-recovery-flow';
const SIGN_IN = 'default-authentication-flow';
const OLD = 'the old password';
const FRESH = 'quite another password';
const RIGHTS = ['authentik_core.view_user', 'authentik_core.reset_user_password'];

let app: MailApp;
let brand: string;
let flow: string;
let stage: string;

beforeAll(async () => {
  app = await mailApp();
  await startAgain(app);
  brand = (await app.api('GET', `${BRANDS}?default=true`)).body.results[0].brand_uuid;
  flow = (await app.api('GET', `/api/v3/flows/instances/${RECOVERY}/`)).body.pk;
  stage = (await app.api('GET', '/api/v3/stages/email/?name=default-recovery-email')).body.results[0].pk;
  await setFlow(flow);
});

const setFlow = (pk: string | null) => app.api('PATCH', `${BRANDS}${brand}/`, { flow_recovery: pk });

type Person = { readonly id: number; readonly username: string; readonly email: string };

async function person(fields: object = {}): Promise<Person> {
  const username = unique('lost');
  const email = `${username}@example.org`;
  const passwordHash = await app.ctx.passwords.hash(OLD);
  const { id } = await buildAccount(app.ctx, { username, email, passwordHash, ...fields });
  return { id, username, email };
}

const make = ({ id }: Pick<Person, 'id'>, body: object = {}, token?: string) =>
  app.api('POST', `${USERS}${id}/recovery/`, body, token === undefined ? {} : { token });
const mailIt = ({ id }: Pick<Person, 'id'>, body: object = {}, token?: string) =>
  app.api(
    'POST',
    `${USERS}${id}/recovery_email/`,
    { email_stage: stage, ...body },
    token === undefined ? {} : { token },
  );

const queryOf = (link: string): string => new URL(link).search.slice(1);

async function linkFor(whose: Person, body: object = {}): Promise<string> {
  const { status, body: made } = await make(whose, body);
  expect(status).toBe(200);
  return queryOf(made.link);
}

async function mailedTo({ email }: Person): Promise<string> {
  const found = () => app.sink.received.filter(({ to }) => to.includes(email));
  await expect.poll(() => found().length, { timeout: 20_000 }).toBe(1);
  return found()[0]?.mail.text ?? '';
}

const component = async (jar: Jar, query: string) => (await jar.open(RECOVERY, query)).body.component;

/** Goes through with a link: the address, the new password. Out: what the last answer shows. */
async function recover(jar: Jar, query: string, address: string): Promise<string> {
  await jar.open(RECOVERY, query);
  await jar.answer(RECOVERY, { email: address }, query);
  return (await jar.answer(RECOVERY, { password: FRESH, password_repeat: FRESH }, query)).body.component;
}

async function signsIn({ username }: Person, password: string): Promise<boolean> {
  const jar = app.jar();
  await jar.open(SIGN_IN);
  await jar.answer(SIGN_IN, { uid_field: username });
  return (await jar.answer(SIGN_IN, { password })).body.component === 'xak-flow-redirect';
}

const tokensOf = async ({ id }: Person): Promise<object[]> =>
  app.ctx.db.query('select * from flow_token where user_id = $1', [id]);

describe('a link to get back into an account', () => {
  test('leads who knows the account’s address to a new password, and is used then (T19)', async () => {
    const pat = await person();
    const { body } = await make(pat);
    expect(body).toEqual({
      link: expect.stringMatching(
        /^https:\/\/id\.example\.org\/if\/flow\/default-recovery-flow\/\?flow_token=[\w-]{60,}$/,
      ),
    });
    const query = queryOf(body.link);
    const jar = app.jar();
    expect(await recover(jar, query, pat.email)).toBe('xak-flow-redirect');
    expect((await jar.get(ME)).body.user.username).toBe(pat.username);
    expect([await signsIn(pat, OLD), await signsIn(pat, FRESH)]).toEqual([false, true]);
    expect(await component(app.jar(), query)).toBe('ak-stage-identification');
  });

  test('is not used by looking at it, nor by who presses its button without the address (T04)', async () => {
    const pat = await person();
    const query = await linkFor(pat);
    for (const _scanner of [1, 2, 3]) {
      const jar = app.jar();
      expect(await component(jar, query)).toBe('ak-stage-email');
      const { body } = await jar.answer(RECOVERY, {}, query);
      expect(body.component).toBe('ak-stage-email');
      expect((await jar.answer(RECOVERY, { email: 'somebody@example.org' }, query)).body.component).toBe(
        'ak-stage-email',
      );
    }
    expect(await signsIn(pat, OLD)).toBe(true);
    expect(await recover(app.jar(), query, pat.email)).toBe('xak-flow-redirect');
  });

  test('lets one of two browsers on that use it at the same time (T19)', async () => {
    const pat = await person();
    const query = await linkFor(pat);
    const jars = [app.jar(), app.jar()];
    for (const jar of jars) await jar.open(RECOVERY, query);
    const answers = await Promise.all(jars.map((jar) => jar.answer(RECOVERY, { email: pat.email }, query)));
    expect(answers.map(({ body }) => body.component).toSorted()).toEqual(['ak-stage-access-denied', 'ak-stage-prompt']);
  });

  test('is worth nothing once a newer one was made, or the password changed (T19)', async () => {
    const pat = await person();
    const [older, newer] = [await linkFor(pat), await linkFor(pat)];
    expect([await component(app.jar(), older), await component(app.jar(), newer)]).toEqual([
      'ak-stage-identification',
      'ak-stage-email',
    ]);
    await app.api('POST', `${USERS}${pat.id}/set_password/`, { password: 'set meanwhile' });
    const jar = app.jar();
    await jar.open(RECOVERY, newer);
    expect((await jar.answer(RECOVERY, { email: pat.email }, newer)).body.component).toBe('ak-stage-access-denied');
    expect(await signsIn(pat, 'set meanwhile')).toBe(true);
  });

  test.each([
    [{}, 1800],
    [{ token_duration: 'hours=2' }, 7200],
    [{ token_duration: 'days=1' }, 86_400],
  ])('made with %j is good for so long and no longer', async (body, seconds) => {
    const pat = await person();
    const query = await linkFor(pat, body);
    const text = `select extract(epoch from expires - now())::integer as left from flow_token where user_id = $1`;
    const [token] = await app.ctx.db.query<{ left: number }>(text, [pat.id]);
    expect(Math.abs((token?.left ?? 0) - seconds)).toBeLessThan(60);
    await app.ctx.db.query(`update flow_token set expires = now() - interval '1 second' where user_id = $1`, [pat.id]);
    expect(await component(app.jar(), query)).toBe('ak-stage-identification');
  });

  test('is nowhere but in the answer (T08)', async () => {
    const pat = await person();
    const key = new URLSearchParams(await linkFor(pat)).get('flow_token') ?? '';
    expect(key.length).toBeGreaterThan(50);
    const events = await app.ctx.db.query<{ context: object }>(
      `select context, user_data ->> 'username' as by from event where context ->> 'action' = 'recovery_link_created'
        and context #>> '{user,pk}' = $1`,
      [String(pat.id)],
    );
    expect(events).toMatchObject([{ by: 'akadmin', context: { user: { username: pat.username }, mailed: false } }]);
    expect(JSON.stringify([await tokensOf(pat), events, app.logged])).not.toContain(key);
  });
});

test('a link is worth nothing in the hands of whoever made it once the account can do more than they, or they are gone (A23)', async () => {
  const maker = await buildAccount(app.ctx, { permissions: RIGHTS });
  const { body: groups } = await app.api('GET', '/api/v3/core/groups/?is_superuser=true');
  const opens = async ({ email }: Person, query: string) => {
    const jar = app.jar();
    await jar.open(RECOVERY, query);
    return (await jar.answer(RECOVERY, { email }, query)).body.component;
  };
  const [risen, plain] = [await person(), await person()];
  const [first, second] = [await make(risen, {}, maker.token), await make(plain, {}, maker.token)];
  await app.api('POST', `/api/v3/core/groups/${groups.results[0].pk}/add_user/`, { pk: risen.id });
  expect(await opens(risen, queryOf(first.body.link))).toBe('ak-stage-access-denied');
  await app.api('PATCH', `${USERS}${maker.id}/`, { is_active: false });
  expect(await opens(plain, queryOf(second.body.link))).toBe('ak-stage-access-denied');
  await app.api('PATCH', `${USERS}${maker.id}/`, { is_active: true });
  expect(await opens(plain, queryOf(second.body.link))).toBe('ak-stage-prompt');
});

describe('a link that is mailed', () => {
  test('comes by the named stage to the account’s address, and nobody else learns it', async () => {
    const pat = await person();
    const { status, text } = await mailIt(pat, { token_duration: 'hours=3' });
    expect([status, text]).toEqual([204, '']);
    const mail = await mailedTo(pat);
    const link = /https:\S+/.exec(mail)?.[0] ?? '';
    expect(link.startsWith(`${PUBLIC_URL}/if/flow/${RECOVERY}/?flow_token=`)).toBe(true);
    expect(mail).toContain('3 hours');
    const [token] = await app.ctx.db.query<{ left: number }>(
      `select extract(epoch from expires - now())::integer as left from flow_token where user_id = $1`,
      [pat.id],
    );
    expect(Math.abs((token?.left ?? 0) - 10_800)).toBeLessThan(60);
    expect(JSON.stringify(app.logged)).not.toContain(queryOf(link));
    expect(await recover(app.jar(), queryOf(link), pat.email)).toBe('xak-flow-redirect');
  });

  test('has the stage’s own time unless another is asked for', async () => {
    const pat = await person();
    await mailIt(pat);
    expect(await mailedTo(pat)).toContain('30 minutes');
  });

  test('goes out so often as the stage mails one address', async () => {
    const pat = await person();
    const answers = [];
    for (const _time of [1, 2, 3, 4, 5, 6]) answers.push(await mailIt(pat));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204, 400]);
    expect(answers.at(-1)?.body).toEqual({ non_field_errors: ['This address was mailed too often; try again later.'] });
  });

  test.each([
    ['no stage', { email_stage: undefined }, { email_stage: ['This field is required.'] }],
    ['what is no id', { email_stage: 'mail' }, { email_stage: ['Must be a valid UUID.'] }],
    [
      'a stage that is not there',
      { email_stage: '00000000-0000-4000-8000-000000000000' },
      { non_field_errors: ['Email stage not found.'] },
    ],
  ])('is not sent by %s', async (_what, body, expected) => {
    const pat = await person();
    const answer = await mailIt(pat, body);
    expect([answer.status, answer.body]).toEqual([400, expected]);
    expect(await tokensOf(pat)).toEqual([]);
  });

  test('is not sent by a stage that the recovery flow does not have, or that the caller may not see', async () => {
    const other = await app.api('POST', '/api/v3/stages/email/', { name: unique('elsewhere') });
    const pat = await person();
    const elsewhere = await mailIt(pat, { email_stage: other.body.pk });
    expect([elsewhere.status, elsewhere.body]).toEqual([
      400,
      { email_stage: ['The recovery flow does not have this stage.'] },
    ]);
    const { token } = await buildAccount(app.ctx, { permissions: RIGHTS });
    expect((await mailIt(pat, {}, token)).body).toEqual({ non_field_errors: ['Email stage not found.'] });
    const { token: seeing } = await buildAccount(app.ctx, {
      permissions: RIGHTS,
      objects: [['authentik_stages_email.view_emailstage', stage]],
    });
    expect(await tokensOf(pat)).toEqual([]);
    expect((await mailIt(pat, {}, seeing)).status).toBe(204);
  });
});

/** Both operations, which refuse the same. */
const both = [
  ['recovery', make],
  ['recovery_email', mailIt],
] as const;

describe.each(both)('%s', (_name, ask) => {
  test.each(['', 'soon', 'hours', 'hours=-1', 'seconds=0', 'days=2', 'hours=1;hours=2'])(
    'refuses a duration of %j and makes nothing',
    async (duration) => {
      const pat = await person();
      const { status, body } = await ask(pat, { token_duration: duration });
      expect([status, Object.keys(body)]).toEqual([400, ['token_duration']]);
      expect(await tokensOf(pat)).toEqual([]);
    },
  );

  test.each([
    ['inactive', { isActive: false }, 'The user is not active.'],
    ['without an address', { email: '' }, 'User does not have an email address set.'],
  ])('refuses an account that is %s (A18)', async (_what, fields, message) => {
    const pat = await person(fields);
    const { status, body } = await ask(pat);
    expect([status, body]).toEqual([400, { non_field_errors: [message] }]);
    expect(await tokensOf(pat)).toEqual([]);
  });

  test('says when the brand has no recovery flow, or one that does not apply', async () => {
    const pat = await person();
    await setFlow(null);
    const none = await ask(pat);
    const closed = await buildFlow(app, [], { designation: 'recovery', authentication: 'require_superuser' });
    await setFlow((await app.api('GET', `/api/v3/flows/instances/${closed.slug}/`)).body.pk);
    const refused = await ask(pat);
    await setFlow(flow);
    expect([none.status, none.body]).toEqual([400, { non_field_errors: ['No recovery flow set.'] }]);
    expect([refused.status, refused.body]).toEqual([
      400,
      { non_field_errors: ['Recovery flow not applicable to user'] },
    ]);
  });

  test('is not for an account that can do more than the caller (A23)', async () => {
    const { token } = await buildAccount(app.ctx, {
      permissions: [...RIGHTS, 'authentik_stages_email.view_emailstage'],
    });
    const admin = (await app.api('GET', `${USERS}?username=akadmin`)).body.results[0];
    expect((await ask({ id: admin.pk }, {}, token)).status).toBe(403);
    expect(await tokensOf({ ...admin, id: admin.pk })).toEqual([]);
    expect((await ask(await person(), {}, token)).status).toBeLessThan(300);
  });
});

test('a recovery flow without an e-mail stage makes no link, since nothing would ask who opens it', async () => {
  const bare = await buildFlow(app, [await dummyStage(app)], { designation: 'recovery' });
  await setFlow((await app.api('GET', `/api/v3/flows/instances/${bare.slug}/`)).body.pk);
  const { status, body } = await make(await person());
  await setFlow(flow);
  expect([status, body]).toEqual([
    400,
    { non_field_errors: ['The recovery flow has no e-mail stage, which asks who opens the link.'] },
  ]);
});

test('the flow is that of the brand of the request’s host, the address that of the installation (D9)', async () => {
  await setFlow(null);
  await app.api('POST', BRANDS, { domain: 'other.example', flow_recovery: flow });
  const pat = await person();
  const at = (host: string) => app.api('POST', `${USERS}${pat.id}/recovery/`, {}, { headers: { host } });
  const [here, there] = [await at('id.example.org'), await at('other.example')];
  await setFlow(flow);
  expect([here.status, there.status]).toEqual([400, 200]);
  expect(new URL(there.body.link).origin).toBe(PUBLIC_URL);
});
