import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from './builders.ts';

const TOKENS = '/api/v3/core/tokens/';
const ME = '/api/v3/core/users/me/';

let app: TestApp;

beforeAll(async () => {
  app = await testApp();
});

const detail = (identifier: string) => `${TOKENS}${identifier}/`;
const statusWith = async (token: string) => (await app.api('GET', ME, undefined, { token })).status;

async function viewKey(identifier: string): Promise<string> {
  const { status, body } = await app.api('GET', `${detail(identifier)}view_key/`);
  expect(status).toBe(200);
  return body.key;
}

test('a new token belongs to who made it, never expires, and its key of 60 characters works', async () => {
  const { status, body } = await app.api('POST', TOKENS, { identifier: 'first' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ identifier: 'first', intent: 'api', expires: null, expiring: true, description: '' });
  expect(body.user_obj.username).toBe('akadmin');
  expect(body.user).toBe(body.user_obj.pk);
  expect(body).not.toHaveProperty('key');
  const key = await viewKey('first');
  expect(key).toMatch(/^[A-Za-z0-9]{60}$/);
  expect(await statusWith(key)).toBe(200);
});

test('a token can be made for somebody else', async () => {
  const { id, username } = await buildAccount(app.ctx);
  const { body } = await app.api('POST', TOKENS, { identifier: 'for-another', user: id });
  expect(body.user_obj.username).toBe(username);
  const me = await app.api('GET', ME, undefined, { token: await viewKey('for-another') });
  expect(me.body.user.pk).toBe(id);
});

test("a token's owner cannot be changed, by PUT or PATCH, and nothing else changes with it (A14)", async () => {
  const { id } = await buildAccount(app.ctx);
  const { body: made } = await app.api('POST', TOKENS, { identifier: 'kept' });
  for (const method of ['PUT', 'PATCH']) {
    const { status, body } = await app.api(method, detail('kept'), { identifier: 'kept', description: 'x', user: id });
    expect(status).toBe(400);
    expect(body).toEqual({ user: ['The owner of a token cannot be changed.'] });
  }
  expect((await app.api('GET', detail('kept'))).body).toEqual(made);
});

test('naming the present owner is no change of it', async () => {
  const { body: made } = await app.api('POST', TOKENS, { identifier: 'same-owner' });
  const json = { identifier: 'same-owner', user: made.user, description: 'y' };
  expect((await app.api('PUT', detail('same-owner'), json)).body.description).toBe('y');
});

test('the database holds neither the key nor a plain hash of it', async () => {
  await app.api('POST', TOKENS, { identifier: 'at-rest' });
  const key = await viewKey('at-rest');
  const [row] = await app.ctx.db.query<{ key_hash: string; key_sealed: Buffer }>(
    "select key_hash, key_sealed from token where identifier = 'at-rest'",
  );
  const { createHash } = await import('node:crypto');
  expect(row?.key_hash).not.toBe(createHash('sha256').update(key).digest('hex'));
  expect(row?.key_sealed.includes(key)).toBe(false);
});

test('viewing a key is written down, without the key', async () => {
  await app.api('POST', TOKENS, { identifier: 'watched' });
  const key = await viewKey('watched');
  const events = await app.ctx.db.query<{ user_data: { username: string }; context: object }>(
    "select user_data, context from event where action = 'secret_view' and context::text like '%watched%'",
  );
  expect(events).toHaveLength(1);
  expect(events[0]?.user_data.username).toBe('akadmin');
  expect(JSON.stringify(events)).not.toContain(key);
});

