import { expect, test } from 'vitest';
import { insertUser } from '../../src/core/users/index.ts';
import { createHttpServer } from '../../src/server.ts';
import {
  CREDENTIALS,
  buildFlow,
  buildPromptStage,
  buildStage,
  credentials,
  dummyStage,
  unique,
} from '../flows/builders.ts';
import { mailApp } from '../mail/mail-app.ts';
import { browserAt, isThrottled } from './addresses.ts';

const LIMIT = 6;
const EMAIL = 'ak-stage-email';
const app = await mailApp({
  env: {
    VESTIBULE_TRUSTED_PROXIES: '127.0.0.1',
    VESTIBULE_ADDRESS_FAILURES: String(LIMIT),
    // So few that a transaction that waits for a second one waits for itself.
    VESTIBULE_DATABASE_POOL: '3',
  },
});
const { slug } = await buildFlow(
  app,
  [
    await buildStage(app, '/stages/identification/', { user_fields: ['email'], pretend_user_exists: true }),
    await buildStage(app, '/stages/email/', {}),
    await dummyStage(app),
  ],
  { designation: 'recovery' },
);

async function person(): Promise<string> {
  const username = unique('person');
  const email = `${username}@example.org`;
  await insertUser(app.ctx.db, { username, email });
  return email;
}

/** Asks for a mail in a new browser at an address. */
async function ask(address: string, uid_field: string, server = app) {
  const jar = browserAt(server, address);
  await jar.open(slug);
  return { jar, answer: await jar.answer(slug, { uid_field }) };
}

const queued = async (): Promise<number> =>
  (await app.ctx.db.query("select 1 from outbox_message where cause = 'email_stage'")).length;

test('T21, T24: one network has so many people mailed, known or not, over processes, and others may still', async () => {
  const other = { ...app, http: await createHttpServer({ ctx: { ...app.ctx } }) };
  const before = await queued();
  const answers = [];
  for (let at = 0; at < LIMIT + 4; at += 1) {
    const address = `2001:db8:1:1::${at + 1}`;
    const name = at % 2 === 0 ? await person() : `${unique('nobody')}@example.org`;
    answers.push((await ask(address, name, at % 3 === 0 ? other : app)).answer);
  }
  expect(answers.slice(0, LIMIT).map(({ body }) => body.component)).toEqual(Array.from({ length: LIMIT }, () => EMAIL));
  expect(answers.slice(LIMIT).every(isThrottled)).toBe(true);
  expect((await queued()) - before).toBe(LIMIT / 2);
  expect((await ask('2001:db8:1:2::1', await person())).answer.body.component).toBe(EMAIL);
  await other.http.close();
});

test('T21: sending again counts as well', async () => {
  const { jar } = await ask('203.0.113.1', await person());
  const answers = [];
  for (let at = 0; at < LIMIT; at += 1) answers.push(await jar.answer(slug, {}));
  expect(answers.filter(isThrottled)).toHaveLength(1);
});

test('T21: of many at once no more than the limit are mailed', async () => {
  const people = await Promise.all(Array.from({ length: 20 }, person));
  const before = await queued();
  const answers = await Promise.all(people.map((email) => ask('203.0.113.2', email)));
  expect(answers.filter(({ answer }) => isThrottled(answer))).toHaveLength(20 - LIMIT);
  expect((await queued()) - before).toBe(LIMIT);
});

test('T21: people whom a flow has made are not counted, however many there are in one network', async () => {
  const stages = [
    await buildPromptStage(app, { ...CREDENTIALS, email: { type: 'email' } }),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    await buildStage(app, '/stages/email/', {}),
  ];
  const flow = await buildFlow(app, stages);
  for (let at = 0; at < LIMIT + 3; at += 1) {
    const jar = browserAt(app, '203.0.113.3');
    await jar.open(flow.slug);
    const username = unique('made');
    const { body } = await jar.answer(flow.slug, { ...credentials(username), email: `${username}@example.org` });
    expect(body.component).toBe(EMAIL);
  }
});
