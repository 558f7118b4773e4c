import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { operationsOf, servedDocument, urlOf } from './operations.ts';
import type { ServedOperation } from './operations.ts';
import { resourceCases } from './resource-cases.ts';
import { DENIED, INVITATIONS, NO_CREDENTIALS, UNKNOWN_ID, USERS } from './urls.ts';

const app = await testApp();
const operations = operationsOf(await servedDocument(app));

/** Reviewed by hand: what the anonymous may call, and what everybody who is signed in may call. */
const PUBLIC = ['flows_executor_get', 'flows_executor_solve', 'root_config_retrieve', 'core_brands_current_retrieve'];
const FOR_ANYBODY = [
  ...PUBLIC,
  'core_users_me_retrieve',
  // Ends one's own impersonation; without one it changes nothing.
  'core_users_impersonate_end_retrieve',
  'stages_all_types_list',
  // Names and descriptions of mail templates: whoever sends mail chooses among them.
  'stages_email_templates_list',
  'stages_all_user_settings_list',
];

/** An object of each collection: what stands in `{…}` of its detail URLs. */
const keys = new Map<string, string>();
let plain = '';

beforeAll(async () => {
  for (const one of await resourceCases(app)) {
    const made = await app.api('POST', one.path, one.full(1));
    keys.set(one.path, String(made.body[one.lookup]));
  }
  keys.set(INVITATIONS, (await app.api('POST', INVITATIONS, { name: 'one' })).body.pk);
  const user = (await app.api('POST', USERS, { username: 'plain', name: 'Plain', path: 'users', groups: [] })).body;
  keys.set(USERS, String(user.pk));
  const token = { identifier: 'plain', intent: 'api', user: user.pk };
  keys.set('/api/v3/core/tokens/', (await app.api('POST', '/api/v3/core/tokens/', token)).body.identifier);
  keys.set('/api/v3/core/groups/', (await app.api('POST', '/api/v3/core/groups/', { name: 'plain' })).body.pk);
  keys.set('/api/v3/stages/all/', (await app.api('GET', '/api/v3/stages/all/')).body.results[0].pk);
  plain = (await app.api('GET', '/api/v3/core/tokens/plain/view_key/')).body.key;
  for (const { path } of operations) await findKey(path);
});

/** Of a collection that nothing was made in, the first object that is there. */
async function findKey(path: string): Promise<void> {
  const [, before = '', parameter = ''] = /^(.*?)\{(\w+)\}/.exec(path) ?? [];
  const collection = `/api/v3${before}`;
  if (before === '' || keys.has(collection)) return;
  const first = (await app.api('GET', collection)).body?.results?.[0];
  if (first) keys.set(collection, String(first[parameter] ?? first.pk));
}

/** The operation's URL for an object that exists, if there is any, and for one that does not. */
function urlsOf(operation: ServedOperation): string[] {
  if (!operation.path.includes('{')) return [urlOf(operation, () => '')];
  const collection = `/api/v3${operation.path.split('{')[0]}`;
  const key = keys.get(collection);
  return [...(key === undefined ? [] : [key]), UNKNOWN_ID].map((one) => urlOf(operation, () => one));
}

async function answers(operation: ServedOperation, token: string | null): Promise<unknown[]> {
  const found = [];
  for (const url of urlsOf(operation)) {
    const body = operation.method === 'GET' || operation.method === 'DELETE' ? undefined : {};
    const answer = await app.api(operation.method, url, body, { token });
    found.push([answer.status, answer.body]);
  }
  return found;
}

const without = (names: readonly string[]) =>
  operations.filter(({ operationId }) => !names.includes(operationId)).map((one) => [one.operationId, one] as const);

describe('the anonymous are refused (A15)', () => {
  test.each(without(PUBLIC))('%s', async (_id, operation) => {
    for (const answer of await answers(operation, null)) expect(answer).toEqual([403, NO_CREDENTIALS]);
  });
});

describe('a user without any permission is refused (A15, 15, 16, 18)', () => {
  test.each(without(FOR_ANYBODY))('%s', async (_id, operation) => {
    for (const answer of await answers(operation, plain)) expect(answer).toEqual([403, DENIED]);
  });
});

test('the exceptions are operations that there are, and let in', async () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(FOR_ANYBODY.filter((id) => !ids.includes(id))).toEqual([]);
  for (const path of ['core/users/me/', 'stages/all/types/', 'stages/all/user_settings/']) {
    expect((await app.api('GET', `/api/v3/${path}`, undefined, { token: plain })).status).toBe(200);
  }
  const flow = '/api/v3/flows/executor/default-authentication-flow/?query=';
  expect((await app.api('GET', flow, undefined, { token: null })).status).toBe(200);
});

test('what a refused user tried has changed nothing', async () => {
  for (const [collection, key] of keys) {
    if (collection.endsWith('/executor/')) continue;
    expect((await app.api('GET', `${collection}${key}/`)).status).toBe(200);
  }
});

test('a user sees nothing of others in me', async () => {
  const { body } = await app.api('GET', `${USERS}me/`, undefined, { token: plain });
  expect(body.user.username).toBe('plain');
  expect(body.user.is_superuser).toBe(false);
});
