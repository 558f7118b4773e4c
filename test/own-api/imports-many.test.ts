import { expect, test } from 'vitest';
import { importInvitations } from '../../src/features/stages/invitation/v1/bulk/run.ts';
import { testApp } from '../app.ts';

const app = await testApp();
const IMPORTS = '/api/vestibule/v1/invitation-imports';
const INVITATIONS = '/api/vestibule/v1/invitations';
const FLOW = 'invitation-enrollment-flow';
const ROWS = 300;
/** Rows with a fault, by their place from 1; the line is one more, for the header. */
const NO_FLOW = 150;
const BAD_NAME = 230;

const { ctx } = app;
const read = async (id: string) => (await app.api('GET', `${IMPORTS}/${id}`)).body;
const rowsOf = async (id: string) => {
  const items = [];
  for (let cursor = ''; ;) {
    const { body } = await app.api('GET', `${IMPORTS}/${id}/rows?limit=100${cursor}`);
    items.push(...body.items);
    if (body.next === null) return items;
    cursor = `&cursor=${body.next}`;
  }
};
const total = async (from: string): Promise<number> =>
  (await ctx.db.query<{ n: number }>(`select count(*)::integer as n from ${from}`))[0]?.n ?? 0;
const made = () => total('invitation');
const told = () => total(`event where action = 'model_created' and model_name = 'invitation'`);

const csv = (faults: boolean): string =>
  [
    'name,flow,email,max_uses',
    ...Array.from({ length: ROWS }, (_, at) => {
      const flow = faults && at + 1 === NO_FLOW ? 'no-such-flow' : FLOW;
      const name = faults && at + 1 === BAD_NAME ? 'b a d' : `guest-${at}`;
      return `${name},${flow},guest-${at}@example.org,1`;
    }),
  ].join('\r\n');

const json = (faults: boolean): object[] =>
  Array.from({ length: ROWS }, (_, at) => ({
    name: faults && at + 1 === BAD_NAME ? 'b a d' : `guest-${at}`,
    flow: faults && at + 1 === NO_FLOW ? 'no-such-flow' : FLOW,
    max_uses: 1,
    fixed_data: { email: `guest-${at}@example.org` },
  }));

async function imported(file: string | object[], query: string): Promise<string> {
  const sent =
    typeof file === 'string'
      ? await app.api('POST', `${IMPORTS}?${query}`, undefined, { payload: file, type: 'text/csv' })
      : await app.api('POST', `${IMPORTS}?${query}`, file);
  expect(sent.status).toBe(202);
  await importInvitations.run(ctx, sent.body.id);
  return sent.body.id;
}

test.each([
  ['a transaction a row', 'mode=each', ROWS - 2],
  ['a transaction a row, only tried', 'mode=each&dry_run=true', 0],
  ['all or none', 'mode=all', 0],
  ['all or none, only tried', 'mode=all&dry_run=true', 0],
])('a broken row among many is named by line and column (%s)', async (_name, query, count) => {
  for (const file of [csv(true), json(true)]) {
    const before = [await made(), await told()];
    const id = await imported(file, query);
    expect(await read(id)).toMatchObject({ state: 'done', total: ROWS, done: ROWS, failed: 2 });
    expect([await made(), await told()]).toEqual(before.map((n) => n + count));
    const rows = await rowsOf(id);
    const isCsv = typeof file === 'string';
    expect(rows.filter(({ state }) => state === 'failed')).toMatchObject([
      {
        row: NO_FLOW,
        line: isCsv ? NO_FLOW + 1 : null,
        errors: [{ pointer: '/flow', column: 'flow', code: 'not_found' }],
      },
      { row: BAD_NAME, line: isCsv ? BAD_NAME + 1 : null, errors: [{ pointer: '/name', column: 'name' }] },
    ]);
    const others = query.includes('all') ? 'undone' : query.includes('dry') ? 'valid' : 'made';
    expect(rows.filter(({ state }) => state === others)).toHaveLength(ROWS - 2);
  }
});

