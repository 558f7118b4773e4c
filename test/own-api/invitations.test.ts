import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import { testApp } from '../app.ts';
import { FLOW, INVITATIONS_URL, V3_URL, invitationsOf, pointers } from './invitation-calls.ts';

const app = await testApp();
const { make, made, read, patch, act } = invitationsOf(app);

/** Draws the path of a QR code: rows of black (true) and white modules. */
function modulesOf(svg: string): boolean[][] {
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  let [x, y] = [0, 0];
  for (const [, kind, dx, dy, run] of (svg.split(' d="').at(-1) ?? '').matchAll(/([Mm])(\d+) ([\d.]+)h(\d+)/g)) {
    [x, y] = kind === 'M' ? [Number(dx), Math.floor(Number(dy))] : [x + Number(dx), y + Number(dy)];
    for (const end = x + Number(run); x < end; x += 1) {
      const row = rows[y];
      if (row) row[x] = true;
    }
  }
  return rows;
}

describe('an invitation', () => {
  test('comes with its QR code where that is asked for, of a plain link and of one that is shown once', async () => {
    for (const secret_link of [false, true]) {
      const json = { name: 'one', flow: FLOW, secret_link };
      const { status, body } = await app.api('POST', `${INVITATIONS_URL}?include=qr_svg`, json);
      expect(status).toBe(201);
      expect(modulesOf(body.qr_svg)).toEqual(encode(body.link, { border: 4, ecc: 'M' }).data);
    }
    const odd = await app.api('POST', `${INVITATIONS_URL}?include=everything`, { name: 'one', flow: FLOW });
    expect([odd.status, odd.body.errors[0].parameter]).toEqual([422, 'include']);
  });

  test('is made by one statement, after looking at the time and its flow', async () => {
    const counts: number[] = [];
    // Who asks is remembered for a second, which may end between two requests.
    for (let n = 0; n < 4; n += 1) {
      counts.push((await countQueries(() => make({ name: 'one', flow: FLOW }))).queries);
    }
    expect(Math.min(...counts)).toBe(3);
  });

  test('has everything that it was made with, and is seen in both APIs', async () => {
    const group = (await app.api('POST', '/api/v3/core/groups/', { name: 'guests' })).body.pk;
    const role = (await app.api('POST', '/api/v3/rbac/roles/', { name: 'readers' })).body.pk;
    const input = {
      name: 'everything',
      expires: '2040-01-31T12:00:00Z',
      fixed_data: { email: 'a@example.org', attributes: { a: [1] } },
      locked: true,
      flow: FLOW,
      max_uses: 7,
      groups: [group],
      roles: [role],
      restrict_to: ['a@example.org', '@example.net'],
      account_expires: 'P30D',
      approval: true,
      message: 'Welcome!\nTo us.',
      message_format: 'markdown',
      language: 'de',
      on_behalf_of: 'The board',
      redirect: '/if/user/',
      recipients: ['a@example.org'],
      reminders: [{ when: 'after_sending', duration: 'P3D' }],
    };
    const answer = await make({ ...input, secret_link: false });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      ...input,
      state: 'pending',
      uses: 0,
      single_use: false,
      created_by: { username: 'akadmin' },
      secret_link: false,
      has_code: true,
      sent: null,
    });
    const { id } = answer.body;
    expect(answer.headers['location']).toBe(`${INVITATIONS_URL}/${id}`);
    expect(answer.body.link).toBe(`http://localhost/if/flow/${FLOW}/?itoken=${id}`);
    expect(answer.body.qr_svg).toBeNull();
    const again = await read(id);
    const { code: _code, qr_svg: _svg, ...shown } = answer.body;
    expect(again.body).toEqual(shown);
    expect(again.headers['etag']).toBe(answer.headers['etag']);
    expect(Object.keys(again.body)).not.toContain('code');
    const v3 = await app.api('GET', `${V3_URL}${id}/`);
    expect(v3.body).toMatchObject({ name: 'everything', single_use: false, fixed_data: input.fixed_data });
  });

  test('made in v3 is seen here, with defaults for what v3 has no words for', async () => {
    const { pk } = (await app.api('POST', V3_URL, { name: 'from-v3', single_use: true })).body;
    expect((await read(pk)).body).toMatchObject({
      name: 'from-v3',
      max_uses: 1,
      single_use: true,
      groups: [],
      message: '',
      flow: null,
      has_code: false,
      state: 'pending',
    });
  });

  test('with several broken fields is a 422 that names all of them, and nothing is made', async () => {
    const before = (await app.api('GET', `${INVITATIONS_URL}?limit=100`)).body.items.length;
    const answer = await app.api('POST', INVITATIONS_URL, {
      name: 'a b',
      expires: 'tomorrow',
      max_uses: 0,
      restrict_to: ['nobody'],
      account_expires: 'P1Y',
      redirect: 'https://evil.example/',
      reminders: [{ when: 'never', duration: 'P1D' }],
      extra: 1,
    });
    expect(answer.status).toBe(422);
    expect(pointers(answer).toSorted()).toEqual(
      [
        '/name',
        '/expires',
        '/max_uses',
        '/restrict_to/0',
        '/account_expires',
        '/redirect',
        '/reminders/0/when',
        '/extra',
      ].toSorted(),
    );
    expect((await app.api('GET', `${INVITATIONS_URL}?limit=100`)).body.items.length).toBe(before);
  });

  test('for an unknown flow, group or role, or that is over already, is a 422 that names them', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    const answer = await make({ flow: 'nothing', groups: [nobody], roles: [nobody], expires: '2001-01-01T00:00:00Z' });
    expect(pointers(answer)).toEqual(['/expires', '/flow', '/groups/0', '/roles/0']);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/..//evil.example',
    'if/user/',
    '/a\nb',
    '/a\tb',
    '/a\u2028b',
  ])('T22 does not lead to %j', async (redirect) => {
    expect(pointers(await make({ redirect }))).toEqual(['/redirect']);
  });

  test.each(['\n', '\r\n', '\t', '\u0085', '\u2028', '\u2029'])(
    'is on behalf of one line: a text with %j in it is a 422 that says so',
    async (mark) => {
      const answer = await make({ on_behalf_of: `Ada${mark}Lovelace` });
      expect([answer.status, pointers(answer)]).toEqual([422, ['/on_behalf_of']]);
      expect(answer.body.errors[0].detail).toContain('one line');
    },
  );

  test('takes its flow by slug or id', async () => {
    const { flow_id } = await made({ flow: FLOW });
    expect((await made({ flow: flow_id })).flow).toBe(FLOW);
  });
});

