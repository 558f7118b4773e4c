import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import {
  CREDENTIALS,
  DETAILS,
  ENROLLMENT,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  countUses,
  enrollmentFlow,
  findUser,
  invitationStage,
  invite,
  unique,
} from '../flows/builders.ts';
import { inviteWith } from '../flows/extended.ts';
import { accept, buttonsOf, formOf, pageOf, press, submit } from '../flows/forms.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const credentials = (username: string) => ({ username, password: PASSWORD, password_repeat: PASSWORD });

test('T18: a form of one link that is sent after another link was begun in the browser writes nothing into its plan', async () => {
  const [first, second] = [await invite(app), await invite(app)];
  const jar = app.jar();
  const one = unique('tab-one');
  const firstForm = await accept(jar, pageOf(ENROLLMENT, first.query));
  const details = await submit(jar, firstForm, credentials(one));
  const secondForm = await accept(jar, pageOf(ENROLLMENT, second.query));
  expect(formOf(secondForm).names).toContain('username');
  // Both forms without JavaScript, in two tabs.
  await submit(jar, firstForm, credentials(one));
  await submit(jar, details, { name: 'One', email: 'one@example.org' });
  expect([await findUser(app, one), await countUses(app, second)]).toEqual([undefined, 0]);
});

describe('T10: a form of a locked invitation', () => {
  const fields = { ...CREDENTIALS, ...DETAILS, 'attributes.department': {}, 'attributes.free': {} };

  test('keeps its values against duplicate, bracketed and otherwise spelled keys', async () => {
    const { slug } = await buildFlow(app, [
      await invitationStage(app),
      await buildPromptStage(app, fields),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    ]);
    const fixed_data = { email: 'fixed@example.org', attributes: { department: 'choir' } };
    const invited = await inviteWith(app, { locked: true }, { fixed_data });
    const [jar, username] = [app.jar(), unique('locked-form')];
    const page = await accept(jar, pageOf(slug, invited.query));
    const pairs = [
      ...Object.entries({ ...formOf(page).hidden, ...credentials(username), name: 'N' }),
      ...['mine@example.org', 'twice@example.org'].map((value) => ['email', value]),
      ['email[]', 'mine@example.org'],
      ['email[0]', 'mine@example.org'],
      ['Email', 'mine@example.org'],
      ['attributes.department', 'mine'],
      ['attributes_department', 'mine'],
      ['attributes[department]', 'mine'],
      ['attributes', '{"department":"mine"}'],
      ['prompt_data[email]', 'mine@example.org'],
      ['attributes.free', 'first'],
      ['attributes.free', 'free'],
    ];
    const payload = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
    await jar.follow('POST', formOf(page).action, { payload, type: 'application/x-www-form-urlencoded' });
    expect(await findUser(app, username)).toMatchObject({
      email: 'fixed@example.org',
      attributes: { department: 'choir', free: 'free' },
    });
  });
});

describe('T01: the first page of a link in a flow that it is not for', () => {
  test('is that of no invitation, and its form begins, joins and asks for nothing', async () => {
    const [mine, other] = [await enrollmentFlow(app), await enrollmentFlow(app)];
    const invited = await invite(app, { flow: mine.pk, single_use: true });
    const before = await app.ctx.db.query('select count(*) from event');
    for (const action of ['start', 'join', 'ask']) {
      const jar = app.jar();
      const page = await jar.get(pageOf(other.slug, invited.query));
      expect(buttonsOf(page)).toEqual([]);
      const form = { welcome: 'invitation', link: invited.query, action };
      const answer = await jar.form(pageOf(other.slug), form);
      expect(formOf(answer).names).toEqual([]);
    }
    expect(await app.ctx.db.query('select count(*) from event')).toEqual(before);
    const jar = app.jar();
    expect(buttonsOf(await jar.get(pageOf(mine.slug, invited.query)))).toEqual(['start']);
  });
});

test('T16: the button “Join as …” of somebody who signed out joins nobody who signed in after them', async () => {
  const member = async (jar = app.jar()) => {
    const { query } = await invite(app);
    const username = unique('member');
    const second = await submit(jar, await accept(jar, pageOf(ENROLLMENT, query)), credentials(username));
    await submit(jar, second, { name: 'M', email: `${username}@example.org` });
    return { jar, username };
  };
  const one = await member();
  const invited = await invite(app, { single_use: true });
  const page = await one.jar.get(pageOf(ENROLLMENT, invited.query));
  expect(buttonsOf(page)).toEqual(['join']);
  await one.jar.get('/flows/-/default/invalidation/');
  await member(one.jar);
  const answer = await press(one.jar, page, 'join');
  expect(answer.status).toBe(403);
  const uses = await app.ctx.db.query('select 1 from invitation_use where invitation = $1', [invited.pk]);
  expect(uses).toEqual([]);
});
