import { expect, test } from 'vitest';
import { testApp } from '../app.ts';

const SLUG = 'invitation-enrollment-flow';

test('an invitation becomes an account that can sign in again (64)', async () => {
  const app = await testApp();
  const flow = (await app.api('GET', `/api/v3/flows/instances/${SLUG}/`)).body;
  const made = await app.api('POST', '/api/v3/stages/invitation/invitations/', { name: 'alice', flow: flow.pk });
  expect(made.status).toBe(201);
  const changed = await app.api('PUT', `/api/v3/stages/invitation/invitations/${made.body.pk}/`, {
    name: 'alice-invite',
    single_use: true,
    expires: '2099-01-01T00:00:00Z',
    fixed_data: { email: 'alice@example.com', attributes: { department: 'x' } },
  });
  expect(changed.status).toBe(200);
  expect(changed.body.flow_obj.slug).toBe(SLUG);

  const jar = app.jar();
  const query = `itoken=${made.body.pk}`;
  const first = await jar.open(SLUG, query);
  expect(first.body.fields.map((field: { field_key: string }) => field.field_key)).toEqual([
    'username',
    'password',
    'password_repeat',
  ]);
  const second = await jar.answer(
    SLUG,
    {
      component: 'ak-stage-prompt',
      username: 'alice',
      password: 'a long password',
      password_repeat: 'a long password',
    },
    query,
  );
  expect(second.body.fields[1].initial_value).toBe('alice@example.com');
  const last = await jar.answer(
    SLUG,
    { component: 'ak-stage-prompt', name: 'Alice', email: 'alice@example.com' },
    query,
  );
  expect(last.body).toEqual({ component: 'xak-flow-redirect', to: '/' });
  const me = await jar.get('/api/v3/core/users/me/');
  expect(me.body.user.username).toBe('alice');
  const gone = await app.api('GET', `/api/v3/stages/invitation/invitations/${made.body.pk}/`);
  expect(gone.status).toBe(404);

  const tomorrow = app.jar();
  await tomorrow.open('default-authentication-flow');
  const asked = await tomorrow.answer('default-authentication-flow', { uid_field: 'alice' });
  expect(asked.body.component).toBe('ak-stage-password');
  const signedIn = await tomorrow.answer('default-authentication-flow', { password: 'a long password' });
  expect(signedIn.body).toEqual({ component: 'xak-flow-redirect', to: '/' });
  expect((await tomorrow.get('/api/v3/core/users/me/')).body.user.username).toBe('alice');
});
