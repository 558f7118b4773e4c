import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { importInvitations } from '../../src/features/stages/invitation/v1/bulk/run.ts';
import { testApp } from '../app.ts';

const app = await testApp();
const URL_ = '/api/vestibule/v1/invitations';
const FIGURES = '/api/vestibule/v1/invitation-statistics';
const FLOW = 'invitation-enrollment-flow';
const VIEW = 'authentik_stages_invitation.view_invitation';

const ids: string[] = [];
beforeAll(async () => {
  await app.ctx.db.query('delete from invitation');
  for (const json of [
    { flow: FLOW },
    { flow: FLOW, message: '=1+1, "quoted"\nsecond line' },
    { message: '\uff1d1+1' },
  ]) {
    ids.push((await app.api('POST', URL_, { name: 'figure', recipients: ['a@example.org'], ...json })).body.id);
  }
  const [first, second, third] = ids;
  const { query } = app.ctx.db;
  await query(
    `update invitation set created = '2026-01-05T00:00:00Z', sent = '2026-01-05T00:00:00Z' where invite_uuid = $1`,
    [first ?? ''],
  );
  await query(`update invitation set created = '2026-01-11T23:59:59Z' where invite_uuid = $1`, [second ?? '']);
  await query(`update invitation set created = '2026-01-12T00:00:00Z' where invite_uuid = $1`, [third ?? '']);
  await query(
    `insert into invitation_use (invitation, used) values ($1, '2026-01-05T01:00:00Z'), ($1, '2026-01-06T00:00:00Z')`,
    [first ?? ''],
  );
  await query(`insert into invitation_use (invitation, used) values ($1, '2026-01-12T00:00:09Z')`, [second ?? '']);
  await query(`insert into invitation_opening (invitation, day) values ($1, '2026-01-05'), ($1, '2026-01-06')`, [
    first ?? '',
  ]);
});

describe('the statistics', () => {
  test('count what was made, sent, opened and used, and how long the half took, by flow and by week', async () => {
    const { body } = await app.api('GET', FIGURES);
    const both = { created: 2, sent: 1, opened: 1, used: 2, uses: 3, median_seconds_to_use: 1805 };
    const none = { created: 1, sent: 0, opened: 0, used: 0, uses: 0, median_seconds_to_use: null };
    expect(body).toEqual({
      all: { ...both, created: 3 },
      by_flow: [
        { flow: FLOW, ...both },
        { flow: null, ...none },
      ],
      by_week: [
        { week: '2026-01-05', ...both },
        { week: '2026-01-12', ...none },
      ],
    });
  });

  test('are of a time, of a flow, and of what the caller may view', async () => {
    const of = async (query: string, token?: string) =>
      (await app.api('GET', `${FIGURES}?${query}`, undefined, token === undefined ? {} : { token })).body.all?.created;
    expect(await of('from=2026-01-05T00:00:01Z&to=2026-01-12T00:00:00Z')).toBe(1);
    expect(await of(`flow=${FLOW}`)).toBe(2);
    expect(await of('from=2030-01-01T00:00:00Z')).toBe(0);
    const one = await buildAccount(app.ctx, { objects: [[VIEW, ids[0] ?? '']] });
    expect(await of('', one.token)).toBe(1);
    const none = await buildAccount(app.ctx);
    expect((await app.api('GET', FIGURES, undefined, { token: none.token })).status).toBe(403);
  });
});

describe('the export', () => {
  test('is all of a filter as JSON, as the list shows it', async () => {
    const listed = (await app.api('GET', URL_)).body.items;
    expect((await app.api('GET', `${URL_}/export.json`)).body).toEqual(listed);
    expect((await app.api('GET', `${URL_}/export.json?flow=${FLOW}`)).body.length).toBe(2);
    expect((await app.api('GET', `${URL_}/export.json?limit=1`)).status).toBe(422);
  });

  test('T14 as CSV has the links that the list shows, and none of a secret one or one that has ended', async () => {
    const secret = (await app.api('POST', URL_, { name: 'secret', flow: FLOW, secret_link: true })).body;
    const over = (await app.api('POST', URL_, { name: 'over', flow: FLOW })).body;
    await app.api('POST', `${URL_}/${over.id}/revoke`);
    const [header = [], ...rows]: string[][] = parse((await app.api('GET', `${URL_}/export.csv`)).text);
    expect([header[0], header.at(-1)]).toEqual(['id', 'link']);
    const links = new Map(rows.map((row) => [row[0], row.at(-1)]));
    const listed: { id: string; link: string | null }[] = (await app.api('GET', URL_)).body.items;
    expect(links).toEqual(new Map(listed.map(({ id, link }) => [id, link ?? ''])));
    expect([links.get(secret.id), links.get(over.id)]).toEqual(['', '']);
    expect(links.get(ids[0])).toBe(`http://localhost/if/flow/${FLOW}/?itoken=${ids[0]}`);
    await app.ctx.db.query('delete from invitation where invite_uuid = any($1::uuid[])', [[secret.id, over.id]]);
  });

  test('T23 as CSV is read by an import again, and has no cell that a spreadsheet runs', async () => {
    const { text, headers } = await app.api('GET', `${URL_}/export.csv`);
    expect(headers['content-type']).toBe('text/csv');
    expect(text).toContain(`"'=1+1, ""quoted""\nsecond line"`);
    expect(text).toContain(`,'\uff1d1+1,`);
    const { status, body } = await app.api('POST', '/api/vestibule/v1/invitation-imports?mode=all', undefined, {
      payload: text,
      type: 'text/csv',
    });
    expect(status).toBe(202);
    await importInvitations.run(app.ctx, body.id);
    const rows = (await app.api('GET', `/api/vestibule/v1/invitation-imports/${body.id}/rows`)).body.items;
    expect(rows.map(({ state }: { state: string }) => state)).toEqual(['made', 'made', 'made']);
    const copy = (await app.api('GET', `${URL_}/${rows[1].invitation}`)).body;
    const original = (await app.api('GET', `${URL_}/${ids[1]}`)).body;
    for (const key of ['name', 'flow', 'message', 'recipients', 'reminders', 'fixed_data', 'secret_link'])
      expect(copy[key]).toEqual(original[key]);
    expect([copy.link !== original.link, text.includes(original.link)]).toEqual([true, true]);
    const messages = await Promise.all(
      rows.map(async (row: { invitation: string }) => (await app.api('GET', `${URL_}/${row.invitation}`)).body.message),
    );
    expect(messages).toContain('\uff1d1+1');
  });
});
