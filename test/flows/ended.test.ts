import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { DENIED, ENROLLMENT, PASSWORD, enrol, invite, signIn, unique } from './builders.ts';
import { accept, formOf, pageOf, submit } from './forms.ts';

const END = { component: 'xak-flow-redirect', to: '/' };
const END_PAGE = [303, '/'];

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

test('who has just come to the end of a flow and asks again is led there again, by its link only (T17)', async () => {
  const [invited, other] = [await invite(app, { single_use: true }), await invite(app)];
  const [jar, name] = [app.jar(), unique('twice')];
  expect((await enrol(jar, { slug: ENROLLMENT, query: invited.query }, name)).body).toEqual(END);
  expect((await jar.open(ENROLLMENT, invited.query)).body).toEqual(END);
  expect((await jar.answer(ENROLLMENT, { component: 'ak-stage-prompt' }, invited.query)).body).toEqual(END);
  expect((await jar.open(ENROLLMENT)).body).toEqual(END);
  expect((await jar.open(ENROLLMENT, other.query)).body.component).toBe(DENIED);
  expect((await jar.open('initial-setup')).body.component).toBe(DENIED);
  // Nobody else is, with the same link; nor the same person who came by another flow.
  expect((await app.jar().open(ENROLLMENT, invited.query)).body.component).toBe(DENIED);
  const elsewhere = app.jar();
  expect((await signIn(elsewhere, name, PASSWORD)).body).toEqual(END);
  expect((await elsewhere.open(ENROLLMENT, invited.query)).body.component).toBe(DENIED);
});

test('the last form of a page sent twice leads to the end twice, without JavaScript, and makes one account (T17)', async () => {
  const [invited, name] = [await invite(app), unique('form')];
  const jar = app.jar();
  const first = await accept(jar, pageOf(ENROLLMENT, invited.query));
  const second = await submit(jar, first, { username: name, password: PASSWORD, password_repeat: PASSWORD });
  const { action, hidden } = formOf(second);
  const fields = { ...hidden, name: 'Somebody', email: `${name}@example.org` };
  const payload = new URLSearchParams(fields).toString();
  const send = () => jar.ask('POST', action, { payload, type: 'application/x-www-form-urlencoded' });
  await jar.get(String((await send()).headers['location']));
  const again = await send();
  expect([again.status, again.headers['location']]).toEqual(END_PAGE);
  expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe(name);
});
