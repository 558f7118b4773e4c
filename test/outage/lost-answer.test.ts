import { afterAll, beforeAll, expect, test } from 'vitest';
import { Jar } from '../jar.ts';
import { enrollmentFlow, INVITATIONS, invite } from '../processes/administrator.ts';
import { invitee, isEnrolled, signIn } from '../processes/invitee.ts';
import { waitReady } from '../processes/server-process.ts';
import type { Cutter } from './cutter.ts';
import { startCutter } from './cutter.ts';
import { startExternal } from './external.ts';
import type { External } from './external.ts';

/** A client's deadline of 7 s for a statement, 5 s for a connection, and what a busy machine adds. */
const LATEST_MS = 20_000;

let external: External;
let cutter: Cutter;
let flow: string;
beforeAll(async () => {
  external = await startExternal({
    async through(postgres) {
      cutter = await startCutter(postgres.port);
      return cutter.port;
    },
  });
  flow = await enrollmentFlow(external.admin);
});
afterAll(async () => {
  await external?.close();
  cutter?.close();
});

const COUNTS = `
  select (select count(*)::int from users where username = $1) as users,
    (select count(*)::int from invitation_use where invitation = $2) as uses`;

test('a PUT that is done and never answered is 503 with Retry-After, and the same PUT again is right (R06)', async () => {
  const { admin } = external;
  const body = { name: 'lost-put', flow, single_use: true, expires: '2090-01-01T00:00:00Z' };
  const pk = await invite(admin, body);
  const changed = { ...body, fixed_data: { number: 424_242 } };
  // A simple change is one statement, which commits by itself.
  cutter.cutAnswerTo('424242');
  const lost = await admin.ask('PUT', `${INVITATIONS}${pk}/`, changed);
  expect([cutter.cuts(), lost.status]).toEqual([1, 503]);
  expect(Number(lost.headers['retry-after'])).toBeGreaterThan(0);
  // It was done, and nobody could know; doing it again changes nothing more.
  const { body: found } = await admin.expect(200, 'GET', `${INVITATIONS}${pk}/`);
  expect(found.fixed_data).toEqual({ number: 424_242 });
  await admin.expect(200, 'PUT', `${INVITATIONS}${pk}/`, changed);
});

test('an enrollment whose COMMIT is never answered is 503; going on makes no second account, and the password works (R06, T03)', async () => {
  const { admin, server, db } = external;
  const link = await invite(admin, { name: 'lost', flow, single_use: true, expires: '2090-01-01T00:00:00Z' });
  const person = invitee(server.send, { username: 'lost-one', link });
  await person.toDetails();
  await person.answerDetails();
  const before = cutter.cuts();
  cutter.cutAnswerTo('commit');
  const lost = await person.commit();
  expect([cutter.cuts() - before, lost.status]).toEqual([1, 503]);
  expect(Number(lost.headers['retry-after'])).toBeGreaterThan(0);
  const whole = [{ users: 1, uses: 1 }];
  expect(await db.query(COUNTS, ['lost-one', link])).toEqual(whole);
  // The commit of the account is one step, signing in another: the plan stands behind the first and goes on.
  expect(isEnrolled(await person.commit())).toBe(true);
  expect(await db.query(COUNTS, ['lost-one', link])).toEqual(whole);
  expect((await person.jar.ask('GET', '/api/v3/core/users/me/')).status).toBe(200);
  expect(isEnrolled(await signIn(server.send, 'lost-one'))).toBe(true);
});

test('a database that says nothing any more is 503 for every sort of request, and the pool is free when it speaks (R06, R07)', async () => {
  const { admin, server } = external;
  const pk = await invite(admin, { name: 'silent', flow, single_use: false });
  const person = invitee(server.send, { username: 'silent-one', link: pk });
  await person.toDetails();
  await person.answerDetails();
  const change = () => admin.ask('PUT', `${INVITATIONS}${pk}/`, { name: 'silent', flow });
  cutter.mute();
  const start = performance.now();
  const asked = [
    ...Array.from({ length: 15 }, () => admin.ask('GET', INVITATIONS)),
    change(),
    person.commit(),
    new Jar(server.send).get('/if/flow/default-authentication-flow/'),
  ];
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  const slowest = performance.now() - start;
  expect((await server.send({ method: 'GET', url: '/-/health/live/', headers: {} })).status).toBe(200);
  cutter.unmute();
  expect(statuses).toEqual(statuses.map(() => 503));
  expect(slowest, 'milliseconds of the slowest answer').toBeLessThan(LATEST_MS);
  expect(await waitReady(server.url, LATEST_MS)).toBe(true);
  const all = await Promise.all(Array.from({ length: 30 }, () => admin.ask('GET', INVITATIONS)));
  expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
  expect((await change()).status).toBe(200);
  expect(isEnrolled(await person.commit())).toBe(true);
});
