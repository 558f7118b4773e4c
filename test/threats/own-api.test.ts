import { beforeAll, describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { linkSecretHash } from '../../src/features/stages/invitation/secret.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { ENROLLMENT, create, enrol, events, findUser, unique } from '../flows/builders.ts';
import { buttonsOf, pageOf } from '../flows/forms.ts';
import { FLOW, INVITATIONS_URL, MAY, V3_URL, invitationsOf, pointers } from '../own-api/invitation-calls.ts';

let app: TestApp;
let inDefaultRoles: unknown[];
beforeAll(async () => {
  app = await testApp();
  inDefaultRoles = await app.ctx.db.query(
    `select 1 from role_permission join permission p on p.id = permission_id where p.codename like '%_invitation'`,
  );
});

const as = (token: string, method: string, path: string, json?: unknown, headers = {}) =>
  app.api(method, path, json, { token, headers });
const { make, made } = {
  make: (json: object, options?: { token?: string }) => invitationsOf(app).make(json, options),
  made: (json: object) => invitationsOf(app).made(json),
};
const secretOf = (link: string): string => new URL(link).searchParams.get('secret') ?? '';

describe('T07: an id that is guessed', () => {
  test('is told apart from one that is there by nobody who may not see it', async () => {
    const { id } = await made({ flow: FLOW });
    const { id: own } = await made({});
    const one = await buildAccount(app.ctx, { objects: [[MAY('view'), own]] });
    const none = await buildAccount(app.ctx);
    const neighbour = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    for (const rest of ['', '/uses', '/events', '/qr.svg', '/qr.png']) {
      for (const { token } of [one, none]) {
        const tell = async (key: string) => {
          const { status, body } = await as(token, 'GET', `${INVITATIONS_URL}/${key}${rest}`);
          return [status, body.code, body.detail, body.title];
        };
        const there = await tell(id);
        expect([403, 404]).toContain(there[0]);
        for (const key of [neighbour, crypto.randomUUID(), id.toUpperCase().replace(/^./, '0')])
          expect(await tell(key)).toEqual(there);
      }
    }
  });
});

describe('T11: who may only add invitations', () => {
  const rights = {
    is_superuser: true,
    is_staff: true,
    is_active: false,
    type: 'internal',
    path: 'root-canary',
    pk: 1,
    id: 1,
    uuid: crypto.randomUUID(),
    uid: 'x',
    date_joined: '2000-01-01T00:00:00Z',
    last_login: '2000-01-01T00:00:00Z',
    permissions: ['authentik_core.view_user'],
    user_permissions: ['authentik_core.view_user'],
    sources: ['x'],
    attributes: { 'goauthentik.io/user/debug': true, 'vestibule.io/x': true, team: 'blue' },
  };

  test('gives by fixed data nothing that the flow does not give, and an event names what was dropped', async () => {
    const low = await buildAccount(app.ctx, { permissions: [MAY('add')] });
    const admins = (await app.api('GET', '/api/v3/core/groups/?is_superuser=true')).body.results[0].pk;
    const role = await create(app, '/rbac/roles/', { name: unique('threat-role') });
    const fixed_data = { ...rights, groups: [admins], ak_groups: [admins], roles: [role] };
    const answer = await make({ flow: FLOW, fixed_data, locked: true }, low);
    expect(answer.status).toBe(201);
    const plain = await made({ flow: FLOW });
    const rows = [];
    for (const link of [answer.body.link, plain.link]) {
      const username = unique('given');
      await enrol(app.jar(), { slug: ENROLLMENT, query: new URL(link).search.slice(1) }, username);
      rows.push(await findUser(app, username));
    }
    const facts = (row: Record<string, unknown> | undefined) =>
      ['is_superuser', 'is_active', 'type', 'path', 'groups', 'roles'].map((key) => row?.[key]);
    expect(facts(rows[0])).toEqual(facts(rows[1]));
    expect(rows[0]).toMatchObject({ attributes: { team: 'blue' }, is_superuser: false, groups: [], roles: [] });
    expect(rows[0]?.['attributes']).not.toHaveProperty('goauthentik.io/user/debug');
    expect(rows[0]?.['pk']).not.toBe(1);
    expect(Date.parse(String(rows[0]?.['date_joined']))).toBeGreaterThan(Date.parse('2020-01-01'));
    const told = JSON.stringify(await events(app, 'suspicious_request'));
    for (const key of ['is_superuser', 'groups', 'roles', 'type', 'path', 'attributes.goauthentik.io/user/debug'])
      expect(told).toContain(`"${key}"`);
    expect(told).not.toContain('root-canary');
  });

  test('T15: makes it their own, whatever the body says of its maker, state, id and secrets', async () => {
    const low = await buildAccount(app.ctx, { permissions: [MAY('add'), MAY('view')] });
    const foreign = {
      id: crypto.randomUUID(),
      pk: 1,
      created_by: 1,
      state: 'pending',
      uses: -5,
      revoked: null,
      secret_hash: 'x',
      code_hash: 'x',
      code: 'AAAAA-AAAAA',
      link: 'https://evil.example/',
      sent: null,
    };
    expect(pointers(await make(foreign, low)).toSorted()).toEqual(
      Object.keys(foreign)
        .map((key) => `/${key}`)
        .toSorted(),
    );
    const { body } = await make({}, low);
    expect(body.created_by).toEqual({ id: low.id, username: low.username });
    const moved = await as(low.token, 'PATCH', `${V3_URL}${body.id}/`, { created_by: 1, pk: crypto.randomUUID() });
    expect(moved.status).toBe(403);
  });

  test('T11, T23: cannot speak as somebody else: whoever invites stands beside whatever is said in whose name', async () => {
    const low = await buildAccount(app.ctx, { permissions: [MAY('add')], name: 'Mallory Low' });
    const on_behalf_of = '<b>The board</b>\u202e\u061c"><script>alert(1)</script>';
    const message = '[here](javascript:alert(1)) <script>alert(2)</script> [x](https://a.example"onclick=alert(3))';
    const { body } = await make({ flow: FLOW, on_behalf_of, message, message_format: 'markdown' }, low);
    const page = await app.jar().get(pageOf(ENROLLMENT, new URL(body.link).search.slice(1)));
    const shown = /<main[\s\S]*<\/main>/.exec(page.text)?.[0] ?? '';
    expect(shown).toContain('Mallory Low invites you');
    expect(shown).not.toMatch(/<script|<b>|href="javascript:|[\s"]onclick=/i);
    expect(shown).toContain('&lt;b>The board&lt;/b>');
    // Nor is the sentence turned round by what stands in it.
    expect(shown).not.toMatch(/[\u202e\u061c]/);
    expect(buttonsOf(page)).toEqual(['start']);
  });
});

