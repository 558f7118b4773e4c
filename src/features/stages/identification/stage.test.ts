import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../../test/app.ts';
import type { TestApp } from '../../../../test/app.ts';
import { createFlowToken, findFlow, pendingUser, PlanDraft } from '../../../core/flows/index.ts';
import { insertUser } from '../../../core/users/index.ts';
import { buildFlow, buildStage, create } from '../prompt/builders.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

type Body = Readonly<Record<string, unknown>>;

const DONE = { component: 'xak-flow-redirect', to: '/' };
const FAILED = { non_field_errors: [{ string: 'Failed to authenticate.', code: 'invalid' }] };
const PASSWORD = 'a password of some length';
const STRICT = { pretend_user_exists: false };

const identification = (settings: Body): Promise<string> =>
  buildStage(app, '/stages/identification/', { user_fields: ['username'], ...settings });

async function identifyFlow(settings: Body = {}, designation = 'authentication'): Promise<string> {
  return buildFlow(app, [await identification(settings)], { designation });
}

async function buildUser(username: string, body: Body = {}): Promise<string> {
  const pk = await create(app, '/core/users/', { username, name: username, path: 'users', ...body });
  await app.api('POST', `/api/v3/core/users/${pk}/set_password/`, { password: PASSWORD });
  return pk;
}

async function identify(slug: string, reply: Body) {
  const jar = app.jar();
  await jar.open(slug);
  return (await jar.answer(slug, reply)).body;
}

describe('the challenge', () => {
  test('(31) is what the contract shows for a fresh one', async () => {
    const { body } = await app.jar().open(await identifyFlow());
    const { flow_info, ...rest } = body;
    expect(flow_info.cancel_url).toBe('/flows/-/cancel/');
    expect(rest).toEqual({
      allow_show_password: false,
      captcha_stage: null,
      component: 'ak-stage-identification',
      enable_remember_me: false,
      flow_designation: 'authentication',
      passkey_challenge: null,
      password_fields: false,
      primary_action: 'Log in',
      sources: [],
      show_source_labels: false,
      pending_user_identifier: null,
      user_fields: ['username'],
    });
  });

  test('says "Continue" in flows of other designations', async () => {
    const { body } = await app.jar().open(await identifyFlow({}, 'recovery'));
    expect(body).toMatchObject({ primary_action: 'Continue', flow_designation: 'recovery' });
  });

  test('links to related flows with the query string of the page', async () => {
    const keys = ['enrollment_flow', 'recovery_flow', 'passwordless_flow'];
    const slugs = await Promise.all(keys.map(() => buildFlow(app, [])));
    const flows = await Promise.all(slugs.map((slug) => app.api('GET', `/api/v3/flows/instances/${slug}/`)));
    const related = Object.fromEntries(keys.map((key, index) => [key, flows[index]?.body.pk]));
    const { body } = await app.jar().open(await identifyFlow(related), 'next=/a?b=c');
    const urls = [body.enroll_url, body.recovery_url, body.passwordless_url];
    expect(urls).toEqual(slugs.map((slug) => `/if/flow/${slug}/?next=%2Fa%3Fb%3Dc`));
  });
});

