import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { purgeInvitations } from '../../src/features/stages/invitation/tasks.ts';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import { testApp } from '../app.ts';
import type { Answer } from '../jar.ts';
import { FLOW, INVITATIONS_URL, MAY, V3_URL, invitationsOf, pointers } from './invitation-calls.ts';

const app = await testApp();
const { make, made, read, patch, act, in3 } = invitationsOf(app);

describe('revoking', () => {
  test('keeps the invitation here, takes it from v3, and is final', async () => {
    const { id } = await made();
    const answer = await act(id, 'revoke');
    expect(answer.body).toMatchObject({ state: 'revoked', revoked_by: { username: 'akadmin' }, link: null });
    expect(await in3(id)).toBe(404);
    expect((await act(id, 'revoke')).body.code).toBe('invitation_revoked');
    expect((await act(id, 'extend', { expires: null })).status).toBe(409);
    expect((await act(id, 'rotate', { code: 'new' })).status).toBe(409);
    expect((await patch(id, { message: 'x' })).status).toBe(409);
  });

  test('of one that is used up or has expired says so: revoked, and not to be extended', async () => {
    for (const over of ['uses = 1, used_up = now()', `expires = now() - interval '1 day'`]) {
      const { id } = await made({ max_uses: 1 });
      await app.ctx.db.query(`update invitation set ${over} where invite_uuid = $1`, [id]);
      const { used_up, uses } = (await read(id)).body;
      expect((await act(id, 'revoke')).body).toMatchObject({ state: 'revoked', used_up, uses });
      expect((await read(id)).body).toMatchObject({ state: 'revoked', used_up, uses });
      const listed = await app.api('GET', `${INVITATIONS_URL}?state=used_up&state=expired`);
      expect(listed.body.items.map((one: { id: string }) => one.id)).not.toContain(id);
      const extended = await act(id, 'extend', { more_uses: 1 });
      expect([extended.status, extended.body.code]).toEqual([409, 'invitation_revoked']);
    }
  });

  test('is what DELETE in v3 does, with its event', async () => {
    const { id } = await made();
    expect((await app.api('DELETE', `${V3_URL}${id}/`)).status).toBe(204);
    expect((await app.api('DELETE', `${V3_URL}${id}/`)).status).toBe(404);
    expect((await read(id)).body.state).toBe('revoked');
    const { items } = (await app.api('GET', `${INVITATIONS_URL}/${id}/events`)).body;
    expect(items.map(({ action }: { action: string }) => action)).toEqual(['model_deleted', 'model_created']);
  });

  test('of one invitation by eight at once lets one through', async () => {
    const { id } = await made();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? act(id, 'revoke') : app.api('DELETE', `${V3_URL}${id}/`))),
    );
    expect(answers.filter(({ status }) => status === 200 || status === 204).length).toBe(1);
  });

  test('is what becomes of the invitations of a flow that is deleted: their uses stay', async () => {
    const flow = { name: 'Gone', slug: 'gone', title: 'Gone', designation: 'enrollment' };
    await app.api('POST', '/api/v3/flows/instances/', flow);
    const { id } = await made({ flow: 'gone' });
    await app.ctx.db.query(`insert into invitation_use (invitation, client_ip) values ($1, '192.0.2.77')`, [id]);
    const used = await app.api('GET', '/api/v3/flows/instances/gone/used_by/');
    expect(used.body).toMatchObject([{ model_name: 'invitation', action: 'cascade' }]);
    expect((await app.api('DELETE', '/api/v3/flows/instances/gone/')).status).toBe(204);
    expect(await in3(id)).toBe(404);
    expect((await read(id)).body).toMatchObject({ state: 'revoked', flow: null, uses: 1 });
    expect((await app.api('GET', `${INVITATIONS_URL}/${id}/uses`)).body.items).toMatchObject([
      { network: '192.0.2.0/24' },
    ]);
  });

  test('T25 is what becomes of the invitations of a creator who is deleted', async () => {
    const { id: user, token } = await buildAccount(app.ctx, { permissions: [MAY('add'), MAY('view')] });
    const { id } = (await make({}, { token })).body;
    expect((await app.api('DELETE', `/api/v3/core/users/${user}/`)).status).toBe(204);
    expect(await in3(id)).toBe(404);
    expect((await read(id)).body).toMatchObject({ state: 'revoked', created_by: null });
  });
});

