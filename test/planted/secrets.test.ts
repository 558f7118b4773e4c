import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import type { Database } from '../../src/kernel/db/types.ts';
import { testDatabase } from '../../src/kernel/testing/database.ts';
import type { TestDatabase } from '../../src/kernel/testing/database.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { Jar, executorUrl } from '../jar.ts';
import { FLOW, administrator, enrollmentFlow, invite } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { findPlants } from './spellings.ts';
import type { Plants } from './spellings.ts';

const SIGN_IN = 'default-authentication-flow';
const API = '/api/v3';

const plants: Plants = new Map();
/** A secret nobody has but this place. */
function plant(where: string): string {
  const secret = `planted-${randomBytes(15).toString('base64url')}`;
  plants.set(where, secret);
  return secret;
}
/** A secret that the server made. */
function note(where: string, secret: string | undefined): void {
  if (secret === undefined || secret.length < 20) throw new Error(`There is no ${where}.`);
  plants.set(where, secret);
}

let directory: string;
let database: TestDatabase;
let db: Database;
let server: ServerProcess;
let admin: Administrator;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vestibule-planted-'));
  database = await testDatabase();
  db = openDatabase({ connection: database.connection, log: silentLogger, maxConnections: 2 });
  const token = plant('the bootstrap token');
  server = await startServer({
    dataDir: directory,
    env: {
      VESTIBULE_LOG_LEVEL: 'debug',
      VESTIBULE_DATABASE_URL: databaseUrl(database.connection),
      VESTIBULE_SECRET_KEY: plant('the secret key').padEnd(40, 'x'),
      VESTIBULE_BOOTSTRAP_TOKEN: token,
      VESTIBULE_BOOTSTRAP_PASSWORD: plant('the bootstrap password'),
    },
  });
  await server.ready();
  admin = administrator(() => server.send, token);
});

afterAll(async () => {
  await server?.stop();
  await db?.close();
  await database?.drop();
  if (directory) await rm(directory, { recursive: true, force: true });
});

const jarOf = (): Jar => new Jar(server.send);
const ask = (method: string, url: string, options: { headers?: Record<string, string>; json?: unknown } = {}) =>
  jarOf().ask(method, url, options);
const create = async (path: string, body: object): Promise<string> =>
  String((await admin.expect(201, 'POST', `${API}${path}`, body)).body.pk);

/** Values of a wrong type that carry a secret, for a field that wants a text. */
const wrongTypes = (secret: string): readonly unknown[] => [
  [secret],
  { [secret]: 1 },
  { value: secret },
  { password: secret },
  `${secret}\u0000`,
  `${secret}${'x'.repeat(5000)}`,
  [[[secret]]],
];

/** A sign-in with everything that can be wrong about it. */
async function signIn(): Promise<void> {
  const jar = jarOf();
  await jar.open(SIGN_IN);
  // People type passwords into the wrong field.
  await jar.answer(SIGN_IN, { uid_field: plant('a password typed as the name') });
  await jar.answer(SIGN_IN, { password: plant('a password for nobody') });
  for (const value of wrongTypes(plant('a wrong-typed name'))) await jarOf().answer(SIGN_IN, { uid_field: value });
  const known = jarOf();
  await known.open(SIGN_IN);
  await known.answer(SIGN_IN, { uid_field: 'akadmin' });
  for (const value of wrongTypes(plant('a wrong-typed password'))) await known.answer(SIGN_IN, { password: value });
  const again = jarOf();
  await again.open(SIGN_IN, `password=${plant('a password in the query')}`);
  await again.answer(SIGN_IN, { uid_field: 'akadmin', password: plant('a password beside the name') });
  note('the session key before login', again.cookie('authentik_session'));
  await again.answer(SIGN_IN, { password: plant('a wrong password') });
  const answer = await again.answer(SIGN_IN, { password: plants.get('the bootstrap password') });
  expect(answer.body).toMatchObject({ component: 'xak-flow-redirect' });
  for (const name of ['authentik_session', 'authentik_csrf', 'vestibule_device']) note(name, again.cookie(name));
  const claims = Buffer.from(again.cookie('authentik_session')?.split('.')[1] ?? '', 'base64url').toString('utf8');
  note('the session key', String(JSON.parse(claims).sid));
  expect((await again.get(`${API}/core/users/me/`)).body.user.username).toBe('akadmin');
  const csrf = plant('a wrong CSRF token');
  await again.ask('PATCH', `${API}/core/users/1/`, { headers: { 'x-authentik-csrf': csrf }, json: { name: 'x' } });
  await again.form(`/if/flow/${SIGN_IN}/`, {
    csrf: plant('a CSRF token in a form'),
    password: plant('a password in a form'),
  });
  await ask('GET', `/if/flow/${SIGN_IN}/`, { headers: { cookie: `authentik_session=${plant('a forged cookie')}` } });
}

