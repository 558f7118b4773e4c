import { beforeAll, describe, expect, test } from 'vitest';
import { provenEmail } from '../../src/core/flows/index.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import {
  CREDENTIALS,
  DENIED,
  DETAILS,
  NO_INVITATION,
  buildFlow,
  buildPromptStage,
  buildStage,
  countUses,
  create,
  credentials,
  edit,
  enrol,
  enrollmentFlow,
  failing,
  findUser,
  giveDetails,
  invitationStage,
  invite,
  probeStages,
  testPolicies,
  toDetails,
  unique,
} from './builders.ts';
import type { Body, BuiltFlow, Invited } from './builders.ts';
import { extend, inviteWith } from './extended.ts';

const probes = probeStages();
const policies = testPolicies();
let app: TestApp;
let flow: BuiltFlow;
beforeAll(async () => {
  app = await testApp({ provides: [probes.contribution, policies.contribution] });
  flow = await enrollmentFlow(app);
});

const REFUSED = { component: DENIED, error_message: NO_INVITATION };
const OTHER_ADDRESS = { component: DENIED, error_message: 'This invitation is for another email address.' };
const AT_THE_FIELD = {
  component: 'ak-stage-prompt',
  response_errors: { email: [{ string: OTHER_ADDRESS.error_message, code: 'invalid' }] },
};
const DONE = { component: 'xak-flow-redirect', to: '/' };

const at = ({ query }: Invited, { slug } = flow) => ({ slug, query });
const groupOf = (body: Body = {}) => create(app, '/core/groups/', { name: unique('group'), ...body });
const roleOf = () => create(app, '/rbac/roles/', { name: unique('role') });

/** Somebody who may invite but is no superuser; with the roles given. */
async function inviter(roles: readonly string[] = []): Promise<number> {
  const pk = await create(app, '/core/users/', { username: unique('inviter'), name: 'Inviter' });
  for (const role of roles) await app.ctx.db.query('insert into user_roles values ($1, $2)', [pk, role]);
  return Number(pk);
}

async function membershipsOf(username: string): Promise<{ groups: unknown; roles: unknown }> {
  const { groups, roles } = (await findUser(app, username)) ?? {};
  return { groups, roles };
}

describe('max_uses', () => {
  test('D4: of 16 people who finish an invitation for 5 at once exactly 5 get an account', async () => {
    for (let round = 0; round < 3; round += 1) {
      const invited = await inviteWith(app, { max_uses: 5 });
      const people = Array.from({ length: 16 }, () => ({ jar: app.jar(), username: unique('crowd') }));
      for (const { jar, username } of people) await toDetails(jar, at(invited), username);
      const answers = await Promise.all(people.map(({ jar }) => giveDetails(jar, at(invited))));
      expect(answers.filter(({ body }) => body.to === '/')).toHaveLength(5);
      expect(answers.filter(({ body }) => body.error_message === NO_INVITATION)).toHaveLength(11);
      const found = await Promise.all(people.map(({ username }) => findUser(app, username)));
      expect(found.filter(Boolean)).toHaveLength(5);
      expect(await countUses(app, invited)).toBe(5);
    }
  });

  test('the history keeps who used it, also when the account is gone', async () => {
    const [invited, username] = [await invite(app), unique('kept')];
    await enrol(app.jar(), at(invited), username);
    await app.ctx.db.query('delete from users where username = $1', [username]);
    const rows = await app.ctx.db.query(
      'select user_id, username, email, joined from invitation_use where invitation = $1',
      [invited.pk],
    );
    expect(rows).toEqual([{ user_id: null, username, email: expect.stringContaining('@'), joined: false }]);
  });
});