describe('extending', () => {
  test('opens an expired one again', async () => {
    const { id } = await made({ expires: '2040-01-01T00:00:00Z' });
    await app.ctx.db.query(`update invitation set expires = now() - interval '1 day' where invite_uuid = $1`, [id]);
    expect((await read(id)).body.state).toBe('expired');
    await purgeInvitations.run(app.ctx, null);
    expect(await in3(id)).toBe(404);
    const extended = await act(id, 'extend', { expires: '2041-01-01T00:00:00Z' });
    expect(extended.body).toMatchObject({ state: 'pending', expires: '2041-01-01T00:00:00Z' });
    expect(await in3(id)).toBe(200);
  });

  test('gives more uses to one that is used up, as a higher limit does', async () => {
    const { id } = await made({ max_uses: 1 });
    const useUp = (uses: number) =>
      app.ctx.db.query('update invitation set uses = $2, used_up = now() where invite_uuid = $1', [id, uses]);
    await useUp(1);
    expect((await read(id)).body).toMatchObject({ state: 'used_up', uses: 1 });
    expect((await act(id, 'extend', { more_uses: 2 })).body).toMatchObject({ state: 'pending', max_uses: 3, uses: 1 });
    await useUp(3);
    expect((await patch(id, { message: 'still' })).body.state).toBe('used_up');
    expect(pointers(await patch(id, { max_uses: 2 }))).toEqual(['/max_uses']);
    expect((await patch(id, { max_uses: 4 })).body).toMatchObject({ state: 'pending' });
  });

  test('by nothing, into the past, or of what has no limit is a 422', async () => {
    const { id } = await made();
    expect(pointers(await act(id, 'extend', {}))).toEqual(['']);
    expect(pointers(await act(id, 'extend', { expires: '2001-01-01T00:00:00Z', more_uses: 1 }))).toEqual([
      '/expires',
      '/more_uses',
    ]);
  });
});

describe('the clean-up (69)', () => {
  test('marks what expired, keeps it for the retention, and never removes what is open', async () => {
    const { id: open } = await made();
    const { id: expired } = await made();
    const { id: ended } = await made();
    const { id: recent } = await made();
    await app.ctx.db.query(
      `update invitation set created = now() - interval '9 years' where invite_uuid = any($1::uuid[])`,
      [[open, expired, ended, recent]],
    );
    await app.ctx.db.query(`update invitation set expires = now() - interval '1 hour' where invite_uuid = $1`, [
      expired,
    ]);
    await app.ctx.db.query(`update invitation set revoked = now() - interval '366 days' where invite_uuid = $1`, [
      ended,
    ]);
    await app.ctx.db.query(`update invitation set revoked = now() - interval '364 days' where invite_uuid = $1`, [
      recent,
    ]);
    await purgeInvitations.run(app.ctx, null);
    expect((await read(open)).body.state).toBe('pending');
    expect((await read(expired)).body.state).toBe('expired');
    expect((await read(ended)).status).toBe(404);
    expect((await read(recent)).body.state).toBe('revoked');
  });
});

describe('who may what (T15)', () => {
  test('each operation needs its own permission, and nobody is told of what they may not see', async () => {
    const { id } = await made();
    const none = await buildAccount(app.ctx);
    const viewer = await buildAccount(app.ctx, { permissions: [MAY('view')] });
    const only = await buildAccount(app.ctx, { objects: [[MAY('view'), id]] });
    const { id: other } = await made();
    for (const url of [
      INVITATIONS_URL,
      `${INVITATIONS_URL}/${id}`,
      `${INVITATIONS_URL}/${id}/uses`,
      `${INVITATIONS_URL}/${id}/events`,
      `${INVITATIONS_URL}/${id}/qr.svg`,
    ]) {
      expect((await app.api('GET', url, undefined, { token: none.token })).status).toBe(403);
      expect((await app.api('GET', url, undefined, { token: viewer.token })).status).toBe(200);
      expect((await app.api('GET', url, undefined, { token: only.token })).status).toBe(200);
    }
    expect((await make({}, viewer)).status).toBe(403);
    for (const [verb, json] of [
      ['revoke', {}],
      ['extend', { expires: null }],
      ['rotate', { code: 'new' }],
    ] as const) {
      expect((await act(id, verb, json, viewer)).status).toBe(403);
      expect((await act(id, verb, json, only)).status).toBe(403);
      // Who may do it to none is told nothing of any.
      expect((await act(other, verb, json, only)).status).toBe(403);
    }
    expect((await read(other, only.token)).status).toBe(404);
    const { items } = (await app.api('GET', INVITATIONS_URL, undefined, { token: only.token })).body;
    expect(items.map((one: { id: string }) => one.id)).toEqual([id]);
  });

  test('who may change one invitation may change that one, also after it has ended', async () => {
    const { id } = await made({ max_uses: 1 });
    const { token } = await buildAccount(app.ctx, {
      objects: [
        [MAY('view'), id],
        [MAY('change'), id],
        [MAY('delete'), id],
      ],
    });
    await app.ctx.db.query('update invitation set uses = 1, used_up = now() where invite_uuid = $1', [id]);
    expect((await act(id, 'extend', { more_uses: 1 }, { token })).status).toBe(200);
    expect((await act(id, 'revoke', {}, { token })).status).toBe(200);
    expect((await read(id, token)).body.state).toBe('revoked');
  });

  test('T11 A23 nobody gives groups or roles that they may not give, nor changes for whom such an invitation is', async () => {
    const admins = (await app.api('GET', '/api/v3/core/groups/?name=authentik%20Admins')).body.results[0].pk;
    const plain = (await app.api('POST', '/api/v3/core/groups/', { name: 'plain' })).body.pk;
    const low = await buildAccount(app.ctx, { permissions: [MAY('add'), MAY('view'), MAY('change')] });
    const giver = await buildAccount(app.ctx, {
      permissions: [MAY('add'), MAY('view'), MAY('change'), 'authentik_core.add_user_to_group'],
    });
    expect(pointers(await make({ groups: [plain] }, low))).toEqual(['/groups/0']);
    expect((await make({ groups: [plain] }, giver)).status).toBe(201);
    expect(pointers(await make({ groups: [plain, admins] }, giver))).toEqual(['/groups/1']);
    const { id } = await made({ groups: [admins] });
    const changed = await app.api(
      'PATCH',
      `${INVITATIONS_URL}/${id}`,
      { restrict_to: [] },
      { token: giver.token, headers: { 'if-match': '*' } },
    );
    expect(pointers(changed)).toEqual(['/groups/0']);
    expect((await act(id, 'rotate', { code: 'new' }, giver)).status).toBe(403);
    expect((await act(id, 'extend', { expires: null }, giver)).status).toBe(403);
  });

  test('nobody known is a 401 everywhere', async () => {
    const { id } = await made();
    for (const url of [INVITATIONS_URL, `${INVITATIONS_URL}/${id}`, `${INVITATIONS_URL}/${id}/uses`]) {
      expect((await app.api('GET', url, undefined, { token: null })).status).toBe(401);
    }
  });
});

