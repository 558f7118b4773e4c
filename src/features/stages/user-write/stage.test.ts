import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../../test/app.ts';
import type { TestApp } from '../../../../test/app.ts';
import { buildFlow, buildPromptStage, buildStage, create } from '../prompt/builders.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const DENIED = 'ak-stage-access-denied';
const GENERIC = 'Failed to update user. Please try again later.';
const CREDENTIALS = {
  username: { type: 'username' },
  name: { required: false },
  email: { type: 'email', required: false },
  password: { type: 'password', required: false },
};

type Body = Readonly<Record<string, unknown>>;

const write = (settings: Body = {}): Promise<string> =>
  buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create', ...settings });

/** A flow that takes an invitation, asks for credentials and writes. */
async function enrollment(settings: Body = {}, prompts: Parameters<typeof buildPromptStage>[1] = CREDENTIALS) {
  const invitation = await buildStage(app, '/stages/invitation/stages/', { continue_flow_without_invitation: true });
  return buildFlow(app, [invitation, await buildPromptStage(app, prompts), await write(settings)]);
}

async function invite(fixed_data: Body, more: Body = {}): Promise<string> {
  const pk = await create(app, '/stages/invitation/invitations/', { name: 'invited', fixed_data, ...more });
  return `itoken=${pk}`;
}

async function enrol(slug: string, reply: Body, query = '') {
  const jar = app.jar();
  await jar.open(slug, query);
  return jar.answer(slug, reply, query);
}

async function findUser(username: string) {
  const { body } = await app.api('GET', `/api/v3/core/users/?username=${encodeURIComponent(username)}`);
  return body.results[0];
}

async function events(action: string, username: string): Promise<Body[]> {
  const rows = await app.ctx.db.query<{ context: Body }>(
    `select context from event where action = $1 and context ->> 'username' = $2`,
    [action, username],
  );
  return rows.map((row) => row.context);
}

describe('a new account', () => {
  test('is made of the gathered texts, where the stage puts it', async () => {
    const slug = await enrollment({ user_type: 'external', user_path_template: 'users/guests' });
    const { body } = await enrol(slug, { username: 'new-one', name: 'New One', email: 'new@example.com' });
    expect(body).toEqual({ component: 'xak-flow-redirect', to: '/' });
    expect(await findUser('new-one')).toMatchObject({
      name: 'New One',
      email: 'new@example.com',
      is_active: true,
      type: 'external',
      path: 'users/guests',
    });
  });

  test('is inactive and of the type that the stage says', async () => {
    const slug = await enrollment({ create_users_as_inactive: true, user_type: 'internal_service_account' });
    await enrol(slug, { username: 'robot' });
    expect(await findUser('robot')).toMatchObject({ is_active: false, type: 'service_account', path: 'users' });
  });

  test('T13: holds nothing that was posted beside the fields', async () => {
    const extra = { is_active: false, is_superuser: true, groups: ['x'], pk: 1, type: 'internal', path: 'root' };
    await enrol(await enrollment(), { username: 'assigned', component: 'ak-stage-user-login', ...extra });
    const user = await findUser('assigned');
    expect(user).toMatchObject({ is_active: true, is_superuser: false, groups: [], type: 'external', path: 'users' });
    expect(user.pk).not.toBe(1);
    expect(await events('suspicious_request', 'assigned')).toEqual([]);
  });

  test('is told of without values', async () => {
    await enrol(await enrollment(), { username: 'told', password: 'hunter2-secret' });
    const [event] = await events('user_write', 'told');
    expect(event).toMatchObject({ created: true, keys: expect.arrayContaining(['username', 'password']) });
    expect(JSON.stringify(event)).not.toContain('hunter2');
    expect(JSON.stringify(app.logged)).not.toContain('hunter2');
  });

  test('joins the group of the stage', async () => {
    const group = await create(app, '/core/groups/', { name: 'joiners' });
    await enrol(await enrollment({ create_users_group: group }), { username: 'joiner' });
    expect((await findUser('joiner')).groups).toEqual([group]);
  });

  test('T25: is not made when its group was deleted meanwhile', async () => {
    const group = await create(app, '/core/groups/', { name: 'gone' });
    const slug = await enrollment({ create_users_group: group });
    const jar = app.jar();
    await jar.open(slug);
    expect((await app.api('DELETE', `/api/v3/core/groups/${group}/`)).status).toBe(204);
    const { body } = await jar.answer(slug, { username: 'groupless' });
    expect(body).toMatchObject({ component: DENIED, error_message: GENERIC });
    expect(await findUser('groupless')).toBeUndefined();
  });
});