describe('groups and roles', () => {
  test('go to the new account with it', async () => {
    const [group, role] = [await groupOf(), await roleOf()];
    const [invited, username] = [await inviteWith(app, { groups: [group], roles: [role] }), unique('gifted')];
    expect((await enrol(app.jar(), at(invited), username)).body).toEqual(DONE);
    expect(await membershipsOf(username)).toEqual({ groups: [group], roles: [role] });
  });

  test.each(['group', 'role'])('T25: a %s deleted meanwhile fails the whole enrollment', async (kind) => {
    const [group, role] = [await groupOf(), await roleOf()];
    const invited = await inviteWith(app, { groups: [group], roles: [role] }, { single_use: true });
    const [jar, username] = [app.jar(), unique('orphan')];
    await toDetails(jar, at(invited), username);
    await app.api('DELETE', kind === 'group' ? `/api/v3/core/groups/${group}/` : `/api/v3/rbac/roles/${role}/`);
    expect((await giveDetails(jar, at(invited))).body).toMatchObject(REFUSED);
    expect(await findUser(app, username)).toBeUndefined();
    expect(await countUses(app, invited)).toBe(0);
  });

  test('T06: a group taken off the invitation meanwhile is not given', async () => {
    const [kept, dropped] = [await groupOf(), await groupOf()];
    const [invited, username] = [await inviteWith(app, { groups: [kept, dropped] }), unique('edited')];
    const jar = app.jar();
    await toDetails(jar, at(invited), username);
    await app.ctx.db.query('delete from invitation_group where group_uuid = $1', [dropped]);
    expect((await giveDetails(jar, at(invited))).body).toEqual(DONE);
    expect((await membershipsOf(username)).groups).toEqual([kept]);
  });

  test('A23, T11: nobody gives by an invitation what they may not give when it is used', async () => {
    const strong = await roleOf();
    await app.api('POST', `/api/v3/rbac/permissions/assigned_by_roles/${strong}/assign/`, {
      permissions: ['authentik_core.delete_user'],
    });
    const admins = await groupOf({ is_superuser: true });
    const led = await groupOf({ roles: [strong] });
    for (const gift of [{ groups: [admins] }, { groups: [led] }, { roles: [strong] }]) {
      const [invited, username] = [await inviteWith(app, { ...gift, created_by: await inviter() }), unique('climber')];
      expect((await enrol(app.jar(), at(invited), username)).body).toMatchObject(REFUSED);
      expect(await findUser(app, username)).toBeUndefined();
      expect(await countUses(app, invited)).toBe(0);
    }
    const by = await inviter([strong]);
    const [invited, before, after] = [
      await inviteWith(app, { groups: [led], roles: [strong], created_by: by }),
      unique('before'),
      unique('after'),
    ];
    expect((await enrol(app.jar(), at(invited), before)).body).toEqual(DONE);
    await app.ctx.db.query('delete from user_roles where user_id = $1', [String(by)]);
    expect((await enrol(app.jar(), at(invited), after)).body).toMatchObject(REFUSED);
  });
});