describe('T14: what who may only view an invitation gets', () => {
  const everywhere = (id: string) => [
    INVITATIONS_URL,
    `${INVITATIONS_URL}?limit=100&q=secretive`,
    `${INVITATIONS_URL}/${id}`,
    `${INVITATIONS_URL}/${id}/uses`,
    `${INVITATIONS_URL}/${id}/events`,
    `${INVITATIONS_URL}/${id}/qr.svg`,
    `${INVITATIONS_URL}/export.json`,
    `${INVITATIONS_URL}/export.csv`,
    '/api/vestibule/v1/invitation-statistics',
    V3_URL,
    `${V3_URL}?search=secretive&ordering=-expires`,
    `${V3_URL}${id}/`,
    `${V3_URL}${id}/used_by/`,
    '/api/v3/events/events/?page_size=100&ordering=-created',
  ];

  test('with a secret link no answer, event, log or kept answer has its secret, its code or a hash of them', async () => {
    const headers = { 'idempotency-key': 'of-the-admin' };
    const input = { name: 'secretive', flow: FLOW, secret_link: true };
    const { body } = await app.api('POST', INVITATIONS_URL, input, { headers });
    const { id, link, code } = body;
    const viewer = await buildAccount(app.ctx, {
      permissions: [MAY('view'), MAY('add'), 'authentik_events.view_event'],
    });
    const secret = secretOf(link);
    const canaries = [secret, code, code.replace('-', ''), linkSecretHash(app.ctx, secret).toString('hex')];
    expect(canaries.every((canary) => canary.length > 8)).toBe(true);
    for (const url of everywhere(id)) {
      const { status, text } = await as(viewer.token, 'GET', url);
      expect([200, 409]).toContain(status);
      for (const canary of canaries) expect(`${url} ${text}`).not.toContain(canary);
    }
    // The key of another's request gives no answer of theirs.
    const mine = await as(viewer.token, 'POST', INVITATIONS_URL, input, headers);
    expect([mine.status, mine.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect(mine.body.id).not.toBe(id);
    // Nor is it found by a search for the beginning of the secret.
    for (const text of [secret.slice(0, 8), code.slice(0, 5)]) {
      const { items } = (await as(viewer.token, 'GET', `${INVITATIONS_URL}?q=${text}`)).body;
      expect(items).toEqual([]);
      expect((await as(viewer.token, 'GET', `${V3_URL}?search=${text}`)).body.results).toEqual([]);
    }
    for (const canary of canaries) expect(JSON.stringify(app.logged)).not.toContain(canary);
  });

  test('with a plain link the link, which works: so the right to view is one to use, as SECURITY.md says', async () => {
    const { id } = await made({ flow: FLOW });
    const viewer = await buildAccount(app.ctx, { permissions: [MAY('view')] });
    const { link } = (await as(viewer.token, 'GET', `${INVITATIONS_URL}/${id}`)).body;
    const { body } = await app.jar().open(ENROLLMENT, new URL(link).search.slice(1));
    expect(body.component).toBe('ak-stage-prompt');
    expect(inDefaultRoles).toEqual([]);
  });

  test('T08: what is shown once is kept by no cache', async () => {
    const answer = await make({ flow: FLOW, secret_link: true });
    expect(answer.headers['cache-control']).toBe('no-store');
    const { id } = answer.body;
    expect((await app.api('GET', `${INVITATIONS_URL}/${id}`)).headers['cache-control']).toBe('no-store');
  });
});

describe('T15: a permission on one invitation', () => {
  test('opens each operation of that one, by its verb alone, and of no other', async () => {
    const [{ id }, { id: other }] = [await made({ flow: FLOW }), await made({ flow: FLOW })];
    const changer = await buildAccount(app.ctx, {
      objects: [
        [MAY('view'), id],
        [MAY('change'), id],
      ],
    });
    const patch = (key: string) =>
      as(changer.token, 'PATCH', `${INVITATIONS_URL}/${key}`, { message: 'x' }, { 'if-match': '*' });
    const post = (key: string, verb: string, json: object) =>
      as(changer.token, 'POST', `${INVITATIONS_URL}/${key}/${verb}`, json);
    expect((await patch(id)).status).toBe(200);
    expect((await post(id, 'extend', { expires: null })).status).toBe(200);
    expect((await post(id, 'rotate', { code: 'new' })).status).toBe(200);
    expect((await post(id, 'revoke', {})).status).toBe(403);
    expect((await make({}, changer)).status).toBe(403);
    const answers = [
      await patch(other),
      await post(other, 'extend', { expires: null }),
      await post(other, 'rotate', { code: 'new' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    for (const url of [`${INVITATIONS_URL}/export.json`, `${V3_URL}`]) {
      const { text } = await as(changer.token, 'GET', url);
      expect(text).toContain(id);
      expect(text).not.toContain(other);
    }
    expect((await app.api('GET', `${INVITATIONS_URL}/${other}`)).body).toMatchObject({ message: '', state: 'pending' });
    const send = await as(changer.token, 'POST', `${V3_URL}${id}/send_email/`, { email_addresses: ['a@example.org'] });
    expect(send.status).toBe(403);
  });

  test('the rows of an import, which hold links and codes, are for who sent it alone', async () => {
    const add = { permissions: [MAY('add'), MAY('view')] };
    const [one, other] = [await buildAccount(app.ctx, add), await buildAccount(app.ctx, add)];
    const { body } = await as(one.token, 'POST', '/api/vestibule/v1/invitation-imports', [{ name: 'row' }]);
    for (const rest of ['', '/rows', '/result.csv']) {
      const url = `/api/vestibule/v1/invitation-imports/${body.id}${rest}`;
      expect((await as(one.token, 'GET', url)).status).toBe(200);
      expect((await as(other.token, 'GET', url)).status).toBe(404);
      expect((await app.api('GET', url)).status).toBe(404);
    }
  });
});
