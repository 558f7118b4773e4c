import { expect, test } from 'vitest';
import {
  CREDENTIALS,
  DETAILS,
  buildFlow,
  buildPromptStage,
  buildStage,
  credentials,
  findUser,
  invitationStage,
  unique,
} from '../flows/builders.ts';
import { inviteWith } from '../flows/extended.ts';
import type { Extended } from '../flows/extended.ts';
import { formOf, pageOf } from '../flows/forms.ts';
import { mailApp } from './mail-app.ts';

const app = await mailApp();

/** Enrols in a flow that mails a link after the account is written; stands before the mail. */
async function enrolled(extended: Extended) {
  const flow = await buildFlow(app, [
    await invitationStage(app),
    await buildPromptStage(app, { ...CREDENTIALS, ...DETAILS }),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    await buildStage(app, '/stages/email/', { activate_user_on_success: false }),
    await buildStage(app, '/stages/user_login/'),
  ]);
  const invited = await inviteWith(app, extended);
  const [jar, username] = [app.jar(), unique('mailed')];
  await jar.open(flow.slug, invited.query);
  const answers = { ...credentials(username), name: 'M', email: `${username}@example.org` };
  const { body } = await jar.answer(flow.slug, answers, invited.query);
  expect(body.component).toBe('ak-stage-email');
  return { jar, slug: flow.slug, username, invited };
}

/** The query of the mailed link. */
async function mailedQuery(username: string): Promise<string> {
  const end = performance.now() + 20_000;
  for (;;) {
    const found = app.sink.received.find(({ to }) => to.includes(`${username}@example.org`));
    if (found) return new URL(/https:\S+/.exec(found.mail.text ?? '')?.[0] ?? '').search.slice(1);
    if (performance.now() > end) throw new Error('No mail came.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('E08: an account for a certain address is inactive until the address is proved, whatever the stage says', async () => {
  const { jar, slug, username } = await enrolled({ restrict_to: ['@example.org'] });
  expect(await findUser(app, username)).toMatchObject({ is_active: false });
  const query = await mailedQuery(username);
  await jar.open(slug, query);
  expect((await jar.answer(slug, { component: 'ak-stage-email' }, query)).body).toEqual({
    component: 'xak-flow-redirect',
    to: '/',
  });
  expect(await findUser(app, username)).toMatchObject({ is_active: true });
  expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe(username);
});

test('an account that waits for approval is not activated by a proved address', async () => {
  const { jar, slug, username } = await enrolled({ approval: true });
  const query = await mailedQuery(username);
  await jar.open(slug, query);
  expect((await jar.answer(slug, { component: 'ak-stage-email' }, query)).body).toEqual({
    component: 'xak-flow-redirect',
    to: '/i/waiting',
  });
  expect(await findUser(app, username)).toMatchObject({ is_active: false });
  expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
});

test('the mailed link goes on with the flow, also where it carries the invitation’s link along', async () => {
  const { slug, username, invited } = await enrolled({});
  const query = await mailedQuery(username);
  expect(query).toContain(invited.pk);
  const page = await app.jar().get(pageOf(slug, query));
  expect(formOf(page).hidden['component']).toBe('ak-stage-email');
});