describe('restrict_to', () => {
  const enrolAs = async (invited: Invited, email: string) => {
    const [jar, username] = [app.jar(), unique('restricted')];
    await toDetails(jar, at(invited), username);
    const { body } = await giveDetails(jar, at(invited), { name: 'R', email });
    return { body, user: await findUser(app, username) };
  };

  test('E08: another address gets no account, and the use is not counted', async () => {
    const invited = await inviteWith(
      app,
      { restrict_to: ['bob@example.org', '@bücher.example'] },
      { single_use: true },
    );
    for (const email of [
      'eve@example.org',
      'bob@example.org.evil.example',
      'bob@sub.bücher.example',
      'bob@example.com',
    ]) {
      const { body, user } = await enrolAs(invited, email);
      expect([email, user]).toEqual([email, undefined]);
      expect(body).toMatchObject(AT_THE_FIELD);
    }
    expect(await countUses(app, invited)).toBe(0);
  });

  test('another address is told at its field, and the rest of the form stays', async () => {
    const invited = await inviteWith(app, { restrict_to: ['bob@example.org'] });
    const [jar, username] = [app.jar(), unique('restricted')];
    await toDetails(jar, at(invited), username);
    expect((await giveDetails(jar, at(invited), { name: 'R', email: 'eve@example.org' })).body).toMatchObject(
      AT_THE_FIELD,
    );
    // By what the invitation says now (T06).
    await extend(app, invited, { restrict_to: '{eve@example.org}' });
    expect((await giveDetails(jar, at(invited), { name: 'R', email: 'eve@example.org' })).body).toEqual(DONE);
    expect(await findUser(app, username)).toMatchObject({ email: 'eve@example.org' });
  });

  test('E08: an address that no form takes is refused at the end', async () => {
    const invited = await inviteWith(
      app,
      { restrict_to: ['bob@example.org'], locked: true },
      { fixed_data: { email: 'eve@example.org' } },
    );
    const { body, user } = await enrolAs(invited, 'bob@example.org');
    expect(body).toMatchObject(OTHER_ADDRESS);
    expect(user).toBeUndefined();
  });

  test.each(['bob@example.org', 'Bob@EXAMPLE.org', 'x@bücher.example', 'x@xn--bcher-kva.example'])(
    '%s is let in',
    async (email) => {
      const invited = await inviteWith(app, { restrict_to: ['bob@example.org', '@BÜCHER.example'] });
      expect((await enrolAs(invited, email)).body).toEqual(DONE);
    },
  );

  /** A flow with an e-mail stage before or after the account is written, which a policy leaves out; `prove` is its proof. */
  async function mailingFlow(where: 'before' | 'after', prove: { address: string }): Promise<BuiltFlow> {
    const [row] = await app.ctx.db.query<{ stage_uuid: string }>(
      `insert into stage (name, type) values ($1, 'email') returning stage_uuid`,
      [unique('mail')],
    );
    const mail = row?.stage_uuid ?? '';
    const prover = await probes.build(app, ({ plan }) => {
      if (prove.address !== '') plan.set(provenEmail, prove.address);
    });
    const write = await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' });
    const form = await buildPromptStage(app, { ...CREDENTIALS, ...DETAILS });
    const ends = where === 'before' ? [mail, write] : [write, mail];
    const built = await buildFlow(app, [await invitationStage(app), form, prover, ...ends]);
    const binding = built.bindings[where === 'before' ? 3 : 4];
    await policies.bind(app, binding?.policybindingmodel_ptr_id ?? '', () => failing());
    return built;
  }

  test.each([
    ['before', '', 'a@example.org', OTHER_ADDRESS],
    ['before', 'b@example.org', 'a@example.org', OTHER_ADDRESS],
    ['before', 'A@example.org', 'a@example.org', DONE],
    ['before', 'a@example.com', 'a@example.com', AT_THE_FIELD],
    ['after', '', 'a@example.org', DONE],
  ] as const)(
    'E08: where the flow proves an address %s the account is made, "%s" proves %s or not',
    async (where, address, email, expected) => {
      const { slug } = await mailingFlow(where, { address });
      const { query } = await inviteWith(app, { restrict_to: ['@example.org'] });
      const jar = app.jar();
      await jar.open(slug, query);
      const { body } = await jar.answer(slug, { ...credentials(unique('proved')), name: 'P', email }, query);
      expect(body).toMatchObject(expected);
    },
  );
});