/** Names and passwords on one page, which says when it does not know a name. */
async function signInOnOnePage(): Promise<void> {
  const password = await create('/stages/password/', {
    name: 'planted-password',
    backends: ['authentik.core.auth.InbuiltBackend'],
  });
  const identification = await create('/stages/identification/', {
    name: 'planted-identification',
    user_fields: ['username'],
    password_stage: password,
    pretend_user_exists: false,
  });
  const slug = 'planted-sign-in';
  const base = { name: slug, slug, title: slug, designation: 'authentication' };
  const target = await create('/flows/instances/', base);
  await create('/flows/bindings/', { target, stage: identification, order: 0 });
  const jar = jarOf();
  await jar.open(slug);
  const reply = { uid_field: plant('a password typed as a name'), password: plant('a password beside that') };
  const { body } = await jar.answer(slug, reply);
  expect(body.response_errors).toBeDefined();
}

/** Wrong passwords until the account is limited. */
async function bruteForce(): Promise<void> {
  let limited = false;
  for (let at = 0; at < 8; at += 1) {
    const jar = jarOf();
    await jar.open(SIGN_IN);
    await jar.answer(SIGN_IN, { uid_field: 'victim' });
    const { status } = await jar.answer(SIGN_IN, { password: plant(`guess ${at}`) });
    limited ||= status === 429;
  }
  expect(limited).toBe(true);
}

/** An enrollment by a link, and links that lead nowhere. Answers the id of the invitation that was used. */
async function enroll(): Promise<string> {
  const flow = await enrollmentFlow(admin);
  const used = await invite(admin, { name: 'planted', flow, single_use: true });
  const unused = await invite(admin, { name: 'opened', flow, single_use: true });
  plants.set('an invitation that was used', used);
  plants.set('an invitation that was only opened', unused);
  const wrong = randomUUID();
  plants.set('a wrong invitation', wrong);
  for (const token of [unused, wrong, plant('a wrong itoken')]) {
    for (const key of ['itoken', 'token']) {
      await jarOf().get(`/if/flow/${FLOW}/?${key}=${token}`);
      await jarOf().open(FLOW, `${key}=${token}`);
      await jarOf().open(FLOW, `${key.toUpperCase()}=${token.toUpperCase()}`);
    }
    await ask('GET', `${API}/flows/executor/${FLOW}/?query=${encodeURIComponent(`next=/?itoken=${token}`)}`);
  }
  const query = `itoken=${used}`;
  const jar = jarOf();
  await jar.open(FLOW, query);
  const password = plant('the password of an enrollment');
  for (const value of wrongTypes(plant('a wrong-typed password of an enrollment'))) {
    await jar.answer(FLOW, { username: 'victim', password: value, password_repeat: value }, query);
  }
  await jar.answer(FLOW, { username: 'victim', password, password_repeat: plant('another repeated password') }, query);
  await jar.answer(FLOW, { username: 'victim', password, password_repeat: password }, query);
  const { body } = await jar.answer(
    FLOW,
    { name: 'Victim', email: 'v@example.org', token: plant('an extra answer') },
    query,
  );
  expect(body).toMatchObject({ component: 'xak-flow-redirect' });
  await jarOf().open(FLOW, query);
  return used;
}

