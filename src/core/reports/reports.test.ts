import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';
import { lineOf } from './csv.ts';
import { isLonger } from './store.ts';
import { purgeExports, writeExport } from './tasks.ts';

const EXPORTS = '/api/v3/reports/exports/';
const EXPORT = '/api/v3/events/events/export/';
const may = ['authentik_reports.add_dataexport', 'authentik_reports.view_dataexport', 'authentik_events.view_event'];

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});
beforeEach(async () => {
  await app.ctx.db.query('delete from data_export');
  await app.ctx.db.query('delete from event');
});

/** Events of nobody in particular, as many as asked for. */
async function fill(count: number, name = 'export'): Promise<void> {
  await app.ctx.db.query(
    `insert into event (action, app, user_data, context, created)
     select 'login', $1, '{"pk": 1, "username": "ann"}', jsonb_build_object('n', n),
       '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' from generate_series(1, $2) n`,
    [name, count],
  );
}

type Options = { readonly token?: string | null };
const ask = async (query = '', options: Options = {}) => app.api('POST', `${EXPORT}${query}`, undefined, options);
const file = (id: string, options: Options = {}) => app.api('GET', `/reports/files/${id}/`, undefined, options);

/** An export, worked off. */
async function made(query = '', options: Options = {}): Promise<string> {
  const { status, body } = await ask(query, options);
  expect(status).toBe(201);
  await writeExport.run(app.ctx, body.id);
  return body.id;
}

const lines = (text: string): string[] => text.split('\r\n').slice(0, -1);

describe('an export of events', () => {
  test('is asked for, made in the background, found at its address, and downloaded', async () => {
    await fill(3);
    const asked = await ask('?username=ann&ordering=created&actions=login&actions=logout&page=7');
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({
      requested_by: { username: 'akadmin' },
      content_type: {
        app_label: 'authentik_events',
        model: 'event',
        verbose_name_plural: 'Events',
        fully_qualified_model: 'authentik_events.event',
      },
      file_url: '',
      completed: false,
    });
    // Not the page: an export has them all.
    expect(asked.body.query_params).toEqual({ username: 'ann', ordering: 'created', actions: ['login', 'logout'] });
    const address = String(asked.headers['location']);
    expect((await app.api('GET', address)).body).toEqual(asked.body);
    expect((await file(asked.body.id)).status).toBe(404);

    await writeExport.run(app.ctx, asked.body.id);
    const { body } = await app.api('GET', address);
    expect(body).toMatchObject({ completed: true, file_url: `/reports/files/${asked.body.id}/` });
    const download = await app.api('GET', body.file_url);
    expect(download.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-length': String(Buffer.byteLength(download.text)),
      'cache-control': 'no-store',
    });
    const [head, ...rows] = lines(download.text);
    expect(head).toBe('pk,user,action,app,context,client_ip,created,expires,brand');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(
      /^[\da-f-]{36},"{""pk"":1,""username"":""ann""}",login,export,"{""n"":1}",,2026-01-01T00:00:01Z,/,
    );
    const [told] = await app.ctx.db.query(`select * from event where action = 'export_ready'`);
    expect(told).toMatchObject({ user_data: { username: 'akadmin' }, context: { export: { pk: body.id } } });
  });

  test('has the rows of the list, all of them, in its order, in several parts', async () => {
    await fill(4_001);
    await fill(5, 'other');
    const id = await made('?username=ann&search=export&ordering=-created');
    const [, ...rows] = lines((await file(id)).text);
    expect(rows).toHaveLength(4_001);
    const numbers = rows.map((row) => Number(/""n"":(\d+)/.exec(row)?.[1]));
    expect(numbers).toEqual(Array.from({ length: 4_001 }, (_, index) => 4_001 - index));
  });

  test('is worked off once, however often the job runs', async () => {
    await fill(1);
    const id = await made();
    await fill(5);
    await Promise.all([writeExport.run(app.ctx, id), writeExport.run(app.ctx, id)]);
    expect(lines((await file(id)).text)).toHaveLength(2);
    expect(await app.ctx.db.query(`select 1 from event where action = 'export_ready'`)).toHaveLength(1);
  });

  test('with a bad filter is refused and leaves nothing', async () => {
    const answer = await ask('?actions=banana');
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['actions']]);
    expect(await app.ctx.db.query('select 1 from data_export')).toEqual([]);
  });

  test('of more rows than are allowed is refused', async () => {
    await fill(3);
    const list = { clause: 'from event t where t.app = $1', values: ['export'] };
    expect([await isLonger(app.ctx.db, list, 2), await isLonger(app.ctx.db, list, 3)]).toEqual([true, false]);
  });

  test('is one of at most ten of the same user', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask()));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(10).fill(201), 400, 400]);
    const { token } = await buildAccount(app.ctx, { permissions: may });
    expect((await ask('', { token })).status).toBe(201);
  });

  test('masks nothing away and nothing in: what looks like a formula becomes a text (T23)', () => {
    expect(lineOf(['\uff1d1+1', '\n=1'])).toBe(`'\uff1d1+1,"'\n=1"\r\n`);
    expect(lineOf(['=1+1', 'a,b', 'say "x"', null, true, -1, ['l', 1], 'two\nlines'])).toBe(
      `'=1+1,"a,b","say ""x""",,true,-1,"[""l"",1]","two\nlines"\r\n`,
    );
  });

  test('is deleted after a week, its file with it, and at once by who may', async () => {
    await fill(1);
    const [old, young] = [await made(), await made()];
    await app.ctx.db.query(`update data_export set requested_on = now() - interval '8 days' where id = $1`, [old]);
    await purgeExports.run(app.ctx, null);
    expect((await app.api('GET', `${EXPORTS}${old}/`)).status).toBe(404);
    expect((await app.api('GET', EXPORTS)).body.results).toMatchObject([{ id: young }]);
    expect((await app.api('DELETE', `${EXPORTS}${young}/`)).status).toBe(204);
    expect(await app.ctx.db.query('select 1 from data_export_part')).toEqual([]);
  });
});