describe('locked', () => {
  const fixed_data = { email: 'fixed@example.org', attributes: { department: 'choir', nested: { level: 1 } } };
  const fields = {
    ...CREDENTIALS,
    ...DETAILS,
    'attributes.department': {},
    attributes_department: {},
    'attributes.nested': {},
    'attributes.nested.level': {},
    'attributes.free': {},
  };
  const lockedFlow = async () =>
    buildFlow(app, [
      await invitationStage(app),
      await buildPromptStage(app, fields),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
      await buildStage(app, '/stages/user_login/'),
    ]);
  const posted = (username: string) => ({
    ...credentials(username),
    name: 'Mine',
    email: 'mine@example.org',
    'attributes.department': 'mine',
    attributes_department: 'mine',
    'attributes.nested': 'mine',
    'attributes.nested.level': 'mine',
    'attributes.free': 'mine',
    attributes: { department: 'mine' },
    'attributes[department]': 'mine',
  });

  test('T10: fixed values win over anything posted, at every depth, and the form says so', async () => {
    const { slug } = await lockedFlow();
    const [invited, username] = [await inviteWith(app, { locked: true }, { fixed_data }), unique('locked')];
    const jar = app.jar();
    const { body } = await jar.open(slug, invited.query);
    const shown = Object.fromEntries(
      body.fields.map((field: Body) => [field['field_key'], [field['type'], field['initial_value']]]),
    );
    expect(shown).toMatchObject({
      email: ['text_read_only', 'fixed@example.org'],
      'attributes.department': ['text_read_only', 'choir'],
      attributes_department: ['text_read_only', 'choir'],
      'attributes.nested.level': ['text_read_only', '1'],
      'attributes.free': ['text', ''],
      name: ['text', ''],
    });
    const email = body.fields.find((field: Body) => field['field_key'] === 'email');
    expect(email.sub_text).toBe('This value is set by your invitation and cannot be changed.');
    expect((await jar.answer(slug, posted(username), invited.query)).body).toEqual(DONE);
    expect(await findUser(app, username)).toMatchObject({
      name: 'Mine',
      email: 'fixed@example.org',
      attributes: { department: 'choir', nested: { level: 1 }, free: 'mine' },
    });
  });

  test('D7: unlocked, the same answers win', async () => {
    const { slug } = await lockedFlow();
    const [invited, username] = [await invite(app, { fixed_data }), unique('unlocked')];
    const jar = app.jar();
    await jar.open(slug, invited.query);
    await jar.answer(slug, posted(username), invited.query);
    expect(await findUser(app, username)).toMatchObject({
      email: 'mine@example.org',
      attributes: { department: 'mine' },
    });
  });

  test('T06: what is locked or edited while the form stands open counts at the commit', async () => {
    const [invited, username] = [await invite(app, { fixed_data: { email: 'old@example.org' } }), unique('lately')];
    const jar = app.jar();
    await toDetails(jar, at(invited), username);
    await extend(app, invited, { locked: true });
    await edit(app, invited, { fixed_data: { email: 'new@example.org' } });
    expect((await giveDetails(jar, at(invited), { name: 'L', email: 'typed@example.org' })).body).toEqual(DONE);
    expect(await findUser(app, username)).toMatchObject({ email: 'new@example.org' });
  });
});

describe('redirect', () => {
  test.each([
    ['/welcome?x=1', '/welcome?x=1'],
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
  ])('T22: %s leads to %s', async (redirect, to) => {
    const invited = await inviteWith(app, { redirect });
    expect((await enrol(app.jar(), at(invited), unique('led'))).body).toEqual({ component: 'xak-flow-redirect', to });
  });

  test('counts in a flow that makes no account, too', async () => {
    const silent = await buildFlow(app, [await invitationStage(app)]);
    const invited = await inviteWith(app, { redirect: '/there' });
    expect((await app.jar().open(silent.slug, invited.query)).body).toEqual({
      component: 'xak-flow-redirect',
      to: '/there',
    });
  });
});

test('T09: an invitation to a taken address takes no account over', async () => {
  const victim = unique('victim');
  await enrol(app.jar(), at(await invite(app)), victim);
  await app.api('PATCH', `/api/v3/core/users/${String((await findUser(app, victim))?.['pk'])}/`, {
    email: 'v@example.org',
  });
  const before = await findUser(app, victim);
  const group = await groupOf();
  const [invited, username] = [
    await inviteWith(app, { locked: true, groups: [group] }, { fixed_data: { email: 'V@example.org' } }),
    unique('other'),
  ];
  const jar = app.jar();
  expect((await enrol(jar, at(invited), username)).body).toEqual(DONE);
  expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe(username);
  expect(await findUser(app, victim)).toEqual(before);
});
