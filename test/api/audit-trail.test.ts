import { beforeAll, describe, expect, test } from 'vitest';
import { buildRole } from '../../src/core/roles/builders.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import {
  ENROLLMENT,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  enrol,
  invite,
  signIn,
  unique,
} from '../flows/builders.ts';

// What the audit log must have of everything that is named in the product's promises, as a client reads it.
let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

type Event = {
  readonly pk: string;
  readonly action: string;
  readonly app: string;
  readonly user: { readonly username?: string };
  readonly client_ip: string | null;
  readonly context: Readonly<Record<string, unknown>>;
};

/** The events that some work causes, oldest first, by the API. */
async function caused(work: () => Promise<unknown>): Promise<Event[]> {
  const all = async (): Promise<Event[]> =>
    (await app.api('GET', '/api/v3/events/events/?ordering=created&page=last&page_size=100')).body.results;
  const before = new Set((await all()).map(({ pk }) => pk));
  await work();
  return (await all()).filter(({ pk }) => !before.has(pk));
}

async function expectOk(method: string, path: string, json?: unknown): Promise<void> {
  const { status, text } = await app.api(method, path, json);
  expect([status, text]).toEqual([expect.toSatisfy((code: number) => code < 300), expect.anything()]);
}

const named = (events: readonly Event[]) => events.map(({ action }) => action);

describe('in a flow', () => {
  test('an enrollment tells of the invitation, the user and the login, each with where it came from', async () => {
    const [username, { query }] = [unique('trail'), await invite(app)];
    const events = await caused(() => enrol(app.jar(), { slug: ENROLLMENT, query }, username));
    expect(named(events).toSorted()).toEqual(['invitation_used', 'login', 'user_write']);
    for (const { client_ip: ip, context } of events) {
      expect(ip).toBe('127.0.0.1');
      expect(context).toMatchObject({ http_request: { request_id: expect.stringMatching(/^[\da-f]{32}$/) } });
    }
    const login = events.find(({ action }) => action === 'login');
    expect(login).toMatchObject({ app: 'vestibule.stages.user_login', user: { username } });
  });

  test('signing in, failing to, and signing out are told of', async () => {
    const [jar, username] = [app.jar(), unique('trail')];
    await enrol(app.jar(), { slug: ENROLLMENT, query: (await invite(app)).query }, username);
    const failed = await caused(() => signIn(app.jar(), username, 'not the password'));
    expect(failed).toMatchObject([{ action: 'login_failed' }]);
    expect(JSON.stringify(failed)).toContain(username);
    expect(await caused(() => signIn(jar, username, PASSWORD))).toMatchObject([
      { action: 'login', user: { username } },
    ]);
    const left = await caused(() => jar.get('/flows/-/default/invalidation/'));
    expect(left).toMatchObject([{ action: 'logout', user: { username } }]);
  });

  test('another password is told of, that of a new user only with the user', async () => {
    const [jar, username] = [app.jar(), unique('trail')];
    await enrol(jar, { slug: ENROLLMENT, query: (await invite(app)).query }, username);
    const stages = [
      await buildPromptStage(app, { password: { type: 'password' } }),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'never_create' }),
    ];
    const { slug } = await buildFlow(app, stages, { designation: 'stage_configuration' });
    const change = async (): Promise<void> => {
      await jar.open(slug);
      await jar.answer(slug, { component: 'ak-stage-prompt', password: 'another long password' });
    };
    const events = await caused(change);
    expect(named(events).toSorted()).toEqual(['password_set', 'user_write']);
    const set = events.find(({ action }) => action === 'password_set');
    expect(set).toMatchObject({ user: { username }, context: { user: { username } } });
    expect(JSON.stringify(events)).not.toContain('another long password');
  });
});