describe('what an invitation fixed', () => {
  test('(57) an address is replaced by the typed one, and kept when none is typed', async () => {
    const slug = await enrollment();
    const query = await invite({ email: 'fixed@example.com' });
    await enrol(slug, { username: 'typed-mail', email: 'typed@example.com' }, query);
    await enrol(slug, { username: 'kept-mail' }, query);
    expect((await findUser('typed-mail')).email).toBe('typed@example.com');
    expect((await findUser('kept-mail')).email).toBe('fixed@example.com');
  });

  test('(58) attributes without a prompt reach the user', async () => {
    const query = await invite({ attributes: { department: 'X' } });
    await enrol(await enrollment(), { username: 'department' }, query);
    expect((await findUser('department')).attributes).toEqual({ department: 'X' });
  });

  test('(58, 81), T11: of rights nothing takes effect, and an event names the keys, never the values', async () => {
    const superusers = (await app.api('GET', '/api/v3/core/groups/?is_superuser=true')).body.results[0].pk;
    const rights = { groups: [superusers], is_active: false, type: 'internal', path: 'root-canary', pk: 1 };
    const attributes = { 'goauthentik.io/user/debug': true, team: 'a' };
    const query = await invite({ ...rights, attributes, is_superuser: true, uuid: 'x' });
    await enrol(await enrollment(), { username: 'climber' }, query);
    const user = await findUser('climber');
    expect(user).toMatchObject({ is_superuser: false, groups: [], is_active: true, type: 'external', path: 'users' });
    expect(user.attributes).toEqual({ team: 'a' });
    const [event, ...others] = await events('suspicious_request', 'climber');
    expect(others).toEqual([]);
    const keys = [...Object.keys(rights), 'is_superuser', 'uuid', 'attributes.goauthentik.io/user/debug'];
    expect(event?.['keys']).toEqual(expect.arrayContaining(keys));
    expect(JSON.stringify(event)).not.toContain('root-canary');
  });

  test.each([[{ name: 5 }], [{ attributes: 'text' }], [{ email: ['a'] }], [{ locale: {} }]])(
    'a value of a wrong type, %j, is denied and leaves nothing',
    async (fixed) => {
      const prompts = { username: { type: 'username' } };
      const { body } = await enrol(await enrollment({}, prompts), { username: 'wrong-type' }, await invite(fixed));
      expect(body).toMatchObject({ component: DENIED, error_message: GENERIC });
      expect(await findUser('wrong-type')).toBeUndefined();
    },
  );
});

