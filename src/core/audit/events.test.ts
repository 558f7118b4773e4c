import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';

const EVENTS = '/api/v3/events/events/';
const PK = '6f0d2c5e-5c0f-4f43-9d0c-3f1f5f8f0a11';
const app = await testApp();

type Listed = { pagination: { count: number }; results: { [key: string]: unknown; app: string; created: string }[] };

async function list(query: string): Promise<Listed> {
  const answer = await app.api('GET', `${EVENTS}?${query}`);
  expect(answer.status).toBe(200);
  return answer.body;
}

async function make(body: object) {
  const answer = await app.api('POST', EVENTS, { action: 'configuration_warning', app: 'made', ...body });
  expect(answer.status).toBe(201);
  return answer.body;
}

beforeAll(async () => {
  await make({
    app: 'one',
    action: 'authorize_application',
    user: { pk: 7, username: 'ann', email: 'ann@example.org' },
    client_ip: '192.0.2.7',
    brand: { name: 'Blue' },
    context: {
      model: { app: 'toys', model_name: 'ball', pk: PK.replaceAll('-', ''), name: 'Ball' },
      authorized_application: { pk: 'app-1', name: 'Wiki' },
      device: { pk: 'd-1' },
    },
  });
  await make({ app: 'two', action: 'source_linked', user: { pk: 8, username: 'bob' }, client_ip: '2001:db8::1' });
  await make({
    app: 'three',
    action: 'authorize_application',
    user: { pk: 8, username: 'bob' },
    context: { authorized_application: { pk: 'app-1', name: 'Wiki' } },
  });
});

describe('an event on the wire', () => {
  test('has the schema’s keys in order and is found by its address', async () => {
    const made = await make({ user: { username: 'x' } });
    expect(Object.keys(made)).toEqual([
      'pk',
      'user',
      'action',
      'app',
      'context',
      'client_ip',
      'created',
      'expires',
      'brand',
    ]);
    expect(made).toMatchObject({ user: { username: 'x' }, context: {}, client_ip: null, brand: {} });
    const found = await app.api('GET', `${EVENTS}${made.pk}/`);
    expect([found.status, found.body]).toEqual([200, made]);
  });

  test('expires a year after it was written', async () => {
    const { created, expires } = await make({});
    expect((Date.parse(expires) - Date.parse(created)) / 86_400_000).toBe(365);
  });

  test('is changed and deleted by its address', async () => {
    const { pk } = await make({});
    const put = await app.api('PUT', `${EVENTS}${pk}/`, { action: 'email_sent', app: 'again' });
    expect([put.status, put.body.action, put.body.app]).toEqual([200, 'email_sent', 'again']);
    expect((await app.api('PATCH', `${EVENTS}${pk}/`, { app: 'third' })).body.app).toBe('third');
    expect((await app.api('DELETE', `${EVENTS}${pk}/`)).status).toBe(204);
    expect((await app.api('GET', `${EVENTS}${pk}/`)).status).toBe(404);
  });

  test.each([
    [{ action: 'tea_made' }, { action: ['"tea_made" is not a valid choice.'] }],
    [{ app: '' }, { app: ['This field may not be blank.'] }],
    [{ client_ip: 'nowhere' }, { client_ip: ['Enter a valid IPv4 or IPv6 address.'] }],
    [{ context: [] }, { context: ['Value must be a dictionary, and not have any duplicate keys.'] }],
  ])('%j is refused', async (part, faults) => {
    const { count } = (await list('')).pagination;
    const answer = await app.api('POST', EVENTS, { action: 'login', app: 'refused', ...part });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(faults);
    expect((await list('')).pagination.count).toBe(count);
  });

  test('keeps no secret that a client puts into it (T08)', async () => {
    const made = await make({ context: { nested: [{ password: 'planted', name: 'kept' }] } });
    expect(made.context).toEqual({ nested: [{ password: '********************', name: 'kept' }] });
  });

  test('shows text as text, whatever is in it (T23)', async () => {
    const markup = '<script>alert(1)</script>\u202e';
    const made = await make({ app: markup, user: { username: markup } });
    const answer = await app.api('GET', `${EVENTS}${made.pk}/`);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.body.app).toBe(markup);
  });
});