describe('who is found', () => {
  beforeAll(async () => {
    await buildUser('Finder', { email: 'Finder@example.com', attributes: { upn: 'finder@corp' } });
    await buildUser('twin-a', { attributes: { upn: 'twin@corp' } });
    await buildUser('twin-b', { attributes: { upn: 'twin@corp' } });
    await buildUser('mail-owner', { email: 'owner@example.com' });
    await buildUser('owner@example.com');
  });
  const every = { ...STRICT, user_fields: ['email', 'username', 'upn'] };

  test.each(['finder', 'FINDER', ' Finder ', 'finder@EXAMPLE.com', 'FINDER@corp'])(
    '%j in any case',
    async (uid_field) => {
      expect(await identify(await identifyFlow(every), { uid_field })).toEqual(DONE);
    },
  );

  test.each([
    ['Finder', true],
    ['finder', false],
    ['Finder@example.com', true],
    ['finder@example.com', false],
  ])('%j in its own case only, where case counts: %s', async (uid_field, found) => {
    const body = await identify(await identifyFlow({ ...every, case_insensitive_matching: false }), { uid_field });
    expect(body.component === DONE.component).toBe(found);
  });

  test.each([
    ['nobody', every],
    ['finder@example.com', STRICT],
    ['twin@corp', every],
    ['finder', { ...STRICT, user_fields: [] }],
    ['%', every],
    ['', { ...every, user_fields: ['email'] }],
  ])('%j identifies nobody', async (uid_field, settings) => {
    const body = await identify(await identifyFlow(settings), { uid_field });
    expect(body.component).toBe('ak-stage-identification');
    expect(Object.keys(body.response_errors)).toEqual(['non_field_errors']);
  });

  test('a username goes before the address of another', async () => {
    const password = await buildStage(app, '/stages/password/', {
      backends: ['authentik.core.auth.InbuiltBackend'],
    });
    const settings = { ...STRICT, user_fields: ['email', 'username'], show_matched_user: true };
    const slug = await buildFlow(app, [await identification(settings), password]);
    expect((await identify(slug, { uid_field: 'owner@example.com' })).pending_user).toBe('owner@example.com');
    expect((await identify(slug, { uid_field: 'mail-owner' })).pending_user).toBe('mail-owner');
  });

  test('T09: an address that an inactive account has as well is that of the active one', async () => {
    const email = 'claimed@example.com';
    await insertUser(app.ctx.db, { username: 'claimed-inactive', email, isActive: false });
    const slug = await buildFlow(app, [
      await identification({ ...STRICT, user_fields: ['email'], show_matched_user: true }),
      await buildStage(app, '/stages/password/', { backends: ['authentik.core.auth.InbuiltBackend'] }),
    ]);
    expect((await identify(slug, { uid_field: email })).pending_user).toBe('claimed-inactive');
    await insertUser(app.ctx.db, { username: 'claimed-active', email });
    await insertUser(app.ctx.db, { username: 'claimed-inactive-too', email, isActive: false });
    expect((await identify(slug, { uid_field: email })).pending_user).toBe('claimed-active');
    await insertUser(app.ctx.db, { username: 'claimed-twice', email });
    expect((await identify(slug, { uid_field: email })).pending_user).toBe('claimed-active');
  });

  test.each([[{}], [{ uid_field: null }], [{ uid_field: '' }], [{ component: 'ak-stage-password', password: 'x' }]])(
    'A10: %j does not pass',
    async (reply) => {
      const body = await identify(await identifyFlow(), reply);
      expect(body.response_errors).toEqual({
        non_field_errors: [{ string: 'No identification data provided.', code: 'invalid' }],
      });
    },
  );

  test('A10: a list is no name', async () => {
    const body = await identify(await identifyFlow(), { uid_field: ['finder'] });
    expect(Object.keys(body.response_errors)).toEqual(['uid_field']);
  });
});

