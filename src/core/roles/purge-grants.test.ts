import { expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { purgeGrants } from './purge-grants.ts';

const app = await testApp();
const API = '/api/v3';
const INVITATIONS = '/stages/invitation/invitations/';

const make = async (path: string, json: object) => (await app.api('POST', `${API}${path}`, json)).body;

async function grant(role: string, of: string, objectPk: string) {
  const [label, name] = of.split('.');
  const json = { permissions: [`${label}.view_${name}`, `${label}.change_${name}`], model: of, object_pk: objectPk };
  expect((await app.api('POST', `${API}/rbac/permissions/assigned_by_roles/${role}/assign/`, json)).status).toBe(200);
}

const left = async (role: string): Promise<string[]> => {
  const { body } = await app.api('GET', `${API}/rbac/permissions/roles/?uuid=${role}&page_size=100`);
  return body.results.map(({ codename, object_pk: key }: Record<string, string>) => `${codename} ${key}`).toSorted();
};

test('permissions on objects that are gone are removed, of keys of every kind, and all others stay', async () => {
  const [role, other] = [await make('/rbac/roles/', { name: 'one' }), await make('/rbac/roles/', { name: 'two' })];
  const kept = await make(INVITATIONS, { name: 'kept' });
  const gone = await make(INVITATIONS, { name: 'gone' });
  const user = await make('/core/users/', { username: 'gone', name: '' });
  const stage = await make('/stages/deny/', { name: 'gone' });
  const keptStage = await make('/stages/deny/', { name: 'kept' });
  for (const { pk } of [role, other]) {
    await grant(pk, 'authentik_stages_invitation.invitation', kept.pk);
    await grant(pk, 'authentik_core.user', String(user.pk));
    await grant(pk, 'authentik_stages_deny.denystage', stage.pk);
  }
  await grant(role.pk, 'authentik_stages_deny.denystage', keptStage.pk);
  const sql = `insert into role_object_permission (role_uuid, permission_id, object_pk)
    select $1, id, key from permission,
      (select $2 as key union select gen_random_uuid()::text from generate_series(1, 6000)) k
    where codename = 'view_invitation'`;
  await app.ctx.db.query(sql, [role.pk, gone.pk]);
  for (const path of [`/core/users/${user.pk}/`, `/stages/deny/${stage.pk}/`, `${INVITATIONS}${gone.pk}/`]) {
    expect((await app.api('DELETE', `${API}${path}`)).status).toBe(204);
  }

  await purgeGrants.run(app.ctx, {});
  const invitation = [`change_invitation ${kept.pk}`, `view_invitation ${kept.pk}`];
  expect(await left(other.pk)).toEqual(invitation);
  // The revoked one is kept in the own API for its time.
  const others = [`change_denystage ${keptStage.pk}`, `view_denystage ${keptStage.pk}`, `view_invitation ${gone.pk}`];
  expect(await left(role.pk)).toEqual([...invitation, ...others].toSorted());
});
