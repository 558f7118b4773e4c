import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { importInvitations, purgeImports } from '../../src/features/stages/invitation/v1/bulk/run.ts';
import { testApp } from '../app.ts';

const app = await testApp();
const URL_ = '/api/vestibule/v1/invitation-imports';
const INVITATIONS = '/api/vestibule/v1/invitations';
const FLOW = 'invitation-enrollment-flow';
const ADD = 'authentik_stages_invitation.add_invitation';

type Options = { query?: string; token?: string; headers?: Record<string, string> };

const send = (json: unknown, { query = '', ...options }: Options = {}) =>
  app.api('POST', `${URL_}${query}`, json, options);
const sendCsv = (payload: string, query = '') =>
  app.api('POST', `${URL_}${query}`, undefined, { payload, type: 'text/csv; charset=utf-8' });
const read = async (id: string) => (await app.api('GET', `${URL_}/${id}`)).body;
const rowsOf = async (id: string) => (await app.api('GET', `${URL_}/${id}/rows?limit=100`)).body.items;
const count = async (): Promise<number> =>
  (await app.ctx.db.query<{ n: number }>('select count(*)::integer as n from invitation'))[0]?.n ?? 0;

async function finished(json: unknown, query = ''): Promise<string> {
  const { status, body } = typeof json === 'string' ? await sendCsv(json, query) : await send(json, { query });
  expect(status).toBe(202);
  expect(body).toMatchObject({ state: 'waiting', done: 0 });
  await importInvitations.run(app.ctx, body.id);
  return body.id;
}

const three = [
  { name: 'one', flow: FLOW, secret_link: true },
  { name: 'b a d' },
  { name: 'three', groups: ['x'] },
  { name: 'four' },
];