describe('the rights', () => {
  test('to ask and to see the events are both needed, from the request to the download (A15)', async () => {
    await fill(1);
    const [add = '', view = '', events = ''] = may;
    const status = async (permissions: string[]) => {
      const { token } = await buildAccount(app.ctx, { permissions });
      return (await ask('', { token })).status;
    };
    expect([await status([add, view]), await status([view, events]), await status(may)]).toEqual([403, 403, 201]);
    expect((await ask('', { token: null })).status).toBe(403);

    const owner = await buildAccount(app.ctx, { permissions: may });
    const id = await made('', owner);
    expect((await file(id, owner)).status).toBe(200);
    expect((await file(id, { token: null })).status).toBe(403);
    const stranger = await buildAccount(app.ctx, { permissions: [events] });
    const blind = await buildAccount(app.ctx, { permissions: [view] });
    const auditor = await buildAccount(app.ctx, { permissions: [view, events] });
    const answers = await Promise.all([stranger, blind, auditor].map((by) => file(id, by)));
    expect(answers.map((answer) => answer.status)).toEqual([403, 403, 200]);
  });

  test('that were lost before the file was made leave no file', async () => {
    await fill(1);
    const owner = await buildAccount(app.ctx, { permissions: may });
    const { body } = await ask('', owner);
    await app.ctx.db.query('delete from role_permission p using user_roles u where u.user_id = $1', [owner.id]);
    await writeExport.run(app.ctx, body.id);
    expect((await app.api('GET', `${EXPORTS}${body.id}/`)).status).toBe(404);
  });

  test('of a user who is deleted go with their exports', async () => {
    const owner = await buildAccount(app.ctx, { permissions: may });
    const id = await made('', owner);
    await app.ctx.db.query('delete from users where id = $1', [owner.id]);
    expect((await app.api('GET', `${EXPORTS}${id}/`)).status).toBe(404);
  });
});

test('an export of users has what their list shows, and no secret', async () => {
  await buildAccount(app.ctx, { username: 'exported', name: '=cmd()' });
  const asked = await app.api('POST', '/api/v3/core/users/export/?username=exported');
  expect(asked.status).toBe(201);
  await writeExport.run(app.ctx, asked.body.id);
  const [head = '', row = '', ...rest] = lines((await file(asked.body.id)).text);
  expect(rest).toEqual([]);
  expect(head.startsWith('pk,username,name,is_active,')).toBe(true);
  expect(row).toContain("exported,'=cmd(),true,");
  expect(head).not.toContain('password_hash');
});
