import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount, buildSession } from '../tokens/builders.ts';
import { parseUserAgent } from './user-agent.ts';

const SESSIONS = '/api/v3/core/authenticated_sessions/';
const ME = '/api/v3/core/users/me/';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

test('the sessions of people who are signed in are listed, filtered and shown; the own one is the current', async () => {
  const { id, username } = await buildAccount(app.ctx, {
    permissions: ['authentik_core.view_authenticatedsession'],
  });
  const { cookie } = await buildSession(app.ctx, id);
  await buildSession(app.ctx, id);
  const other = await buildAccount(app.ctx);
  await buildSession(app.ctx, other.id);
  const ask = (path: string) => app.api('GET', path, undefined, { token: null, headers: { cookie } });
  const { status, body } = await ask(`${SESSIONS}?user__username=${username}`);
  expect([status, body.results.length]).toEqual([200, 2]);
  expect(body.results.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
  expect((await ask(SESSIONS)).body.pagination.count).toBe(3);
  const [one] = body.results;
  expect((await ask(`${SESSIONS}${one.uuid}/`)).body).toMatchObject({ uuid: one.uuid, user: id, last_ip: '127.0.0.1' });
  expect((await ask(`${SESSIONS}${one.uuid}/used_by/`)).body).toEqual([]);
});

test('a session of nobody, and one whose time is over, are not there', async () => {
  const { id } = await buildAccount(app.ctx);
  await buildSession(app.ctx, id);
  await app.ctx.db.query("update session set expires = now() - interval '1 second' where user_id = $1", [id]);
  const text = 'select session_uuid as uuid from session where user_id = $1';
  const rows = await app.ctx.db.query<{ uuid: string }>(text, [id]);
  expect((await app.api('GET', `${SESSIONS}${rows[0]?.uuid}/`)).status).toBe(404);
});

test('deleting a session ends it at once, and it alone (A17)', async () => {
  const { id, username } = await buildAccount(app.ctx);
  const [first, second] = [await buildSession(app.ctx, id), await buildSession(app.ctx, id)];
  const status = async ({ cookie }: { cookie: string }) =>
    (await app.api('GET', ME, undefined, { token: null, headers: { cookie } })).status;
  expect([await status(first), await status(second)]).toEqual([200, 200]);
  const { body } = await app.api('GET', `${SESSIONS}?user__username=${username}&ordering=last_used`);
  expect((await app.api('DELETE', `${SESSIONS}${body.results[0].uuid}/`)).status).toBe(204);
  expect([await status(first), await status(second)].toSorted()).toEqual([200, 403]);
});

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723 Safari/537.36 Edg/130.0.2849',
    ['Edge', '130', 'Windows', '10', 'Other'],
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1',
    ['Safari', '17', 'iOS', '17', 'iPhone'],
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
    ['Firefox', '132', 'Linux', null, 'Other'],
  ],
  ['', ['Other', '', 'Other', null, 'Other']],
])('%j is read as browser, system and device', (header, expected) => {
  const { user_agent: browser, os, device, string } = parseUserAgent(header);
  expect([browser, os, device]).toMatchObject([
    { family: expected[0], major: expected[1] },
    { family: expected[2], major: expected[3] },
    { family: expected[4] },
  ]);
  expect(string).toBe(header);
});
