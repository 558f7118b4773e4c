import { describe, expect, test } from 'vitest';
import { mailApp, PUBLIC_URL } from '../mail/mail-app.ts';
import type { Answer, Jar } from '../jar.ts';
import {
  CREDENTIALS,
  DENIED,
  DETAILS,
  NO_INVITATION,
  buildFlow,
  buildPromptStage,
  buildStage,
  create,
  credentials,
  findUser,
  invitationStage,
  unique,
} from './builders.ts';

const app = await mailApp();
const OWN = '/api/vestibule/v1/invitations';
const DONE = { component: 'xak-flow-redirect', to: '/' };
const REFUSED = { component: DENIED, error_message: NO_INVITATION };
const OTHER_ADDRESS = {
  component: 'ak-stage-prompt',
  response_errors: { email: [{ string: 'This invitation is for another email address.', code: 'invalid' }] },
};

async function enrollment(...more: readonly string[]): Promise<string> {
  const stages = [
    await invitationStage(app),
    await buildPromptStage(app, CREDENTIALS),
    await buildPromptStage(app, DETAILS),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    ...more,
    await buildStage(app, '/stages/user_login/'),
  ];
  return (await buildFlow(app, stages)).slug;
}
const plain = await enrollment();

type Standing = {
  readonly id: string;
  readonly username: string;
  readonly jar: Jar;
  finish(email?: string): Promise<Answer>;
};

/** Somebody who has begun with an invitation of the own API, and stands before the last form. */
async function standing(json: object = {}, slug = plain): Promise<Standing> {
  const { id, link } = (await app.api('POST', OWN, { name: 'tightened', flow: slug, ...json })).body;
  expect(link).toContain(PUBLIC_URL);
  const query = new URL(link).search.slice(1);
  const [jar, username] = [app.jar(), unique('begun')];
  await jar.open(slug, query);
  expect((await jar.answer(slug, credentials(username), query)).body.component).toBe('ak-stage-prompt');
  const finish = (email = `${username}@example.org`) => jar.answer(slug, { name: 'B', email }, query);
  return { id, username, jar, finish };
}

