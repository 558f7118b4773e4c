import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { countQueries } from '../../kernel/db/query-count.ts';
import { MASK } from './cleanse.ts';

const INVITATIONS = '/api/v3/stages/invitation/invitations/';
const app = await testApp();
let me: { pk: number; username: string; email: string };

type Stored = {
  readonly action: string;
  readonly app: string;
  readonly client_ip: string;
  readonly user_data: object;
  readonly context: {
    model: { pk: string | number; name: string };
    diff: Record<string, object>;
    http_request: object;
  };
};

beforeAll(async () => {
  const { pk, username, email } = (await app.api('GET', '/api/v3/core/users/me/')).body.user;
  me = { pk, username, email };
});

/** Events of changes to one object, oldest first. */
function changesOf(model: string, pk: string | number): Promise<Stored[]> {
  return app.ctx.db.query<Stored>(
    `select * from event where context #>> '{model,model_name}' = $1 and context #>> '{model,pk}' = $2 order by created`,
    [model, String(pk).replaceAll('-', '')],
  );
}

async function ask(method: string, path: string, body?: object) {
  const answer = await app.api(method, path, body, { headers: { 'user-agent': 'Probe/1.0' } });
  expect([answer.status, answer.text]).toEqual([expect.toSatisfy((status: number) => status < 300), expect.anything()]);
  return answer.body;
}

const invite = (body: object) => ask('POST', INVITATIONS, { name: 'told', ...body });

describe('a resource that is written in one statement', () => {
  test('tells who changed what from where, with what was and what is', async () => {
    const { pk } = await invite({ fixed_data: { team: 'red' } });
    await ask('PUT', `${INVITATIONS}${pk}/`, { name: 'renamed', single_use: true, fixed_data: { team: 'red' } });
    const [created, updated] = await changesOf('invitation', pk);
    expect(created).toMatchObject({
      action: 'model_created',
      context: { diff: { name: { previous_value: null, new_value: 'told' } } },
    });
    expect(updated).toMatchObject({
      action: 'model_updated',
      app: 'vestibule.api',
      client_ip: '127.0.0.1',
      user_data: me,
      context: {
        http_request: {
          path: `${INVITATIONS}{invite_uuid}/`,
          method: 'PUT',
          request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          user_agent: 'Probe/1.0',
        },
        model: {
          app: 'authentik_stages_invitation',
          model_name: 'invitation',
          pk: pk.replaceAll('-', ''),
          name: `Invitation ${pk} created by akadmin`,
        },
      },
    });
    // Only what changed: the fixed data was sent as it was.
    expect(updated?.context.diff).toEqual({
      name: { previous_value: 'told', new_value: 'renamed' },
      single_use: { previous_value: false, new_value: true },
    });
  });

  test('is written by one statement, the event included', async () => {
    const { pk } = await invite({});
    const counts: number[] = [];
    // Who asks is remembered for a second, which may end between two requests.
    for (const name of ['a', 'b', 'c', 'd']) {
      counts.push((await countQueries(() => ask('PUT', `${INVITATIONS}${pk}/`, { name }))).queries);
    }
    expect(Math.min(...counts)).toBe(1);
    expect(await changesOf('invitation', pk)).toHaveLength(5);
  });

  test('tells times as the wire has them', async () => {
    const { pk } = await invite({ expires: '2090-01-01T00:00:00Z' });
    await ask('PATCH', `${INVITATIONS}${pk}/`, { expires: null });
    const [, updated] = await changesOf('invitation', pk);
    expect(updated?.context.diff).toEqual({
      expires: { previous_value: '2090-01-01T00:00:00Z', new_value: null },
    });
  });

  test('tells that a write changed nothing', async () => {
    const { pk } = await invite({});
    await ask('PATCH', `${INVITATIONS}${pk}/`, {});
    expect((await changesOf('invitation', pk)).map(({ context }) => context.diff)[1]).toEqual({});
  });

  test('tells what was deleted', async () => {
    const { pk } = await invite({ fixed_data: { team: 'blue' } });
    await ask('DELETE', `${INVITATIONS}${pk}/`);
    const [, deleted] = await changesOf('invitation', pk);
    expect(deleted).toMatchObject({
      action: 'model_deleted',
      user_data: me,
      context: { diff: { fixed_data: { previous_value: { team: 'blue' }, new_value: null } } },
    });
  });

  test('masks secrets in its data (T08)', async () => {
    const fixed_data = { nested: [{ password: 'planted-1', api_key: 17, name: 'kept' }] };
    const { pk } = await invite({ fixed_data });
    await ask('PATCH', `${INVITATIONS}${pk}/`, { fixed_data: { token: 'planted-2' } });
    await ask('DELETE', `${INVITATIONS}${pk}/`);
    const events = await changesOf('invitation', pk);
    expect(events).toHaveLength(3);
    expect(JSON.stringify(events)).not.toContain('planted');
    const masked = { nested: [{ password: MASK, api_key: MASK, name: 'kept' }] };
    expect(events[1]?.context.diff).toEqual({
      fixed_data: { previous_value: masked, new_value: { token: MASK } },
    });
  });

  test('tells nothing of a write that is refused or finds nothing', async () => {
    const { pk } = await invite({});
    const [{ count: before } = { count: 0 }] = await app.ctx.db.query<{ count: number }>('select count(*) from event');
    expect((await app.api('PUT', `${INVITATIONS}${pk}/`, { name: 'not a slug!' })).status).toBe(400);
    const nobody = `${INVITATIONS}00000000-0000-4000-8000-00000000dead/`;
    for (const method of ['PUT', 'DELETE']) expect((await app.api(method, nobody, { name: 'x' })).status).toBe(404);
    expect(await app.ctx.db.query('select count(*) from event')).toEqual([{ count: before }]);
  });

  test('of writes at the same time each tells what it really replaced', async () => {
    const { pk } = await invite({ name: 'n-0' });
    const names = Array.from({ length: 24 }, (_, index) => `n-${index + 1}`);
    await Promise.all(names.map((name) => ask('PATCH', `${INVITATIONS}${pk}/`, { name })));
    const last = (await ask('GET', `${INVITATIONS}${pk}/`)).name;
    const steps = (await changesOf('invitation', pk)).slice(1).map(({ context }) => context.diff['name']);
    // Every name was replaced once, but for the last: the steps are one chain.
    const from = steps.map((step) => new Map(Object.entries(step ?? {})).get('previous_value'));
    expect(from.toSorted()).toEqual(['n-0', ...names].filter((name) => name !== last).toSorted());
  });
});

