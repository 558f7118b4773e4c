import { expect, test } from 'vitest';
import { buildRole } from '../../src/core/roles/builders.ts';
import { testApp } from '../app.ts';
import { ENROLLMENT } from '../flows/builders.ts';

const app = await testApp();

test('the limits of a role are set over what somebody else has set by nobody who says what they read (If-Match)', async () => {
  const role = await buildRole(app.ctx, { permissions: ['authentik_stages_invitation.invite'] });
  const one = `/api/vestibule/v1/inviter-roles/${role}`;
  const put = (etag: string, uses: number) =>
    app.api('PUT', one, { flows: [ENROLLMENT], max_uses: uses }, { headers: { 'if-match': etag } });
  expect((await app.api('PUT', one, { flows: [ENROLLMENT], max_uses: 1 })).status).toBe(200);
  const read = String((await app.api('GET', one)).headers['etag']);
  const answers = await Promise.all([2, 3, 4, 5].map((uses) => put(read, uses)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
  const after = await app.api('GET', one);
  expect(after.headers['etag']).toBe(answers.find(({ status }) => status === 200)?.headers['etag']);
  expect((await put('*', 6)).status).toBe(200);
  expect((await app.api('DELETE', one)).status).toBe(204);
  expect((await put('*', 7)).status).toBe(412);
  expect((await app.api('PUT', one, { flows: [] })).status).toBe(200);
});