describe('an import', () => {
  test('makes every good row and says of the others what is wrong, by row and field', async () => {
    const before = await count();
    const id = await finished(three);
    expect(await read(id)).toMatchObject({ state: 'done', total: 4, done: 4, failed: 2 });
    expect(await count()).toBe(before + 2);
    const rows = await rowsOf(id);
    expect(rows.map(({ state }: { state: string }) => state)).toEqual(['made', 'failed', 'failed', 'made']);
    expect(rows[1].errors).toMatchObject([{ pointer: '/name', column: 'name', code: 'wrong_form' }]);
    expect(rows[2].errors).toMatchObject([{ pointer: '/groups/0', column: 'groups' }]);
    expect(rows[0].code).toMatch(/-/);
    expect(new URL(rows[0].link).searchParams.get('secret')).toHaveLength(32);
    expect((await app.api('GET', `${INVITATIONS}/${rows[0].invitation}`)).body).toMatchObject({
      name: 'one',
      state: 'pending',
    });
  });

  test('takes rows of an export as they are, and makes new invitations of them', async () => {
    const written = {
      name: 'exported',
      flow: FLOW,
      max_uses: 1,
      secret_link: true,
      fixed_data: { attributes: { a: [1] } },
    };
    const { id } = (await app.api('POST', INVITATIONS, written)).body;
    const exported = (await app.api('GET', `${INVITATIONS}/export.json?q=exported`)).body;
    const [row] = await rowsOf(await finished(exported));
    expect(row).toMatchObject({ state: 'made', errors: [] });
    expect(row.invitation).not.toBe(id);
    expect((await app.api('GET', `${INVITATIONS}/${row.invitation}`)).body).toMatchObject({ ...written, uses: 0 });
  });

  test('reads lines of a CSV whichever way each of them ends', async () => {
    const rows = await rowsOf(await finished('name,message\r\nends-a,\r\nends-b,"x\r\ny"\nends-c,\n', '?dry_run=true'));
    expect(rows.map(({ state }: { state: string }) => state)).toEqual(['valid', 'valid', 'valid']);
    expect(rows.map(({ line }: { line: number }) => line)).toEqual([2, 3, 5]);
  });

  test('names a row of several lines by its first', async () => {
    const rows = await rowsOf(await finished('name,message\n"b a d","x\r\ny\nz"\n\n"b a d",\n', '?dry_run=true'));
    expect(rows.map(({ line }: { line: number }) => line)).toEqual([2, 6]);
  });

  test('reads a CSV whose cells are separated by semicolons, as some spreadsheets write it', async () => {
    const id = await finished('name;restrict_to;message\nsemi;"@example.org;ann@example.com";Hello, you\n');
    const [row] = await rowsOf(id);
    expect((await app.api('GET', `${INVITATIONS}/${row.invitation}`)).body).toMatchObject({
      name: 'semi',
      restrict_to: ['@example.org', 'ann@example.com'],
      message: 'Hello, you',
    });
  });

  test('refuses what only the server says in a row that was written, and a changed single_use', async () => {
    const [exported] = (await app.api('GET', `${INVITATIONS}/export.json?q=exported`)).body;
    const items = [
      { name: 'written', single_use: true },
      { ...exported, single_use: false },
    ];
    const rows = await rowsOf(await finished(items));
    for (const { errors } of rows) expect(errors).toMatchObject([{ pointer: '/single_use', code: 'unknown' }]);
  });

  test('of all or none makes none when one row is wrong, and all when none is', async () => {
    const before = await count();
    const id = await finished(three, '?mode=all');
    expect(await count()).toBe(before);
    expect((await rowsOf(id)).map(({ state }: { state: string }) => state)).toEqual([
      'undone',
      'failed',
      'failed',
      'undone',
    ]);
    await finished([{ name: 'a' }, { name: 'b' }], '?mode=all');
    expect(await count()).toBe(before + 2);
  });

  test.each(['each', 'all'])('that is only tried (%s) makes nothing and says what would be wrong', async (mode) => {
    const before = await count();
    const id = await finished(three, `?dry_run=true&mode=${mode}`);
    expect(await count()).toBe(before);
    expect(await read(id)).toMatchObject({ state: 'done', failed: 2, dry_run: true });
    const states = (await rowsOf(id)).map(({ state }: { state: string }) => state);
    expect(states).toEqual(
      mode === 'each' ? ['valid', 'failed', 'failed', 'valid'] : ['undone', 'failed', 'failed', 'undone'],
    );
  });

  test('goes on where it stopped, and makes no row twice', async () => {
    const { id } = (await send([{ name: 'r-1' }, { name: 'r-2' }, { name: 'r-3' }])).body;
    await app.ctx.db.query(`update invitation_import_row set state = 'made' where import = $1 and position = 1`, [id]);
    const before = await count();
    await importInvitations.run(app.ctx, id);
    await importInvitations.run(app.ctx, id);
    expect(await count()).toBe(before + 2);
  });

  test('sent again with the same key is the same import', async () => {
    const headers = { 'idempotency-key': 'import-once' };
    const [first, second] = [await send(three, { headers }), await send(three, { headers })];
    expect(second.body).toEqual(first.body);
    await importInvitations.run(app.ctx, first.body.id);
    const before = await count();
    await importInvitations.run(app.ctx, first.body.id);
    expect(await count()).toBe(before);
  });

  test('is nobody else’s, needs the right to invite, and fails when that was taken away meanwhile', async () => {
    const owner = await buildAccount(app.ctx, { permissions: [ADD] });
    const other = await buildAccount(app.ctx, { permissions: [ADD] });
    const stranger = await buildAccount(app.ctx);
    expect((await send(three, { token: stranger.token })).status).toBe(403);
    const { id } = (await send([{ name: 'mine' }], { token: owner.token })).body;
    for (const path of ['', '/rows', '/result.csv']) {
      expect((await app.api('GET', `${URL_}/${id}${path}`, undefined, { token: other.token })).status).toBe(404);
      expect((await app.api('GET', `${URL_}/${id}${path}`)).status).toBe(404);
    }
    await app.ctx.db.query('update users set is_active = false where id = $1', [owner.id]);
    const before = await count();
    await importInvitations.run(app.ctx, id);
    expect(await count()).toBe(before);
    const [row] = await app.ctx.db.query<{ state: string }>(
      'select state from invitation_import where import_uuid = $1',
      [id],
    );
    expect(row?.state).toBe('failed');
  });

  test('of something else than rows is a problem', async () => {
    expect((await send({})).status).toBe(422);
    expect((await send([])).status).toBe(422);
    expect((await send(Array.from({ length: 10_001 }, () => ({})))).status).toBe(422);
    expect((await app.api('POST', URL_, undefined, { payload: '[', type: 'application/json' })).status).toBe(400);
    expect((await app.api('POST', URL_, undefined, { payload: 'a', type: 'text/plain' })).status).toBe(415);
    expect((await send(three, { query: '?mode=some' })).status).toBe(422);
    const forbidden = await app.api('POST', URL_, undefined, { payload: '[{"fixed_data":{"__proto__":{}}}]' });
    expect([forbidden.status, forbidden.body.errors[0].pointer]).toEqual([422, '/0/fixed_data/__proto__']);
  });

  test('keeps its links and codes sealed, and for a day', async () => {
    const id = await finished([{ name: 'sealed', secret_link: true, flow: FLOW }]);
    const [row] = await rowsOf(id);
    const [stored] = await app.ctx.db.query<{ secrets: Buffer }>(
      'select secrets from invitation_import_row where import = $1',
      [id],
    );
    expect(stored?.secrets.toString('latin1')).not.toContain(row.code);
    await app.ctx.db.query(`update invitation_import set finished = now() - interval '2 days' where import_uuid = $1`, [
      id,
    ]);
    await purgeImports.run(app.ctx, null);
    expect((await rowsOf(id))[0]).toMatchObject({ link: null, code: null, state: 'made' });
  });
});

