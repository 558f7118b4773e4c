import { describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';

const app = await testApp();
const EVENTS = '/api/v3/events/events/?page_size=100';
let made = 0;

type Told = {
  readonly action: string;
  readonly user: { readonly username: string };
  readonly client_ip: string;
  readonly brand: { readonly name?: string };
  readonly context: { readonly model: { readonly model_name: string; readonly pk: string | number }; diff: object };
};

/** The events of a request that deletes. */
async function toldBy(path: string): Promise<Told[]> {
  const before = (await app.api('GET', EVENTS)).body.pagination.count;
  expect((await app.api('DELETE', path)).status).toBe(204);
  const { pagination, results } = (await app.api('GET', EVENTS)).body;
  return results.slice(0, pagination.count - before);
}

async function deletedBy(path: string): Promise<Told[]> {
  return (await toldBy(path)).filter(({ action }) => action === 'model_deleted');
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

  test('is told of beside it: what policies are bound to a flow and to its stages', async () => {
    const flow = await makeFlow();
    const stage = await make('/stages/deny/', { name: unique() });
    const binding = await make('/flows/bindings/', { target: flow.pk, stage: stage.pk, order: 0 });
    const group = await make('/core/groups/', { name: unique() });
    const [ofFlow, ofStage, ofOther] = await Promise.all(
      [flow, binding, await makeFlow()].map(({ policybindingmodel_ptr_id: target }) =>
        make('/policies/bindings/', { target, group: group.pk, order: 0 }),
      ),
    );

    const told = await deletedBy(`/api/v3/flows/instances/${flow.slug}/`);
    expect(namesOf(told)).toEqual(['flow', 'flowstagebinding', 'policybinding', 'policybinding']);
    const pks = told.map(({ context }) => context.model.pk);
    expect(pks).toContain(ofFlow.pk.replaceAll('-', ''));
    expect(pks).toContain(ofStage.pk.replaceAll('-', ''));
    expect((await app.api('GET', `/api/v3/policies/bindings/${ofOther.pk}/`)).status).toBe(200);
    expect(namesOf(await deletedBy(`/api/v3/core/groups/${group.pk}/`))).toEqual(['group', 'policybinding']);
  });

  test('is told of where it was chosen: by a brand and by a stage, which stay and lose it', async () => {
    const [flow, other] = [await makeFlow(), await makeFlow()];
    const chosen = { flow_recovery: flow.pk, flow_authentication: flow.pk, flow_invalidation: other.pk };
    const brand = await make('/core/brands/', { domain: unique(), ...chosen });
    const stage = await make('/stages/identification/', {
      name: unique(),
      user_fields: ['username'],
      recovery_flow: flow.pk,
    });

    const told = await toldBy(`/api/v3/flows/instances/${flow.slug}/`);
    const lost = { previous_value: flow.pk, new_value: null };
    const of = (name: string) => told.find(({ context }) => context.model.model_name === name);
    expect(told).toHaveLength(3);
    expect(of('brand')).toMatchObject({
      action: 'model_updated',
      user: { username: 'akadmin' },
      context: {
        model: { pk: brand.brand_uuid.replaceAll('-', ''), name: `Brand ${brand.domain}` },
        http_request: { method: 'DELETE', path: '/api/v3/flows/instances/{slug}/' },
      },
    });
    expect(of('brand')?.context.diff).toEqual({ flow_recovery: lost, flow_authentication: lost });
    expect(of('identificationstage')).toMatchObject({
      action: 'model_updated',
      context: { model: { pk: stage.pk.replaceAll('-', ''), name: stage.name } },
    });
    expect(of('identificationstage')?.context.diff).toEqual({ recovery_flow: lost });
    const now = (await app.api('GET', `/api/v3/core/brands/${brand.brand_uuid}/`)).body;
    expect(now).toMatchObject({ flow_recovery: null, flow_authentication: null, flow_invalidation: other.pk });
  });

  test('is not told of when the object is not deleted', async () => {
    const before = (await app.api('GET', EVENTS)).body.pagination.count;
    await app.api('DELETE', '/api/v3/flows/instances/nothing/');
    expect((await app.api('GET', EVENTS)).body.pagination.count).toBe(before);
  });

  test('may be more than a statement has time for: the deletion gets more', async () => {
    const flow = await makeFlow();
    const { pk } = await make('/stages/invitation/invitations/', { name: 'held', flow: flow.pk });
    const path = `/api/v3/flows/instances/${flow.slug}/`;
    const told = await app.ctx.db.transaction(async (tx) => {
      await tx.query('select 1 from invitation where invite_uuid = $1 for update', [pk]);
      const deleting = deletedBy(path);
      // Longer than two ordinary statements wait.
      for (let second = 0; second < 13; second += 1) await tx.query('select pg_sleep(1)');
      return { deleting };
    });
    expect(namesOf(await told.deleting)).toEqual(['flow', 'invitation']);
    expect((await app.api('GET', path)).status).toBe(404);
  }, 30_000);

  test('is counted in the metrics', async () => {
    const count = async (action: string) => {
      const { text } = await app.jar().ask('GET', '/-/metrics/');
      return Number(new RegExp(`vestibule_events_total\\{action="${action}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
    };
    const both = async () => [await count('model_deleted'), await count('model_updated')] as const;
    const flow = await makeFlow();
    await make('/stages/invitation/invitations/', { name: 'counted', flow: flow.pk });
    await make('/core/brands/', { domain: unique(), flow_recovery: flow.pk });
    const [deleted, updated] = await both();
    await deletedBy(`/api/v3/flows/instances/${flow.slug}/`);
    expect(await both()).toEqual([deleted + 2, updated + 1]);
  });
});
