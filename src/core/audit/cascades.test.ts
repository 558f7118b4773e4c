import { describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';

const app = await testApp();
const EVENTS = '/api/v3/events/events/?action=model_deleted&page_size=100';
let made = 0;

type Told = {
  readonly user: { readonly username: string };
  readonly client_ip: string;
  readonly brand: { readonly name?: string };
  readonly context: { readonly model: { readonly model_name: string; readonly pk: string | number }; diff: object };
};

/** The events of what was deleted by a request. */
async function deletedBy(path: string): Promise<Told[]> {
  const before = (await app.api('GET', EVENTS)).body.pagination.count;
  expect((await app.api('DELETE', path)).status).toBe(204);
  const { pagination, results } = (await app.api('GET', EVENTS)).body;
  return results.slice(0, pagination.count - before);
}

const namesOf = (told: readonly Told[]): string[] => told.map(({ context }) => context.model.model_name).toSorted();

const make = async (path: string, body: object) => (await app.api('POST', `/api/v3${path}`, body)).body;
const unique = (): string => `along-${(made += 1)}`;

async function makeFlow() {
  const slug = unique();
  return make('/flows/instances/', { name: slug, slug, title: slug, designation: 'enrollment' });
}

describe('what goes with a deleted object', () => {
  test('is told of beside it: the invitations and bindings of a flow (D6)', async () => {
    const flow = await makeFlow();
    const stage = await make('/stages/deny/', { name: unique() });
    const binding = await make('/flows/bindings/', { target: flow.pk, stage: stage.pk, order: 0 });
    const open = await make('/stages/invitation/invitations/', { name: 'open', flow: flow.pk });
    await make('/stages/invitation/invitations/', { name: 'ended', flow: flow.pk, expires: '2020-01-01T00:00:00Z' });

    const told = await deletedBy(`/api/v3/flows/instances/${flow.slug}/`);
    expect(namesOf(told)).toEqual(['flow', 'flowstagebinding', 'invitation']);
    const of = (name: string) => told.find(({ context }) => context.model.model_name === name);
    expect(of('flowstagebinding')?.context.model.pk).toBe(binding.pk.replaceAll('-', ''));
    expect(of('invitation')?.brand.name).toBeTypeOf('string');
    expect(of('invitation')).toMatchObject({
      brand: of('flow')?.brand,
      user: { username: 'akadmin' },
      client_ip: '127.0.0.1',
      context: {
        model: { pk: open.pk.replaceAll('-', '') },
        diff: { flow: { previous_value: flow.pk, new_value: null }, name: { previous_value: 'open', new_value: null } },
        http_request: { method: 'DELETE', path: '/api/v3/flows/instances/{slug}/' },
      },
    });
  });

  test('is told of beside it: the tokens of a user, and never a key (T25, T08)', async () => {
    const user = await make('/core/users/', { username: unique(), name: '' });
    const token = await make('/core/tokens/', { identifier: unique(), user: user.pk, intent: 'api' });
    const { key } = (await app.api('GET', `/api/v3/core/tokens/${token.identifier}/view_key/`)).body;
    const told = await deletedBy(`/api/v3/core/users/${user.pk}/`);
    expect(namesOf(told)).toEqual(['token', 'user']);
    expect(JSON.stringify(told)).toContain(token.identifier);
    expect(JSON.stringify(told)).not.toContain(key);
  });

  test('is told of beside it: the bindings of a stage, whose row is in two tables', async () => {
    const flow = await makeFlow();
    const stage = await make('/stages/deny/', { name: unique() });
    await make('/flows/bindings/', { target: flow.pk, stage: stage.pk, order: 0 });
    expect(namesOf(await deletedBy(`/api/v3/stages/deny/${stage.pk}/`))).toEqual(['denystage', 'flowstagebinding']);
  });

  test('is told of beside it: what a role gives on new objects', async () => {
    const role = await make('/rbac/roles/', { name: unique() });
    await make('/rbac/initial_permissions/', { name: unique(), role: role.pk, permissions: [] });
    expect(namesOf(await deletedBy(`/api/v3/rbac/roles/${role.pk}/`))).toEqual(['initialpermissions', 'role']);
  });

  test('is not told of when the object is not deleted', async () => {
    const before = (await app.api('GET', EVENTS)).body.pagination.count;
    await app.api('DELETE', '/api/v3/flows/instances/nothing/');
    expect((await app.api('GET', EVENTS)).body.pagination.count).toBe(before);
  });

  test('is counted in the metrics', async () => {
    const count = async () => {
      const { text } = await app.jar().ask('GET', '/-/metrics/');
      return Number(/vestibule_events_total\{action="model_deleted"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const user = await make('/core/users/', { username: unique(), name: '' });
    await make('/core/tokens/', { identifier: unique(), user: user.pk, intent: 'api' });
    const before = await count();
    await deletedBy(`/api/v3/core/users/${user.pk}/`);
    expect((await count()) - before).toBe(2);
  });
});