/** A flow whose stage fails while the plan holds secrets. */
async function failInAFlow(): Promise<void> {
  const base = { label: 'x', required: true, order: 0 };
  const fields = [
    await create('/stages/prompt/prompts/', { ...base, name: 'planted-1', field_key: 'password', type: 'password' }),
    await create('/stages/prompt/prompts/', { ...base, name: 'planted-2', field_key: 'attributes.pin', type: 'text' }),
  ];
  const stages = [
    await create('/stages/prompt/stages/', { name: 'planted', fields }),
    await create('/stages/dummy/', { name: 'planted-broken', throw_error: true }),
  ];
  const slug = 'planted-flow';
  const target = await create('/flows/instances/', { name: slug, slug, title: slug, designation: 'enrollment' });
  for (const [order, stage] of stages.entries()) await create('/flows/bindings/', { target, stage, order });
  const jar = jarOf();
  const flowToken = plant('a wrong flow token');
  await jar.open(slug, `flow_token=${flowToken}`);
  const reply = { password: plant('the password of a flow that fails'), 'attributes.pin': plant('a pin') };
  const { body } = await jar.answer(slug, reply, `flow_token=${flowToken}`);
  expect(body.component).toBe('ak-stage-flow-error');
  await jarOf().get(`/if/flow/initial-setup/?flow_token=${plant('a wrong set-up link')}`);
}

/** Keys of the API, and passwords set by it. */
async function useApi(): Promise<void> {
  const identifier = 'planted';
  const body = { identifier, intent: 'api', key: plant('a key in a new token') };
  await admin.expect(201, 'POST', `${API}/core/tokens/`, body);
  const url = `${API}/core/tokens/${identifier}/`;
  note('a key that was viewed', (await admin.expect(200, 'GET', `${url}view_key/`)).body.key);
  await admin.expect(204, 'POST', `${url}set_key/`, { key: plant('a key that was set') });
  for (const key of wrongTypes(plant('a wrong-typed key'))) await admin.ask('POST', `${url}set_key/`, { key });
  await admin.expect(400, 'POST', `${url}set_key/`, { key: plants.get('the bootstrap token') });
  await admin.ask('PATCH', url, { key: plant('a key in a change'), expires: plant('a wrong-typed time') });
  const made = await admin.expect(200, 'POST', `${API}/core/users/service_account/`, {
    name: 'robot',
    create_group: false,
  });
  note('the key of a service account', made.body.token);
  const [user] = (await admin.expect(200, 'GET', `${API}/core/users/?username=victim`)).body.results;
  const me = `${API}/core/users/${user.pk}/`;
  await admin.expect(204, 'POST', `${me}set_password/`, { password: plant('a password that was set') });
  for (const password of wrongTypes(plant('a wrong-typed password to set'))) {
    await admin.ask('POST', `${me}set_password/`, { password });
  }
  const deep = {
    keep: { list: [{ api_key: plant('a secret in a list') }] },
    client_secret: plant('a secret in attributes'),
  };
  await admin.expect(200, 'PATCH', me, { attributes: deep, password: plant('a password in a change') });
  await admin.ask('PATCH', me, { is_active: plant('a wrong-typed flag'), name: [plant('a wrong-typed text')] });
  const flow = await enrollmentFlow(admin);
  const data = { password: plant('a password in fixed data'), nested: { token: plant('a token in fixed data') } };
  plants.set(
    'an invitation with data',
    await invite(admin, { name: 'data', flow, single_use: true, fixed_data: data }),
  );
}