describe('resources that take more statements', () => {
  test('tell the fields that changed and the links', async () => {
    const group = await ask('POST', '/api/v3/core/groups/', { name: 'told-group' });
    await ask('PATCH', `/api/v3/core/groups/${group.pk}/`, { users: [me.pk], attributes: { a: 1 } });
    await ask('DELETE', `/api/v3/core/groups/${group.pk}/`);
    const [created, updated, deleted] = await changesOf('group', group.pk);
    expect(created).toMatchObject({ action: 'model_created', context: { model: { name: 'told-group' } } });
    expect(updated).toMatchObject({ action: 'model_updated', user_data: me, client_ip: '127.0.0.1' });
    expect(updated?.context.diff).toEqual({
      attributes: { previous_value: {}, new_value: { a: 1 } },
      users: { previous_value: [], new_value: [me.pk] },
    });
    expect(deleted).toMatchObject({
      action: 'model_deleted',
      context: {
        model: { name: 'told-group' },
        diff: { users: { previous_value: [me.pk], new_value: null }, roles: { previous_value: [], new_value: null } },
      },
    });
  });

  test('tell of a user without what is secret in the attributes (T08)', async () => {
    const user = await ask('POST', '/api/v3/core/users/', { username: 'told', name: 'Told', path: 'users' });
    await ask('PATCH', `/api/v3/core/users/${user.pk}/`, { attributes: { secret: 'planted', floor: 3 } });
    const [, updated] = await changesOf('user', user.pk);
    expect(updated?.context.diff).toEqual({
      attributes: { previous_value: {}, new_value: { secret: MASK, floor: 3 } },
    });
  });

  test('tell of a stage, whose row is in two tables', async () => {
    const stage = await ask('POST', '/api/v3/stages/deny/', { name: 'told-deny', deny_message: 'No.' });
    await ask('PATCH', `/api/v3/stages/deny/${stage.pk}/`, { name: 'told-denial' });
    await ask('DELETE', `/api/v3/stages/deny/${stage.pk}/`);
    const events = await changesOf('denystage', stage.pk);
    expect(events.map(({ action, context }) => [action, context.model.name])).toEqual([
      ['model_created', 'told-deny'],
      ['model_updated', 'told-denial'],
      ['model_deleted', 'told-denial'],
    ]);
    expect(events[1]?.context.diff).toEqual({
      name: { previous_value: 'told-deny', new_value: 'told-denial' },
    });
  });

  test('tell of a token and never its key', async () => {
    await ask('POST', '/api/v3/core/tokens/', { identifier: 'told-token', intent: 'api' });
    const { key } = await ask('GET', '/api/v3/core/tokens/told-token/view_key/');
    await ask('DELETE', '/api/v3/core/tokens/told-token/');
    const events = await app.ctx.db.query('select * from event');
    expect(JSON.stringify(events)).toContain('told-token');
    expect(JSON.stringify(events)).not.toContain(key);
  });
});
