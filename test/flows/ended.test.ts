import { beforeAll, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import type { Jar } from '../jar.ts';
import { DENIED, ENROLLMENT, PASSWORD, giveDetails, invite, toDetails, unique } from './builders.ts';
import { accept, formOf, pageOf, submit } from './forms.ts';

const END = { component: 'xak-flow-redirect', to: '/' };
const END_PAGE = [303, '/'];

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

/** The same browser as far as a request knows that it sent before the cookies of `jar` were replaced. */
function twinOf(jar: Jar): Jar {
  const twin = app.jar();
  for (const name of ['authentik_session', 'authentik_csrf']) twin.plant(name, jar.cookie(name) ?? '');
  return twin;
}

test('a request that crossed the end of its flow gets that end, by its link only; one after it a denial (T17)', async () => {
  const [invited, other] = [await invite(app, { single_use: true }), await invite(app)];
  const [jar, name] = [app.jar(), unique('twice')];
  await toDetails(jar, { slug: ENROLLMENT, query: invited.query }, name);
  const twin = twinOf(jar);
  expect((await giveDetails(jar, { slug: ENROLLMENT, query: invited.query })).body).toEqual(END);
  expect((await twin.open(ENROLLMENT, invited.query)).body).toEqual(END);
  expect((await twin.answer(ENROLLMENT, { component: 'ak-stage-prompt' }, invited.query)).body).toEqual(END);
  expect((await twin.open(ENROLLMENT)).body).toEqual(END);
  expect((await twin.ask('GET', executorUrl(ENROLLMENT, other.query))).status).toBe(302);
  expect((await twin.ask('GET', executorUrl('initial-setup'))).status).toBe(302);
  // It is told where to go, and is nobody.
  expect((await twin.get('/api/v3/core/users/me/')).status).toBe(403);
  expect((await jar.open(ENROLLMENT, invited.query)).body.component).toBe(DENIED);
  expect((await app.jar().open(ENROLLMENT, invited.query)).body.component).toBe(DENIED);
});

test('the last form of a page sent twice leads to the end twice, without JavaScript, and makes one account (T17)', async () => {
  const [invited, name] = [await invite(app), unique('form')];
  const jar = app.jar();
  const first = await accept(jar, pageOf(ENROLLMENT, invited.query));
  const second = await submit(jar, first, { username: name, password: PASSWORD, password_repeat: PASSWORD });
  const twin = twinOf(jar);
  const { action, hidden } = formOf(second);
  const fields = { ...hidden, name: 'Somebody', email: `${name}@example.org` };
  const payload = new URLSearchParams(fields).toString();
  const send = (by: Jar) => by.ask('POST', action, { payload, type: 'application/x-www-form-urlencoded' });
  await jar.get(String((await send(jar)).headers['location']));
  const again = await send(twin);
  expect([again.status, again.headers['location']]).toEqual(END_PAGE);
  expect((await jar.get('/api/v3/core/users/me/')).body.user.username).toBe(name);
});
