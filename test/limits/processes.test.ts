import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Jar } from '../jar.ts';
import type { Answer } from '../jar.ts';
import { FLOW, invite } from '../processes/administrator.ts';
import { invitee, isDenied, isEnrolled, signIn } from '../processes/invitee.ts';
import { startFleet } from '../race/fleet.ts';
import type { Fleet } from '../race/fleet.ts';
import { isThrottled } from './addresses.ts';

const PROCESSES = 2;
const LIMIT = 100;
const FREE = 5;
const SIGN_IN = 'default-authentication-flow';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(PROCESSES);
});
afterAll(() => fleet?.close());

const times = <T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

test('T24: of 50 wrong passwords at once over two processes no more than the limit are compared', async () => {
  const link = await invite(fleet.admin, { name: 'victim', flow: fleet.flow, single_use: true });
  expect(isEnrolled(await invitee(fleet.roundRobin(0), { username: 'victim', link }).enroll())).toBe(true);
  const jars = Array.from({ length: 50 }, (_, at) => new Jar(fleet.roundRobin(at)));
  await Promise.all(
    jars.map(async (jar) => {
      await jar.open(SIGN_IN);
      await jar.answer(SIGN_IN, { uid_field: 'victim' });
    }),
  );
  const answers = await Promise.all(jars.map((jar) => jar.answer(SIGN_IN, { password: 'wrong' })));
  const isWrong = ({ body }: Answer) => body.response_errors !== undefined;
  expect(answers.filter(isWrong)).toHaveLength(FREE);
  expect(answers.filter(isThrottled)).toHaveLength(50 - FREE);
  for (let at = 0; at < PROCESSES; at += 1) {
    expect(isThrottled(await signIn(fleet.roundRobin(at), 'victim'))).toBe(true);
  }
});

test('T07, T24: of 160 wrong links at once over two processes no more than the limit are answered', async () => {
  const answers = await times(160, (at) => new Jar(fleet.roundRobin(at)).open(FLOW, `itoken=${randomUUID()}`));
  expect(answers.filter(isDenied)).toHaveLength(LIMIT);
  expect(answers.filter(isThrottled)).toHaveLength(160 - LIMIT);
  expect(new Set(answers.filter(isDenied).map(({ text }) => text)).size).toBe(1);
});