test('a key that was set works at once, the one before no longer', async () => {
  await app.api('POST', TOKENS, { identifier: 'turned' });
  const before = await viewKey('turned');
  expect(await statusWith(before)).toBe(200);
  const { status, text } = await app.api('POST', `${detail('turned')}set_key/`, { key: 'a-chosen-key' });
  expect([status, text]).toEqual([204, '']);
  expect([await statusWith(before), await statusWith('a-chosen-key')]).toEqual([403, 200]);
  expect(await viewKey('turned')).toBe('a-chosen-key');
  const events = await app.ctx.db.query("select context from event where action = 'secret_rotate'");
  expect(events).toHaveLength(1);
  expect(JSON.stringify(events)).not.toContain('a-chosen-key');
});

test.each([
  [{}, 'This field is required.'],
  [{ key: '' }, 'This field may not be blank.'],
  [{ key: 'with space' }, 'Only visible ASCII characters can be sent as a token.'],
  [{ key: 'x'.repeat(1025) }, 'Ensure this field has no more than 1024 characters.'],
  [{ key: ADMIN_TOKEN }, 'This field must be unique.'],
])('set_key refuses %j and keeps the key', async (json, message) => {
  const identifier = 'refused-key';
  await app.api('POST', TOKENS, { identifier });
  const before = await viewKey(identifier);
  const { status, body } = await app.api('POST', `${detail(identifier)}set_key/`, json);
  expect(status).toBe(400);
  expect(body).toEqual({ key: [message] });
  expect(await viewKey(identifier)).toBe(before);
});

test('a deleted token is worth nothing at once', async () => {
  await app.api('POST', TOKENS, { identifier: 'short-lived' });
  const key = await viewKey('short-lived');
  expect(await statusWith(key)).toBe(200);
  expect((await app.api('DELETE', detail('short-lived'))).status).toBe(204);
  expect(await statusWith(key)).toBe(403);
  expect((await app.api('DELETE', detail('short-lived'))).status).toBe(404);
});

test('an expired token is gone from the API and useless; one that is not expiring ignores its date (D3)', async () => {
  const past = '2001-01-01T00:00:00Z';
  expect((await app.api('POST', TOKENS, { identifier: 'past', expires: past })).status).toBe(201);
  expect((await app.api('GET', detail('past'))).status).toBe(404);
  const { body } = await app.api('POST', TOKENS, { identifier: 'dateless', expires: past, expiring: false });
  expect(body.expires).toBe(past);
  expect(await statusWith(await viewKey('dateless'))).toBe(200);
});

test('an update that expires a token counts at once', async () => {
  await app.api('POST', TOKENS, { identifier: 'ended' });
  const key = await viewKey('ended');
  expect(await statusWith(key)).toBe(200);
  await app.api('PATCH', detail('ended'), { expires: '2001-01-01T00:00:00Z' });
  expect(await statusWith(key)).toBe(403);
});

test.each([
  [{}, { identifier: ['This field is required.'] }],
  [
    { identifier: 'a b', intent: 'none', user: 0 },
    {
      identifier: ['Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.'],
      intent: ['"none" is not a valid choice.'],
      user: ['Invalid pk "0" - object does not exist.'],
    },
  ],
  [{ identifier: 'first' }, { identifier: ['This field must be unique.'] }],
])('a token from %j is refused with all its faults', async (json, faults) => {
  const { status, body } = await app.api('POST', TOKENS, json);
  expect(status).toBe(400);
  expect(body).toEqual(faults);
});

test.each([
  ['identifier=listed', 1],
  ['identifier=none', 0],
  ['user__username=akadmin&identifier=listed', 1],
  ['intent=app_password', 1],
  ['description=to%20be%20listed', 1],
  ['search=be%20listed', 1],
  ['expiring=false&identifier=listed', 0],
])('the list by ?%s has %i', async (query, count) => {
  await app.api('POST', TOKENS, { identifier: 'listed', description: 'to be listed', intent: 'app_password' });
  const { body } = await app.api('GET', `${TOKENS}?${query}`);
  expect(body.pagination.count).toBe(count);
});