describe('who is not known', () => {
  test('is told so after a delay, where nothing is pretended', async () => {
    const slug = await identifyFlow(STRICT);
    const jar = app.jar();
    await jar.open(slug);
    const began = performance.now();
    const { body } = await jar.answer(slug, { uid_field: 'nobody-canary' });
    expect(performance.now() - began).toBeGreaterThan(90);
    expect(body.response_errors).toEqual(FAILED);
    const events = await app.ctx.db.query(`select context, user_data from event where action = 'login_failed'`);
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  test('A06: goes on like a known one, and waits as long, where that is pretended', async () => {
    await buildUser('pretence');
    const password = await buildStage(app, '/stages/password/', {
      backends: ['authentik.core.auth.InbuiltBackend'],
    });
    const slug = await buildFlow(app, [await identification({ pretend_user_exists: true }), password]);
    for (const uid_field of ['pretence', 'PRETENCE', 'pretended']) {
      const jar = app.jar();
      await jar.open(slug);
      const began = performance.now();
      const { body } = await jar.answer(slug, { uid_field });
      expect(performance.now() - began).toBeGreaterThan(90);
      expect(body).toMatchObject({ component: 'ak-stage-password', pending_user: uid_field });
    }
  });

  test('is not logged in by a flow that asks for no password', async () => {
    const login = await buildStage(app, '/stages/user_login/');
    const slug = await buildFlow(app, [await identification({ pretend_user_exists: true }), login]);
    const body = await identify(slug, { uid_field: 'nobody' });
    expect(body).toMatchObject({ component: 'ak-stage-access-denied', error_message: 'No Pending user to login.' });
  });
});

describe('an embedded password', () => {
  let slug: string;
  beforeAll(async () => {
    await buildUser('embedded');
    await buildUser('inactive', { is_active: false });
    const password_stage = await buildStage(app, '/stages/password/', {
      backends: ['authentik.core.auth.InbuiltBackend'],
      allow_show_password: true,
      failed_attempts_before_cancel: 1,
    });
    slug = await identifyFlow({ password_stage });
  });

  test('is asked for on the same page', async () => {
    expect((await app.jar().open(slug)).body).toMatchObject({ password_fields: true, allow_show_password: true });
  });

  test('passes when right', async () => {
    expect(await identify(slug, { uid_field: 'embedded', password: PASSWORD })).toEqual(DONE);
  });

  test.each([
    ['embedded', 'wrong'],
    ['nobody', PASSWORD],
    ['inactive', PASSWORD],
  ])('A06, A18: %s with %j fails with one text', async (uid_field, password) => {
    expect((await identify(slug, { uid_field, password })).response_errors).toEqual(FAILED);
  });

  test.each([[{}], [{ password: '' }], [{ password: null }]])('A10: %j is no password', async (reply) => {
    const body = await identify(slug, { uid_field: 'embedded', ...reply });
    expect(body.response_errors).toEqual({ password: [{ string: 'This field is required.', code: 'required' }] });
  });

  test('has the limit of attempts of its stage', async () => {
    const jar = app.jar();
    await jar.open(slug);
    const wrong = { uid_field: 'embedded', password: 'wrong' };
    expect((await jar.answer(slug, wrong)).body.response_errors).toEqual(FAILED);
    expect((await jar.answer(slug, wrong)).body.component).toBe('ak-stage-access-denied');
  });

  test('goes when its stage is deleted', async () => {
    const password_stage = await buildStage(app, '/stages/password/', {
      backends: ['authentik.core.auth.InbuiltBackend'],
    });
    const other = await identifyFlow({ password_stage });
    await app.api('DELETE', `/api/v3/stages/password/${password_stage}/`);
    expect((await app.jar().open(other)).body.password_fields).toBe(false);
  });
});

test('A05: a plan from a mailed link stays with the user it was made for', async () => {
  const own = await buildUser('link-owner');
  await buildUser('link-other');
  const slug = await identifyFlow({ pretend_user_exists: true }, 'recovery');
  const flow = await findFlow(app.ctx.db, slug);
  if (!flow) throw new Error('The flow is gone.');
  const draft = new PlanDraft({
    flow: flow.flow_uuid,
    slug,
    bindings: [],
    context: {},
    commits: [],
    link: {},
    restarts: 0,
  });
  draft.set(pendingUser, Number(own));
  const token = await createFlowToken(app.ctx, app.ctx.db, {
    identifier: 'a05',
    plan: draft.plan,
    userId: Number(own),
    revokeOnExecution: false,
    seconds: 60,
  });
  const query = `flow_token=${token}`;
  const jar = app.jar();
  await jar.open(slug, query);
  expect((await jar.answer(slug, { uid_field: 'link-other' }, query)).body.response_errors).toEqual(FAILED);
  expect((await jar.answer(slug, { uid_field: 'unknown' }, query)).body.response_errors).toEqual(FAILED);
  expect((await jar.answer(slug, { uid_field: 'link-owner' }, query)).body).toEqual(DONE);
});

describe('references by API', () => {
  const url = '/api/v3/stages/identification/';
  const UNKNOWN = '4f0f9a3e-0000-4000-8000-000000000000';

  test.each(['password_stage', 'captcha_stage', 'webauthn_stage'])(
    '%s may not be a stage of another kind',
    async (field) => {
      const deny = await buildStage(app, '/stages/deny/');
      const { status, body } = await app.api('POST', url, { name: `x-${field}`, [field]: deny });
      expect([status, body]).toEqual([400, { [field]: [`Invalid pk "${deny}" - object does not exist.`] }]);
    },
  );

  test('a source that does not exist is refused', async () => {
    const { status, body } = await app.api('POST', url, { name: 'x-source', sources: [UNKNOWN] });
    expect([status, body]).toEqual([400, { sources: [`Invalid pk "${UNKNOWN}" - object does not exist.`] }]);
  });
});