describe('the list', () => {
  test('filters by state, inviter, flow, group, recipient and text, and tells wrong filters', async () => {
    const listed = await testApp();
    await listed.ctx.db.query('delete from invitation');
    const send = (json: object) => listed.api('POST', INVITATIONS_URL, { name: 'x', ...json });
    const group = (await listed.api('POST', '/api/v3/core/groups/', { name: 'g' })).body.pk;
    const a = (await send({ name: 'alpha', flow: FLOW, recipients: ['Ann@example.org'], message: 'fifty % off' })).body
      .id;
    const b = (await send({ name: 'beta', groups: [group], fixed_data: { email: 'ben@example.org' } })).body.id;
    await listed.api('POST', `${INVITATIONS_URL}/${b}/revoke`, {});
    const ids = async (query: string): Promise<string[]> => {
      const { body } = await listed.api('GET', `${INVITATIONS_URL}?${query}`);
      return body.items.map(({ id }: { id: string }) => id);
    };
    expect(await ids('')).toEqual([b, a]);
    expect(await ids('state=pending')).toEqual([a]);
    expect(await ids('state=pending&state=revoked')).toEqual([b, a]);
    expect(await ids('created_by=akadmin')).toEqual([b, a]);
    expect(await ids('created_by=nobody')).toEqual([]);
    expect(await ids(`flow=${FLOW}`)).toEqual([a]);
    expect(await ids(`group=${group}`)).toEqual([b]);
    expect(await ids('recipient=ann@EXAMPLE.org')).toEqual([a]);
    expect(await ids('recipient=ben@example.org')).toEqual([b]);
    expect(await ids('q=ALPH')).toEqual([a]);
    expect(await ids('q=%25')).toEqual([a]);
    expect((await listed.api('GET', `${INVITATIONS_URL}?state=open&single=1`)).body.errors.length).toBe(2);
  });

  test('goes through all by cursors, each once, while others are made', async () => {
    for (let at = 0; at < 5; at += 1) await made();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Answer = await app.api(
        'GET',
        `${INVITATIONS_URL}?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      if (seen.length < 20) await made();
      cursor = page.body.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    const [count] = await app.ctx.db.query<{ count: number }>('select count(*)::integer as count from invitation');
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.length).toBeLessThanOrEqual(count?.count ?? 0);
  });
});

describe('uses', () => {
  test('tell who, when and from which network, the latest first, and outlive the account', async () => {
    const { id } = await made();
    const account = await buildAccount(app.ctx, { username: 'invited' });
    const use = (ip: string, minutes: number, user: number | null = null) =>
      app.ctx.db.query(
        `insert into invitation_use (invitation, client_ip, used, user_id, username, email)
         values ($1, $2, now() - make_interval(mins => $3), $4, 'invited', 'invited@example.org')`,
        [id, ip, minutes, user],
      );
    await use('2001:db8:1:2::5', 1, account.id);
    await use('::ffff:192.0.2.9', 2);
    await use('10.1.2.3', 3);
    const uses = `${INVITATIONS_URL}/${id}/uses`;
    const first = (await app.api('GET', `${uses}?limit=2`)).body;
    expect(first.items).toMatchObject([
      { network: '2001:db8:1::/48', user: { id: account.id, username: 'invited' } },
      { network: '192.0.2.0/24', user: null, username: 'invited' },
    ]);
    const second = (await app.api('GET', `${uses}?limit=2&cursor=${first.next}`)).body;
    expect(second).toMatchObject({ items: [{ network: '10.1.2.0/24' }], next: null });
    await app.api('DELETE', `/api/v3/core/users/${account.id}/`);
    const after = (await app.api('GET', uses)).body.items[0];
    expect(after).toMatchObject({ user: null, username: 'invited', email: 'invited@example.org' });
  });
});

describe('the QR code', () => {
  test('is SVG and PNG of the link', async () => {
    const { id } = await made({ flow: FLOW });
    const svg = await app.api('GET', `${INVITATIONS_URL}/${id}/qr.svg`, undefined, { headers: { accept: 'image/*' } });
    expect([svg.status, svg.headers['content-type']]).toEqual([200, 'image/svg+xml']);
    expect(svg.text).toMatch(/^<svg [^>]*viewBox="0 0 (\d+) \1"/);
    expect(svg.text).not.toContain('script');
    const png = await app.http.inject({
      url: `${INVITATIONS_URL}/${id}/qr.png`,
      headers: { host: 'localhost', authorization: 'Bearer test-admin-token-0123456789abcdef' },
    });
    expect(png.headers['content-type']).toBe('image/png');
    expect(png.rawPayload.subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('single_use of v3 on an invitation that was used', () => {
  const ofMany = { max_uses: 3, flow: FLOW };
  const use = async (id: string, times: number) => {
    for (let at = 0; at < times; at += 1) {
      await app.ctx.db.query(
        `with used as (insert into invitation_use (invitation, client_ip) values ($1, '192.0.2.77'))
         update invitation set uses = uses + 1 where invite_uuid = $1 and max_uses is not null`,
        [id],
      );
    }
  };
  const change = (id: string, method: string, json: object) => app.api(method, `${V3_URL}${id}/`, json);

  test.each([
    ['PATCH', 3, 2],
    ['PUT', 3, 2],
    ['PATCH', 3, 1],
    ['PATCH', null, 1],
    ['PUT', null, 2],
  ] as const)('is refused by %s where it may be used %s times and was %i times', async (method, max_uses, uses) => {
    const { id } = await made({ ...ofMany, max_uses });
    await use(id, uses);
    const refused = await change(id, method, { name: 'renamed', single_use: true });
    expect([refused.status, refused.body]).toEqual([
      400,
      { single_use: ['It was used already, so it cannot become one for single use; delete it to end it.'] },
    ]);
    expect((await read(id)).body).toMatchObject({ name: 'one', state: 'pending', uses, max_uses });
  });

  test('that is left as it is goes on working, by as many statements as without it', async () => {
    for (const [max_uses, single_use] of [
      [3, false],
      [null, false],
      [1, true],
    ] as const) {
      const { id } = await made({ ...ofMany, max_uses });
      await use(id, single_use ? 0 : 2);
      for (const method of ['PUT', 'PATCH']) {
        const name = `renamed-${method.toLowerCase()}`;
        const least = async (json: object): Promise<number> => {
          const counts: number[] = [];
          // Who asks is remembered for a second, which may end between two requests.
          for (let n = 0; n < 4; n += 1) {
            const { result, queries } = await countQueries(() => change(id, method, json));
            expect([result.status, result.body.name, result.body.single_use]).toEqual([200, name, single_use]);
            counts.push(queries);
          }
          return Math.min(...counts);
        };
        expect(await least({ name, single_use })).toBe(await least({ name }));
      }
      expect((await read(id)).body).toMatchObject({ max_uses, uses: single_use ? 0 : 2 });
    }
  });

  test('is taken of one that was not used, and taken back', async () => {
    const { id } = await made(ofMany);
    expect((await change(id, 'PATCH', { single_use: true })).body.single_use).toBe(true);
    expect((await read(id)).body).toMatchObject({ state: 'pending', uses: 0, max_uses: 1 });
    expect((await change(id, 'PUT', { name: 'one', single_use: false })).body.single_use).toBe(false);
    expect((await read(id)).body).toMatchObject({ state: 'pending', uses: 0, max_uses: null });
  });
});