describe('T14 a secret link', () => {
  test('is shown once; who views the invitation afterwards has no link', async () => {
    const { id, link } = await made({ secret_link: true, flow: FLOW });
    expect(new URL(link).searchParams.get('secret')).toMatch(/^[A-Za-z0-9]{32}$/);
    const { body, text } = await read(id);
    expect(body).toMatchObject({ link: null, link_reason: 'secret_link', secret_link: true });
    const secret = new URL(link).searchParams.get('secret') ?? '';
    expect(text).not.toContain(secret);
    const [row] = await app.ctx.db.query<{ text: string }>(
      'select i::text as text from invitation i where invite_uuid = $1',
      [id],
    );
    expect(row?.text).not.toContain(secret);
    const events = await app.api('GET', `/api/v3/events/events/?ordering=-created&page_size=100`);
    expect(events.text).not.toContain(secret);
    expect(JSON.stringify(app.logged)).not.toContain(secret);
    for (const type of ['svg', 'png']) {
      const answer = await app.api('GET', `${INVITATIONS_URL}/${id}/qr.${type}`);
      expect([answer.status, answer.body.code]).toEqual([409, 'no_link']);
    }
  });

  test('is what new invitations get when the server says so, and may be refused', async () => {
    const strict = await testApp({ env: { VESTIBULE_SECRET_LINKS: 'true' } });
    const by = (json: object) => strict.api('POST', INVITATIONS_URL, { name: 'one', flow: FLOW, ...json });
    expect((await by({})).body.secret_link).toBe(true);
    expect((await by({ secret_link: false })).body.secret_link).toBe(false);
  });

  test('is what those get that give groups or roles, unless server or caller say otherwise', async () => {
    const lax = await testApp({ env: { VESTIBULE_SECRET_LINKS: 'false' } });
    for (const [of, byDefault] of [
      [app, true],
      [lax, false],
    ] as const) {
      const group = (await of.api('POST', '/api/v3/core/groups/', { name: 'given' })).body.pk;
      const role = (await of.api('POST', '/api/v3/rbac/roles/', { name: 'given' })).body.pk;
      const by = async (json: object) =>
        (await of.api('POST', INVITATIONS_URL, { name: 'one', flow: FLOW, ...json })).body.secret_link;
      expect(await by({})).toBe(false);
      expect([await by({ groups: [group] }), await by({ roles: [role] })]).toEqual([byDefault, byDefault]);
      expect(await by({ groups: [group], secret_link: false })).toBe(false);
      expect(await by({ secret_link: true })).toBe(true);
    }
  });

  test('is made anew by rotate, which shuts the old one, and ended by a plain one', async () => {
    const { id, link } = await made({ secret_link: true, flow: FLOW });
    const rotated = await act(id, 'rotate?include=qr_svg', { link: 'secret' });
    expect(rotated.body.link).not.toBe(link);
    expect(modulesOf(rotated.body.qr_svg)).toEqual(encode(rotated.body.link, { border: 4, ecc: 'M' }).data);
    expect(rotated.body.qr_svg.length).toBeLessThan(6000);
    expect(rotated.body.code).toBeNull();
    const plain = await act(id, 'rotate', { link: 'plain' });
    expect(plain.body).toMatchObject({ secret_link: false, link: `http://localhost/if/flow/${FLOW}/?itoken=${id}` });
  });
});