describe('an import that was cut short', () => {
  /** One whose process died after its first row, so long ago. */
  async function cutShort(begun: string): Promise<string> {
    const id = await finished(['cut', 'short'].map((name) => ({ name, secret_link: true, flow: FLOW })));
    const { db } = app.ctx;
    await db.query(
      `update invitation_import set state = 'running', finished = null, created = now() - interval '3 days',
         begun = now() - $2::interval where import_uuid = $1`,
      [id, begun],
    );
    await db.query(
      `update invitation_import_row set state = 'waiting', invitation = null, secrets = null
       where import = $1 and position = 2`,
      [id],
    );
    await purgeImports.run(app.ctx, null);
    return id;
  }

  test('keeps its links and codes for a day as well', async () => {
    const id = await cutShort('25 hours');
    expect(await rowsOf(id)).toMatchObject([
      { link: null, code: null, state: 'made' },
      { code: null, state: 'waiting' },
    ]);
  });

  test('has them still where it was begun less than a day ago, and all of them when it goes on', async () => {
    const id = await cutShort('23 hours');
    expect(await rowsOf(id)).toMatchObject([{ code: expect.stringMatching(/-/) }, { code: null }]);
    await importInvitations.run(app.ctx, id);
    await purgeImports.run(app.ctx, null);
    const code = expect.stringMatching(/-/);
    expect(await rowsOf(id)).toMatchObject([
      { code, state: 'made' },
      { code, state: 'made' },
    ]);
  });

  test('is not taken for one while it waited for days and is at work now', async () => {
    const { body } = await send([{ name: 'late' }]);
    await app.ctx.db.query(`update invitation_import set created = now() - interval '3 days' where import_uuid = $1`, [
      body.id,
    ]);
    await importInvitations.run(app.ctx, body.id);
    await app.ctx.db.query(`update invitation_import set state = 'running', finished = null where import_uuid = $1`, [
      body.id,
    ]);
    await purgeImports.run(app.ctx, null);
    expect(await rowsOf(body.id)).toMatchObject([{ code: expect.stringMatching(/-/) }]);
  });
});

