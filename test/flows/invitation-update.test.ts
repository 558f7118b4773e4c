import { expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { ADMIN_PASSWORD, testApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import {
  buildFlow,
  buildStage,
  countUses,
  enrollmentFlow,
  enrol,
  invitationStage,
  invite,
  signIn,
  unique,
} from './builders.ts';

const app = await testApp();

test('T02: a link whose data changes an account is used up with the change, whether or not the flow is finished', async () => {
  const write = await buildStage(app, '/stages/user_write/', { user_creation_mode: 'never_create' });
  const flow = await buildFlow(app, [await invitationStage(app), write], {
    designation: 'stage_configuration',
    authentication: 'require_authenticated',
  });
  const invited = await invite(app, {
    flow: flow.pk,
    single_use: true,
    fixed_data: { attributes: { gold: true } },
  });
  const enrollment = await enrollmentFlow(app);
  const open = await invite(app, { flow: enrollment.pk });
  const golden: unknown[] = [];
  for (const username of [unique('gold'), unique('gold')]) {
    const jar = app.jar();
    await enrol(jar, { slug: enrollment.slug, query: open.query }, username);
    // One GET passes the invitation, the next one writes; the redirect after it is never followed.
    await jar.ask('GET', executorUrl(flow.slug, invited.query));
    await jar.ask('GET', executorUrl(flow.slug, invited.query));
    const [row] = await app.ctx.db.query<{ attributes: { gold?: boolean } }>(
      'select attributes from users where username = $1',
      [username],
    );
    golden.push(row?.attributes.gold);
  }
  expect(golden).toEqual([true, undefined]);
  expect(await countUses(app, invited)).toBe(1);
});

test('A18: who is deactivated and activated again has to sign in again', async () => {
  const jar = app.jar();
  await signIn(jar, 'akadmin', ADMIN_PASSWORD);
  const { pk } = (await jar.get('/api/v3/core/users/me/')).body.user;
  const [other] = await app.ctx.db.query<{ count: number }>(
    'select count(*)::integer as count from session where user_id = $1',
    [pk],
  );
  expect(other?.count).toBeGreaterThan(0);
  // The last superuser stays.
  const [admins] = (await app.api('GET', '/api/v3/core/groups/?is_superuser=true')).body.results;
  const second = await buildAccount(app.ctx, { groups: [admins.pk] });
  expect((await app.api('PATCH', `/api/v3/core/users/${pk}/`, { is_active: false })).status).toBe(200);
  await app.ctx.db.query('update users set is_active = true where id = $1', [pk]);
  expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
  await app.ctx.db.query('delete from users where id = $1', [second.id]);
});

test('a search of more words than a person types is refused', async () => {
  const words = Array.from({ length: 33 }, (_, index) => `w${index}`).join('+');
  const { status, body } = await app.api('GET', `/api/v3/core/users/?search=${words}`);
  expect(status).toBe(400);
  expect(Object.keys(body)).toEqual(['search']);
});