describe('T09: an existing account', () => {
  const noPrompt = { name: {} };
  let victim: { pk: number; username: string; email: string; uuid: string };
  beforeAll(async () => {
    const body = { username: 'victim', name: 'Victim', email: 'victim@example.com', path: 'users' };
    victim = (await app.api('POST', '/api/v3/core/users/', body)).body;
  });

  test.each([
    'victim',
    'VICTIM',
    ' victim ',
    '\uff56ictim',
    'victim@example.com',
    'VICTIM@example.com',
    'vic\u200btim',
  ])('E18: is not changed by an enrollment in the name %j', async (username) => {
    const query = await invite({ username, password: 'attacker', email: victim.email }, { single_use: true });
    const before = await app.ctx.db.query('select * from users where id = $1', [victim.pk]);
    const { body } = await enrol(await enrollment({}, noPrompt), { name: 'Mallory' }, query);
    expect(body).toMatchObject({ component: DENIED, error_message: GENERIC });
    expect(await app.ctx.db.query('select * from users where id = $1', [victim.pk])).toEqual(before);
    // Nothing was used up by what failed.
    const [pk] = query.split('=').slice(1);
    expect((await app.api('GET', `/api/v3/stages/invitation/invitations/${pk}/`)).status).toBe(200);
  });

  test.each(['always_create', 'create_when_required', 'never_create'])(
    'is not changed by an enrollment that identifies it (%s)',
    async (user_creation_mode) => {
      const identify = await buildStage(app, '/stages/identification/', { user_fields: ['username'] });
      const form = await buildPromptStage(app, { name: {}, password: { type: 'password' } });
      const slug = await buildFlow(app, [identify, form, await write({ user_creation_mode })]);
      const jar = app.jar();
      await jar.open(slug);
      await jar.answer(slug, { uid_field: 'victim' });
      const { body } = await jar.answer(slug, { name: 'Mallory', password: 'attacker' });
      expect(body.component).toBe(DENIED);
      expect((await findUser('victim')).name).toBe('Victim');
    },
  );
});

describe('A04: who is written', () => {
  test('without gathered data nothing is', async () => {
    const { body } = await app.jar().open(await buildFlow(app, [await write()]));
    expect(body).toMatchObject({ component: DENIED, error_message: 'No Pending data.' });
  });

  test('never_create makes no account', async () => {
    const { body } = await enrol(await enrollment({ user_creation_mode: 'never_create' }), { username: 'never' });
    expect(body).toMatchObject({
      component: DENIED,
      error_message: "No user found and can't create new user.",
    });
    expect(await findUser('never')).toBeUndefined();
  });

  test('create_when_required makes one where nobody is pending', async () => {
    await enrol(await enrollment({ user_creation_mode: 'create_when_required' }), { username: 'required' });
    expect(await findUser('required')).toBeDefined();
  });

  test('create_when_required makes none for somebody whom identification pretends to know', async () => {
    const identify = await buildStage(app, '/stages/identification/', {
      user_fields: ['username'],
      pretend_user_exists: true,
    });
    const mode = { user_creation_mode: 'create_when_required' };
    const form = await buildPromptStage(app, CREDENTIALS);
    const slug = await buildFlow(app, [identify, form, await write(mode)], { designation: 'recovery' });
    const jar = app.jar();
    await jar.open(slug);
    await jar.answer(slug, { uid_field: 'nobody-at-all' });
    expect((await jar.answer(slug, { username: 'pretended' })).body.component).toBe(DENIED);
    expect(await findUser('pretended')).toBeUndefined();
  });

  test('a logged-in visitor changes their own account, and stays logged in with a new password', async () => {
    const login = await buildStage(app, '/stages/user_login/');
    const enrolled = await buildFlow(app, [await buildPromptStage(app, CREDENTIALS), await write(), login]);
    const jar = app.jar();
    await jar.open(enrolled);
    await jar.answer(enrolled, { username: 'self', name: 'Before', password: 'before-password' });
    const form = await buildPromptStage(app, { name: {}, password: { type: 'password' }, attributes_team: {} });
    const mode = { user_creation_mode: 'never_create' };
    const flow = { designation: 'stage_configuration', authentication: 'require_authenticated' };
    const slug = await buildFlow(app, [form, await write(mode)], flow);
    await jar.open(slug);
    await jar.answer(slug, { name: 'After', password: 'after-password', attributes_team: 'blue' });
    expect(await findUser('self')).toMatchObject({ name: 'After', attributes: { team: 'blue' } });
    expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe('self');
  });
});
