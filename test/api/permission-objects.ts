import { buildRole } from '../../src/core/roles/builders.ts';
import { buildAccount, buildSession } from '../../src/core/tokens/builders.ts';
import { modelOf } from '../../src/kernel/resource/model.ts';
import type { Resource } from '../../src/kernel/resource/resource.ts';
import type { TestApp } from '../app.ts';
import { resourceCases } from './resource-cases.ts';
import { INVITATIONS } from './urls.ts';

/** An object: its primary key, and what its detail URL says. */
export type MadeObject = { readonly key: string | number; readonly lookup: string };

async function post(app: TestApp, path: string, body: object): Promise<void> {
  const answer = await app.api('POST', path, body);
  if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`);
}

/** Objects of resources that no case of the wire's tests makes. */
async function makeOthers(app: TestApp): Promise<void> {
  const role = await buildRole(app.ctx, {});
  for (const number of [1, 2]) {
    const { id } = await buildAccount(app.ctx, { username: `matrix-${number}` });
    await post(app, '/api/v3/core/tokens/', { identifier: `a-matrix-${number}`, user: id });
    await buildSession(app.ctx, id);
    await post(app, INVITATIONS, { name: `matrix-${number}` });
    await post(app, '/api/v3/core/groups/', { name: `a-matrix-${number}` });
    await post(app, '/api/v3/rbac/initial_permissions/', { name: `matrix-${number}`, role });
    await post(app, '/api/v3/rbac/roles/', { name: `a-matrix-${number}` });
    await post(app, '/api/v3/events/events/export/', {});
    await post(app, '/api/v3/core/brands/', { domain: `matrix-${number}.test` });
    await app.ctx.db.query(
      'insert into role_object_permission (role_uuid, permission_id, object_pk) select $1, min(id), $2 from permission',
      [role, String(number)],
    );
  }
}

/** The newest rows: no account of ours is among them, and nothing needs them. */
async function newest(app: TestApp, one: Resource): Promise<MadeObject[]> {
  const model = modelOf(one, app.ctx.registry);
  const text = `select ${model.key} as key, ${model.lookup.sql('t')}::text as lookup
    from ${model.rows} where ${model.visible} order by t.xmin::text::bigint desc, ${model.key} desc limit 9`;
  return app.ctx.db.query<MadeObject>(text);
}

/** Two objects of each resource, made for this; each of another resource too where tables are shared (all stages). */
export async function makeObjects(
  app: TestApp,
  resources: readonly Resource[],
): Promise<ReadonlyMap<Resource, readonly [MadeObject, MadeObject]>> {
  for (const one of await resourceCases(app)) {
    for (const number of [1, 2, 3, 4]) await post(app, one.path, one.full(number));
  }
  await makeOthers(app);
  const made = new Map<Resource, readonly [MadeObject, MadeObject]>();
  const taken = new Set<string | number>();
  // The resource that stands for a whole base comes last.
  for (const one of resources.toSorted((a, b) => Number(a.base === undefined) - Number(b.base === undefined))) {
    const [first, second] = (await newest(app, one)).filter(({ key }) => typeof key === 'number' || !taken.has(key));
    if (!first || !second) throw new Error(`${one.name} needs two objects: make them here or in the cases.`);
    made.set(one, [first, second]);
    for (const { key } of [first, second]) taken.add(key);
  }
  return made;
}