describe('beside the operations of an object itself', () => {
  const updated = (model: string, diff: object, more: object = {}) => ({
    action: 'model_updated',
    app: 'vestibule.api',
    client_ip: '127.0.0.1',
    user: { username: 'akadmin' },
    context: {
      model: { model_name: model },
      diff,
      http_request: { request_id: expect.stringMatching(/^[\da-f]{32}$/) },
      ...more,
    },
  });
  const given = (name: string, ends: unknown[]) => ({ [name]: { previous_value: null, new_value: ends } });
  const taken = (name: string, ends: unknown[]) => ({ [name]: { previous_value: ends, new_value: null } });

  test('a member who is added to a group or taken out is told of, and a request that changes nothing is not', async () => {
    const { id } = await buildAccount(app.ctx);
    const { pk } = (await app.api('POST', '/api/v3/core/groups/', { name: unique('group') })).body;
    const add = () => expectOk('POST', `/api/v3/core/groups/${pk}/add_user/`, { pk: id });
    const remove = () => expectOk('POST', `/api/v3/core/groups/${pk}/remove_user/`, { pk: id });
    expect(await caused(add)).toMatchObject([updated('group', given('users', [id]))]);
    expect(await caused(add)).toEqual([]);
    expect(await caused(remove)).toMatchObject([updated('group', taken('users', [id]))]);
    expect(await caused(remove)).toEqual([]);
  });

  test('a role that is given to a user or taken is told of', async () => {
    const { id } = await buildAccount(app.ctx);
    const role = await buildRole(app.ctx, {});
    const add = () => expectOk('POST', `/api/v3/rbac/roles/${role}/add_user/`, { pk: id });
    const remove = () => expectOk('POST', `/api/v3/rbac/roles/${role}/remove_user/`, { pk: id });
    expect(await caused(add)).toMatchObject([updated('role', given('users', [id]))]);
    expect(await caused(add)).toEqual([]);
    expect(await caused(remove)).toMatchObject([updated('role', taken('users', [id]))]);
  });

  test('a permission that is given to a role or taken is told of, with the object it is on', async () => {
    const role = await buildRole(app.ctx, {});
    const base = `/api/v3/rbac/permissions/assigned_by_roles/${role}/`;
    const names = ['authentik_core.view_group', 'authentik_core.change_group'];
    const all = { permissions: names };
    expect(await caused(() => expectOk('POST', `${base}assign/`, all))).toMatchObject([
      updated('role', given('permissions', names)),
    ]);
    const more = { permissions: [...names, 'authentik_core.delete_group'] };
    expect(await caused(() => expectOk('POST', `${base}assign/`, more))).toMatchObject([
      updated('role', given('permissions', ['authentik_core.delete_group'])),
    ]);
    expect(await caused(() => expectOk('PATCH', `${base}unassign/`, all))).toMatchObject([
      updated('role', taken('permissions', names)),
    ]);
    expect(await caused(() => expectOk('PATCH', `${base}unassign/`, all))).toEqual([]);

    const { pk } = (await app.api('POST', '/api/v3/core/groups/', { name: unique('group') })).body;
    const one = { permissions: ['view_group'], model: 'authentik_core.group', object_pk: pk };
    const object = { object: { model: 'authentik_core.group', pk } };
    const view = ['authentik_core.view_group'];
    expect(await caused(() => expectOk('POST', `${base}assign/`, one))).toMatchObject([
      updated('role', given('permissions', view), object),
    ]);
    expect(await caused(() => expectOk('PATCH', `${base}unassign/`, one))).toMatchObject([
      updated('role', taken('permissions', view), object),
    ]);
  });

  test('a service account is told of as what was made: a user, a token and a group', async () => {
    const name = unique('robot');
    const make = () => expectOk('POST', '/api/v3/core/users/service_account/', { name, create_group: true });
    const events = await caused(make);
    expect(named(events)).toEqual(['model_created', 'model_created', 'model_created']);
    const models = events.map(({ context }) => (context['model'] as { model_name: string }).model_name);
    expect(models.toSorted()).toEqual(['group', 'token', 'user']);
  });
});