test("a user's tokens go with the user", async () => {
  const { id, token } = await buildAccount(app.ctx);
  expect((await app.api('DELETE', `/api/v3/core/users/${id}/`)).status).toBe(204);
  expect((await app.api('GET', detail(`token-of-${id}`))).status).toBe(404);
  expect(await statusWith(token)).toBe(403);
});

describe('of the operations', () => {
  const operations: [string, string, object?][] = [
    ['GET', TOKENS],
    ['POST', TOKENS, { identifier: 'matrix' }],
    ['GET', detail('first')],
    ['PUT', detail('first'), { identifier: 'first' }],
    ['PATCH', detail('first'), {}],
    ['DELETE', detail('first')],
    ['GET', `${detail('first')}used_by/`],
    ['GET', `${detail('first')}view_key/`],
    ['POST', `${detail('first')}set_key/`, { key: 'k' }],
  ];

  test.each(operations)('%s %s refuses the anonymous and the low (A15)', async (method, path, json) => {
    const { token } = await buildAccount(app.ctx);
    const anonymous = await app.api(method, path, json, { token: null });
    expect(anonymous.status).toBe(403);
    expect(anonymous.body).toEqual({ detail: 'Authentication credentials were not provided.' });
    const low = await app.api(method, path, json, { token });
    expect(low.status).toBe(403);
    expect(low.body).toEqual({ detail: 'You do not have permission to perform this action.' });
  });
});

test('whoever may see tokens may not therefore see or set their keys (A15)', async () => {
  const { id, token } = await buildAccount(app.ctx, { permissions: ['authentik_core.view_token'] });
  await app.api('POST', TOKENS, { identifier: 'seen-only', user: id });
  const url = detail('seen-only');
  expect((await app.api('GET', url, undefined, { token })).status).toBe(200);
  expect((await app.api('GET', `${url}view_key/`, undefined, { token })).status).toBe(403);
  expect((await app.api('POST', `${url}set_key/`, { key: 'k' }, { token })).status).toBe(403);
});

test('whoever may see and set keys may not do it to those of accounts that can do more than they can', async () => {
  const verbs = ['view_token', 'add_token', 'change_token', 'delete_token', 'view_token_key', 'set_token_key'];
  const permissions = verbs.map((codename) => `authentik_core.${codename}`);
  const { id, token } = await buildAccount(app.ctx, { permissions });
  const { body: own } = await app.api('POST', TOKENS, { identifier: 'of-a-low-one', user: id });
  const ask = async (method: string, url: string, json?: object) =>
    (await app.api(method, url, json, { token })).status;
  const admin = await adminId();

  expect(await ask('GET', `${detail('first')}view_key/`)).toBe(403);
  expect(await ask('POST', `${detail('first')}set_key/`, { key: 'mine' })).toBe(403);
  expect(await ask('PATCH', detail('first'), { description: 'mine' })).toBe(403);
  expect(await ask('DELETE', detail('first'))).toBe(403);
  expect(await ask('POST', TOKENS, { identifier: 'mine', user: admin })).toBe(403);
  expect(await ask('GET', `${detail(own.identifier)}view_key/`)).toBe(200);
  expect(await ask('POST', TOKENS, { identifier: 'my-own' })).toBe(201);
});

async function adminId(): Promise<number> {
  return (await app.api('GET', ME)).body.user.pk;
}

test('what was done with the key of a token is found as what was done with the token is', async () => {
  const { body } = await app.api('POST', TOKENS, { identifier: 'followed' });
  await viewKey('followed');
  await app.api('POST', `${detail('followed')}set_key/`, { key: 'a-key-of-the-followed' });
  const about = `context_model_app=authentik_core&context_model_name=token&context_model_pk=${body.pk.replaceAll('-', '')}`;
  const { body: found } = await app.api('GET', `/api/v3/events/events/?ordering=created&${about}`);
  const actions = found.results.map(({ action }: { action: string }) => action);
  expect(actions).toEqual(['model_created', 'secret_view', 'secret_rotate']);
});