describe('the list', () => {
  test.each([
    ['action=source_linked', ['two']],
    ['actions=source_linked&actions=authorize_application', ['three', 'two', 'one']],
    ['client_ip=192.0.2.7', ['one']],
    ['username=ann', ['one']],
    ['brand_name=Blue', ['one']],
    ['context_model_app=toys', ['one']],
    ['context_model_name=ball', ['one']],
    [`context_model_pk=${PK}`, ['one']],
    [`context_model_pk=${PK.replaceAll('-', '').toUpperCase()}`, ['one']],
    ['context_authorized_app=app-1', ['three', 'one']],
    ['context_device=d-1', ['one']],
    ['search=2001:db8&actions=source_linked', ['two']],
    ['search=wiki&actions=authorize_application', ['three', 'one']],
    ['username=ann&action=source_linked', []],
  ])('?%s, newest first', async (query, apps) => {
    expect((await list(query)).results.map((event) => event.app)).toEqual(apps);
  });

  test('orders by what is asked for', async () => {
    const { results } = await list('actions=authorize_application&ordering=created');
    expect(results.map((event) => event.app)).toEqual(['one', 'three']);
  });

  test('an action that there is not is refused as a filter', async () => {
    const answer = await app.api('GET', `${EVENTS}?actions=tea_made`);
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['actions']]);
  });

  test('whoever has no permission sees none, neither list nor figures', async () => {
    const { token } = await buildAccount(app.ctx);
    for (const path of ['', 'actions/', 'volume/', 'top_per_user/', 'stats/?count_steps=days%3D1']) {
      expect((await app.api('GET', `${EVENTS}${path}`, undefined, { token })).status).toBe(403);
    }
    expect((await app.api('POST', EVENTS, { action: 'login', app: 'x' }, { token })).status).toBe(403);
  });
});

describe('figures', () => {
  test('actions are those that features write, each of the schema', async () => {
    const { body } = await app.api('GET', `${EVENTS}actions/`);
    const names = body.map(({ component }: { component: string }) => component);
    expect(names).toEqual(expect.arrayContaining(['login', 'login_failed', 'invitation_used', 'password_set']));
    expect(names).not.toContain('review_overdue');
    expect(body[1]).toMatchObject({ name: 'Login Failed', component: 'login_failed' });
  });

  test('volume counts each action by day', async () => {
    const { body } = await app.api('GET', `${EVENTS}volume/?actions=authorize_application&history_days=2`);
    expect(body).toEqual([{ action: 'authorize_application', time: expect.stringMatching(/T00:00:00Z$/), count: 2 }]);
  });

  test('volume leaves out what is older than asked for', async () => {
    await app.ctx.db.query(
      `insert into event (action, app, created) values ('update_available', 'old', now() - interval '10 days')`,
    );
    const counted = async (days: number) =>
      (await app.api('GET', `${EVENTS}volume/?action=update_available&history_days=${days}`)).body.length;
    expect([await counted(7), await counted(30)]).toEqual([0, 1]);
  });

  test('top_per_user counts events and users of each application', async () => {
    const { body } = await app.api('GET', `${EVENTS}top_per_user/?action=authorize_application&top_n=1`);
    expect(body).toEqual([{ application: { pk: 'app-1', name: 'Wiki' }, counted_events: 2, unique_users: 2 }]);
  });

  test('stats counts within each step', async () => {
    const steps = 'count_steps=hours%3D1&count_steps=weeks%3D500000';
    const { body } = await app.api('GET', `${EVENTS}stats/?action=authorize_application&${steps}`);
    expect(body).toEqual({ count_step: { 'hours=1': 2, 'weeks=500000': 2 }, unique_users: 2 });
  });

  test.each(['', 'count_steps=', 'count_steps=tomorrow'])('stats with %s is refused', async (query) => {
    const answer = await app.api('GET', `${EVENTS}stats/?${query}`);
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['count_steps']]);
  });

  test.each(['volume/?history_days=x', 'volume/?history_days=99999999', 'top_per_user/?top_n=0'])(
    '%s is refused',
    async (path) => {
      expect((await app.api('GET', `${EVENTS}${path}`)).status).toBe(400);
    },
  );
});