async function change({ id }: Standing, json: object): Promise<void> {
  const { status, body } = await app.api('PATCH', `${OWN}/${id}`, json, { headers: { 'if-match': '*' } });
  expect([status, body.errors]).toEqual([200, undefined]);
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const groupOf = () => create(app, '/core/groups/', { name: unique('group') });

describe('T06, D5: what an invitation says when the account is made counts, though somebody had begun before', () => {
  test.each([
    ['restrict_to that is added', {}, { restrict_to: ['@example.com'] }],
    ['restrict_to that is narrowed', { restrict_to: ['@example.org'] }, { restrict_to: ['x@example.org'] }],
    ['restrict_to of another domain', { restrict_to: ['@example.org'] }, { restrict_to: ['@sub.example.org'] }],
  ])(
    '%s makes no account for another address, counts no use, and lets in whom it is for',
    async (_what, json, tighter) => {
      const begun = await standing({ ...json, max_uses: 1 });
      await change(begun, tighter);
      expect((await begun.finish()).body).toMatchObject(OTHER_ADDRESS);
      expect(await findUser(app, begun.username)).toBeUndefined();
      expect((await app.api('GET', `${OWN}/${begun.id}`)).body).toMatchObject({ uses: 0, state: 'pending' });
      const fits = await standing();
      await change(fits, { restrict_to: [`${fits.username}@example.org`] });
      expect((await fits.finish()).body).toEqual(DONE);
    },
  );

  test.each([
    ['an expiry that is over', (begun: Standing) => expired(begun)],
    ['a limit that others have reached meanwhile', (begun: Standing) => reached(begun)],
    ['a revocation', ({ id }: Standing) => app.api('POST', `${OWN}/${id}/revoke`, {})],
    ['a new secret of its link', ({ id }: Standing) => app.api('POST', `${OWN}/${id}/rotate`, { link: 'secret' })],
    ['an end of its accounts that is over', ({ id }: Standing) => ended(id)],
  ])('%s makes no account', async (_what, tighten) => {
    const begun = await standing({ expires: inDays(3), account_expires: inDays(9), max_uses: 5 });
    await tighten(begun);
    expect((await begun.finish()).body).toMatchObject(REFUSED);
    expect(await findUser(app, begun.username)).toBeUndefined();
    expect((await begun.jar.get('/api/v3/core/users/me/')).status).toBe(403);
  });

  // An expiry in the past is refused to who sets one: time passes meanwhile.
  const expired = async (begun: Standing) => {
    await change(begun, { expires: new Date(Date.now() + 1_500).toISOString() });
    await expect
      .poll(async () => (await app.api('GET', `${OWN}/${begun.id}`)).body.state, { timeout: 20_000 })
      .toBe('expired');
  };
  const reached = async (begun: Standing) => {
    const other = app.jar();
    const query = `itoken=${begun.id}`;
    await other.open(plain, query);
    await other.answer(plain, credentials(unique('first')), query);
    expect((await other.answer(plain, { name: 'F', email: 'f@example.org' }, query)).body).toEqual(DONE);
    await app.api('PATCH', `${OWN}/${begun.id}`, { max_uses: 2 }, { headers: { 'if-match': '*' } });
    const last = await standingOn(query);
    expect((await last.answer(plain, { name: 'L', email: 'l@example.org' }, query)).body).toEqual(DONE);
  };
  const standingOn = async (query: string): Promise<Jar> => {
    const jar = app.jar();
    await jar.open(plain, query);
    await jar.answer(plain, credentials(unique('last')), query);
    return jar;
  };
  const ended = (id: string) =>
    app.ctx.db.query("update invitation set account_expires = now() - interval '1 minute' where invite_uuid = $1", [
      id,
    ]);

  test('locked that is added: what was typed before and after gives way', async () => {
    const fixed_data = { email: 'fixed@example.org', name: 'Fixed' };
    const begun = await standing({ fixed_data });
    await change(begun, { locked: true });
    expect((await begun.finish('typed@example.org')).body).toEqual(DONE);
    expect(await findUser(app, begun.username)).toMatchObject(fixed_data);
  });

  test('groups and roles that are taken away are not given; those that are added are', async () => {
    const [kept, gone, added] = [await groupOf(), await groupOf(), await groupOf()];
    const role = await create(app, '/rbac/roles/', { name: unique('role') });
    const begun = await standing({ groups: [kept, gone], roles: [role] });
    await change(begun, { groups: [kept, added], roles: [] });
    expect((await begun.finish()).body).toEqual(DONE);
    const { groups, roles } = (await findUser(app, begun.username)) ?? {};
    expect([new Set(groups as string[]), roles]).toEqual([new Set([kept, added]), []]);
  });

  test('approval that is added: the account waits, and nobody is signed in', async () => {
    const begun = await standing();
    await change(begun, { approval: true });
    expect((await begun.finish()).body).toMatchObject({ to: '/i/waiting' });
    expect(await findUser(app, begun.username)).toMatchObject({ is_active: false });
    expect((await begun.jar.get('/api/v3/core/users/me/')).status).toBe(403);
  });

  test('an end of accounts that is added is the account’s', async () => {
    const begun = await standing();
    await change(begun, { account_expires: 'PT1H' });
    expect((await begun.finish()).body).toEqual(DONE);
    const ends = `select 1 from users u join account_expiry e on e.user_id = u.id where u.username = $1`;
    expect(await app.ctx.db.query(ends, [begun.username])).toHaveLength(1);
  });
});

describe('E08, T06: where the flow has addresses proved, restrict_to that is added after somebody began', () => {
  test('has the account wait for the mail', async () => {
    const mail = await buildStage(app, '/stages/email/', { activate_user_on_success: false });
    const begun = await standing({}, await enrollment(mail));
    await change(begun, { restrict_to: ['@example.org'] });
    expect((await begun.finish()).body.component).toBe('ak-stage-email');
    expect(await findUser(app, begun.username)).toMatchObject({ is_active: false });
    expect((await begun.jar.get('/api/v3/core/users/me/')).status).toBe(403);
  });

  test('makes no account for another address, and mails it nothing', async () => {
    const mail = await buildStage(app, '/stages/email/', { activate_user_on_success: false });
    const begun = await standing({}, await enrollment(mail));
    await change(begun, { restrict_to: ['@example.com'] });
    expect((await begun.finish()).body).toMatchObject(OTHER_ADDRESS);
    expect(await findUser(app, begun.username)).toBeUndefined();
    expect(app.sink.received.filter(({ to }) => to.includes(`${begun.username}@example.org`))).toEqual([]);
  });
});