test('many good rows are all made, each once, with a link and an event of its own', async () => {
  for (const query of ['mode=each', 'mode=all']) {
    const before = [await made(), await told()];
    const rows = await rowsOf(await imported(csv(false), query));
    expect([await made(), await told()]).toEqual(before.map((n) => n + ROWS));
    expect(new Set(rows.map(({ invitation }) => invitation)).size).toBe(ROWS);
    expect(new Set(rows.map(({ code }) => code)).size).toBe(ROWS);
    for (const { link, invitation } of rows) expect(link).toContain(invitation);
  }
});

test.each(['each', 'all'])(
  'the same key again changes nothing, also while the first run is going on (%s)',
  async (mode) => {
    const before = [await made(), await told()];
    const headers = { 'idempotency-key': `many-${mode}` };
    const send = (file: object) => app.api('POST', `${IMPORTS}?mode=${mode}`, file, { headers });
    const first = await send(json(false));
    const running = importInvitations.run(ctx, first.body.id);
    const seen = await send(json(false));
    expect([seen.status, seen.body, seen.headers['idempotency-replayed']]).toEqual([202, first.body, 'true']);
    // The queue runs a job at least once: also beside itself.
    await Promise.all([running, importInvitations.run(ctx, first.body.id)]);
    expect((await send(json(false))).body).toEqual(first.body);
    await importInvitations.run(ctx, first.body.id);
    expect([await made(), await told()]).toEqual(before.map((n) => n + ROWS));
    expect(await total(`invitation_import_row where import = '${first.body.id}' and state = 'made'`)).toBe(ROWS);
    const other = await send(json(true));
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  },
);

test('of two that send the same key at once, one import is made', async () => {
  const before = await total('invitation_import');
  const headers = { 'idempotency-key': 'at-once' };
  const answers = await Promise.all([1, 2].map(() => app.api('POST', IMPORTS, json(false), { headers })));
  expect(answers.map(({ status }) => status)).toContain(202);
  expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
  expect(await total('invitation_import')).toBe(before + 1);
});

test('the event of a new invitation tells all that it shows', async () => {
  const group = (await app.api('POST', '/api/v3/core/groups/', { name: 'guests' })).body.pk;
  const other = (await app.api('POST', '/api/v3/core/groups/', { name: 'others' })).body.pk;
  const role = (await app.api('POST', '/api/v3/rbac/roles/', { name: 'guest' })).body.pk;
  const input = {
    name: 'whole',
    expires: '2090-01-01T00:00:00.25+02:00',
    fixed_data: { email: 'ann@example.org', attributes: { token: 'hidden' } },
    locked: true,
    flow: FLOW,
    max_uses: 3,
    groups: [group, other, group],
    roles: [role],
    restrict_to: ['ann@example.org', '@example.com'],
    account_expires: 'P7D',
    approval: true,
    message: 'Hello',
    message_format: 'markdown',
    language: 'de',
    on_behalf_of: 'The team',
    redirect: '/if/user/',
    recipients: ['ann@example.org'],
    reminders: [{ when: 'after_sending', duration: 'P3D' }],
  };
  const { status, body } = await app.api('POST', INVITATIONS, input);
  expect(status).toBe(201);
  const shown = (await app.api('GET', `${INVITATIONS}/${body.id}`)).body;
  const [event] = await ctx.db.query<{ context: { model: object; diff: Record<string, { new_value: unknown }> } }>(
    `select context from event where model_pk = $1`,
    [body.id.replaceAll('-', '')],
  );
  expect(event?.context.model).toEqual({
    app: 'authentik_stages_invitation',
    model_name: 'invitation',
    pk: body.id.replaceAll('-', ''),
    name: `Invitation ${body.id} created by akadmin`,
  });
  expect(event?.context).toHaveProperty('http_request');
  const tells = Object.fromEntries(
    Object.keys(input).map((key) => [key, event?.context.diff[key]?.new_value] as const),
  );
  const shows = Object.fromEntries(Object.keys(input).map((key) => [key, shown[key]] as const));
  const masked = { email: 'ann@example.org', attributes: { token: '********************' } };
  expect(tells).toEqual({ ...shows, fixed_data: masked });
  expect(Object.keys(event?.context.diff ?? {}).toSorted()).toEqual(Object.keys(input).toSorted());
});