/** Secrets in headers, paths, queries and bodies that nobody reads. */
async function sendJunk(): Promise<void> {
  const basic = Buffer.from(`user:${plant('Basic credentials')}`).toString('base64');
  const headers: readonly Record<string, string>[] = [
    { authorization: `Bearer ${plant('a wrong Bearer token')}` },
    { authorization: `Basic ${basic}` },
    { authorization: `Token ${plant('another scheme')}` },
    { authorization: plant('a header without a scheme') },
    { cookie: `x=1; authentik_session=${plant('a cookie of nobody')}; other=${plant('another cookie')}` },
    { 'user-agent': `x itoken=${plant('an itoken in the user agent')}` },
    { referer: `http://localhost/?itoken=${plant('an itoken in the referrer')}` },
    { 'x-authentik-csrf': plant('a CSRF token of nobody') },
  ];
  for (const header of headers) {
    for (const url of [`${API}/core/users/me/`, `/if/flow/${SIGN_IN}/`, executorUrl(SIGN_IN)]) {
      await ask('GET', url, { headers: header });
      await ask('POST', url, { headers: header, json: { password: plant('a password in a body for nobody') } });
    }
  }
  const inPath = plant('a secret in a path');
  for (const path of [
    '/core/tokens/{}/',
    '/core/users/{}/',
    '/flows/executor/{}/',
    '/stages/invitation/invitations/{}/',
    '/{}/',
  ]) {
    const url = `${API}${path.replace('{}', inPath)}`;
    await ask('GET', url);
    await admin.ask('GET', url);
    await admin.ask('PATCH', url, { key: inPath });
  }
  await jarOf().form('/i', { code: plant('a wrong code') });
  await jarOf().get(`/if/flow/${FLOW}/?itoken=${randomUUID()}&secret=${plant('the secret of a link')}`);
  await ask('GET', `/if/flow/${inPath}/`);
  await ask('GET', `/${inPath}?password=${inPath}`);
  const inQuery = plant('a secret in a query');
  for (const key of ['search', 'key', 'ordering', 'page', 'username', 'attributes', 'uuid']) {
    await admin.ask('GET', `${API}/core/users/?${key}=${inQuery}`);
    await admin.ask('GET', `${API}/stages/invitation/invitations/?${key}=${inQuery}`);
  }
  const broken = plant('a secret in a broken body');
  for (const payload of [`{"password": "${broken}"`, `{"a": ${broken}}`, `${broken}`, `{"__proto__": "${broken}"}`]) {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', broken]) {
      for (const url of [executorUrl(SIGN_IN), `/if/flow/${SIGN_IN}/`, `${API}/core/users/`]) {
        await jarOf().ask('POST', url, { payload, type });
        const authorization = `Bearer ${plants.get('the bootstrap token') ?? ''}`;
        await jarOf().ask('POST', url, { payload, type, headers: { authorization } });
      }
    }
  }
}

type Event = { readonly action: string; readonly context: Record<string, unknown> } & Record<string, unknown>;

/**
 * An event without what may name an invitation's id, which is its link (SECURITY.md, known limits). These are all the
 * exceptions there are: the contract's own event of a use, and the name and key of the invitation that somebody changed
 * by the API.
 */
function withoutAllowed(event: Event): unknown {
  const { action, context } = event;
  if (action === 'invitation_used') return { ...event, context: { ...context, invitation_uuid: undefined } };
  const { model } = context;
  if (!action.startsWith('model_') || typeof model !== 'object' || model === null) return event;
  if (!('model_name' in model) || model.model_name !== 'invitation') return event;
  // The column `model_pk` repeats the key for the index.
  return {
    ...event,
    model_pk: undefined,
    context: { ...context, model: { ...model, pk: undefined, name: undefined } },
  };
}

test('T08: secrets that clients send or get are in no log line, event, counter or metric, in no spelling', async () => {
  const used = await enroll();
  await signIn();
  await signInOnOnePage();
  await failInAFlow();
  await useApi();
  await bruteForce();
  await sendJunk();
  const metrics = (await ask('GET', '/-/metrics/')).text;
  expect(metrics).toContain('vestibule_limited_requests_total{kind="password.account"}');
  await server.stop();

  const events = await db.query<Event>('select * from event');
  const told = new Set(events.map(({ action }) => action));
  const expected = [
    'login',
    'login_failed',
    'invitation_used',
    'suspicious_request',
    'system_exception',
    'secret_view',
  ];
  expect(expected.filter((action) => !told.has(action))).toEqual([]);
  expect(events.find(({ action }) => action === 'invitation_used')?.context['invitation_uuid']).toBe(
    used.replaceAll('-', ''),
  );
  const counters = await db.query(`select kind, key from limit_window union all select kind, key from limit_streak`);
  const log = server.output();
  expect(log.split('\n').filter((line) => line.includes('"message":"request"')).length).toBeGreaterThan(200);
  expect(log).toContain('"queries":');
  expect(plants.size).toBeGreaterThan(50);
  const found = findPlants(plants, {
    'the log': log,
    'the events': JSON.stringify(events.map(withoutAllowed)),
    'the counters': JSON.stringify(counters),
    'the metrics': metrics,
  });
  expect(found).toEqual([]);
}, 240_000);