describe('a code', () => {
  test('has unambiguous letters and at least 40 bits, is shown once, and is stored as a keyed hash', async () => {
    const { id, code } = await made();
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    const [row] = await app.ctx.db.query<{ code_hash: Buffer }>(
      'select code_hash from invitation where invite_uuid = $1',
      [id],
    );
    expect(row?.code_hash.length).toBe(32);
    expect((await read(id)).text).not.toContain(code);
  });

  test('is made anew, and taken away, by rotate', async () => {
    const { id, code } = await made();
    const renewed = await act(id, 'rotate', { code: 'new' });
    expect(renewed.body.code).toMatch(/-/);
    expect(renewed.body.code).not.toBe(code);
    expect((await act(id, 'rotate', { code: 'none' })).body).toMatchObject({ has_code: false, code: null });
    expect((await act(id, 'rotate', {})).status).toBe(422);
  });

  test('is not made when it is not wanted', async () => {
    expect(await made({ with_code: false })).toMatchObject({ code: null, has_code: false });
  });

  test('of an idempotent create is the same when the request is sent again', async () => {
    const send = () =>
      app.api('POST', INVITATIONS_URL, { name: 'idempotent' }, { headers: { 'idempotency-key': 'create-once' } });
    const [first, second] = [await send(), await send()];
    expect(first.status).toBe(201);
    expect(second.body).toEqual(first.body);
    const [row] = await app.ctx.db.query<{ body: Buffer }>(
      `select body from idempotent_answer where key = 'create-once'`,
    );
    expect(row?.body.toString('latin1')).not.toContain(first.body.code);
  });
});

describe('a change', () => {
  test('of single use in v3 alone is noted like every other, and none where nothing changes', async () => {
    const { id } = await made({ max_uses: 1 });
    const { changed: before } = (await read(id)).body;
    const single = (to: boolean) => app.api('PATCH', `${V3_URL}${id}/`, { single_use: to });
    expect((await single(true)).status).toBe(200);
    expect((await read(id)).body.changed).toBe(before);
    expect((await single(false)).status).toBe(200);
    expect(Date.parse((await read(id)).body.changed)).toBeGreaterThan(Date.parse(before));
  });

  test('needs the ETag of what was read, and is seen in v3', async () => {
    const { id } = await made({ message: 'before' });
    const { etag } = (await read(id)).headers;
    expect((await patch(id, { message: 'x' }, {})).status).toBe(428);
    const changed = await patch(id, { message: 'after', max_uses: 1 }, { 'if-match': String(etag) });
    expect(changed.body).toMatchObject({ message: 'after', single_use: true });
    expect((await patch(id, { message: 'x' }, { 'if-match': String(etag) })).status).toBe(412);
    expect((await app.api('GET', `${V3_URL}${id}/`)).body.single_use).toBe(true);
  });

  test('takes values away with null, merges fixed data, and leaves the rest as it was', async () => {
    const { id } = await made({ fixed_data: { a: 1, b: { c: 2 } }, message: 'kept', expires: '2040-01-01T00:00:00Z' });
    const { body } = await patch(id, { expires: null, fixed_data: { a: null, b: { d: 3 } }, message: undefined });
    expect(body).toMatchObject({ expires: null, fixed_data: { b: { c: 2, d: 3 } }, message: 'kept' });
    expect(body.fixed_data).not.toHaveProperty('a');
  });

  test('of what nobody may set is a problem that names it', async () => {
    const { id } = await made();
    expect(pointers(await patch(id, { state: 'used_up', id: 'x', created_by: 1 })).toSorted()).toEqual([
      '/created_by',
      '/id',
      '/state',
    ]);
  });

  test('writes one event with what changed, by whom', async () => {
    const { id } = await made({ message: 'before' });
    await patch(id, { message: 'after' });
    const { items } = (await app.api('GET', `${INVITATIONS_URL}/${id}/events`)).body;
    expect(items.map(({ action, username }: { action: string; username: string }) => [action, username])).toEqual([
      ['model_updated', 'akadmin'],
      ['model_created', 'akadmin'],
    ]);
    const event = (await app.api('GET', `/api/v3/events/events/${items[0].id}/`)).body;
    expect(event.context.diff).toEqual({ message: { previous_value: 'before', new_value: 'after' } });
  });
});