describe('CSV', () => {
  test('is read by its header: lists, flags, numbers, e-mail, attributes, quotes, and a byte order mark', async () => {
    const csv =
      '\uFEFFname,email,attribute.team,max_uses,locked,restrict_to,message,expires\r\n' +
      'ann,ann@example.org,"Sales, EMEA",3,true,ann@example.org;@example.net,"line 1\nline 2",2040-01-01T00:00:00Z\r\n' +
      '\r\n' +
      'ben,,,,,,,\r\n';
    const id = await finished(csv);
    const rows = await rowsOf(id);
    expect(rows).toMatchObject([
      { row: 1, state: 'made' },
      { row: 2, state: 'made' },
    ]);
    expect((await app.api('GET', `${INVITATIONS}/${rows[0].invitation}`)).body).toMatchObject({
      fixed_data: { email: 'ann@example.org', attributes: { team: 'Sales, EMEA' } },
      max_uses: 3,
      locked: true,
      restrict_to: ['ann@example.org', '@example.net'],
      message: 'line 1\nline 2',
    });
    expect((await app.api('GET', `${INVITATIONS}/${rows[1].invitation}`)).body.fixed_data).toEqual({});
  });

  test('names the line and the column of what is wrong in a row', async () => {
    const id = await finished('name,max_uses\ngood,1\nbad,many\n"worse\n",2\n');
    const rows = await rowsOf(id);
    expect(rows.map(({ line, state }: { line: number; state: string }) => [line, state])).toEqual([
      [2, 'made'],
      [3, 'failed'],
      [4, 'failed'],
    ]);
    expect(rows[1].errors).toMatchObject([{ column: 'max_uses', code: 'wrong_type' }]);
  });

  test.each([
    ['each', ['made', 'failed', 'failed', 'made']],
    ['all', ['undone', 'failed', 'failed', 'undone']],
  ])(
    'of a row with too few or too many cells (%s) names it and the first that is missing or too many',
    async (mode, states) => {
      const id = await finished('name,email,max_uses\na,,1\nb\n"c\n",,1,,\nd,,1\n', `?mode=${mode}`);
      const rows = await rowsOf(id);
      expect(rows.map(({ state }: { state: string }) => state)).toEqual(states);
      const told = rows.slice(1, 3).map(({ row, line, errors }: { row: number; line: number; errors: object[] }) => ({
        row,
        line,
        errors,
      }));
      expect(told).toMatchObject([
        {
          row: 2,
          line: 3,
          errors: [{ column: 'email', code: 'wrong_form', detail: expect.stringContaining('missing') }],
        },
        { row: 3, line: 4, errors: [{ column: '4', code: 'wrong_form', detail: expect.stringContaining('too many') }] },
      ]);
      expect(told.map(({ errors }: { errors: object[] }) => errors.length)).toEqual([1, 1]);
      expect((await app.api('GET', `${URL_}/${id}/result.csv`)).text).toContain('email: ');
    },
  );

  test('judges the column email as an address, and names it with what else is wrong in the row', async () => {
    const id = await finished('name,email,max_uses\na,bad,1\nb,bad,many\nc,"ann@example.org, ben@example.org",\nd,,\n');
    const rows = await rowsOf(id);
    expect(rows.map(({ state }: { state: string }) => state)).toEqual(['failed', 'failed', 'failed', 'made']);
    const email = { pointer: '/fixed_data/email', column: 'email', code: 'wrong_form' };
    expect(rows[0].errors).toMatchObject([email]);
    expect(rows[1].errors).toMatchObject([email, { column: 'max_uses' }]);
    expect(rows[2].errors).toMatchObject([email]);
  });

  test('sends to the address of the column email, unless the row names recipients', async () => {
    const id = await finished(
      'name,email,recipients\na,ann@example.org,\nb,ben@example.org,cat@example.org;dan@example.org\nc,,\n',
    );
    const made = await Promise.all(
      (await rowsOf(id)).map(({ invitation }: { invitation: string }) =>
        app.api('GET', `${INVITATIONS}/${invitation}`),
      ),
    );
    expect(made.map(({ body }) => body.recipients)).toEqual([
      ['ann@example.org'],
      ['cat@example.org', 'dan@example.org'],
      [],
    ]);
    expect(made.map(({ body }) => body.sent)).toEqual([null, null, null]);
  });

  test.each([
    ['name,nothing\na,b\n', 'Line 1, column nothing'],
    ['name,name\na,b\n', 'Line 1, column name'],
    ['email\na@example.org\n', 'Line 1, column name'],
    ['name\n"a\n', 'Line'],
    ['name,attribute.__proto__\na,b\n', 'Line 1'],
    ['', 'Line 1'],
  ])('that is broken (%j) is a 422 that says where', async (csv, where) => {
    const answer = await sendCsv(csv);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain(where);
  });

  test('T23 the result has a row for each row, and no cell that a spreadsheet runs', async () => {
    const id = await finished([{ name: '-cmd' }, { name: '=1+1' }, { name: 'plain' }]);
    const { text, headers } = await app.api('GET', `${URL_}/${id}/result.csv`);
    expect(headers['content-type']).toBe('text/csv');
    const lines = text.trimEnd().split('\r\n');
    expect(lines.length).toBe(4);
    expect(lines[0]).toBe('row,line,state,id,name,link,code,problems');
    for (const line of lines) expect(line).not.toMatch(/(?:^|,)"?[=+\-@]/);
    expect(lines[1]).toContain(",'-cmd,");
  });
});
