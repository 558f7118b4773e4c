import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../jar.ts';
import { INVITATIONS, invite } from '../processes/administrator.ts';
import { invitee, isDenied, isEnrolled, signIn } from '../processes/invitee.ts';
import type { Invitee } from '../processes/invitee.ts';
import { reportFigures, testPeople, testRounds } from '../processes/rounds.ts';
import type { Fleet } from './fleet.ts';
import { POOL, startFleet } from './fleet.ts';
import { behindGate } from './gate.ts';
import { patient } from './patient.ts';

const PROCESSES = 4;
const FINISHERS = testPeople(32);
const ROUNDS = testRounds(10);
const ROUND_MS = 30_000;
// One connection of each process may be busy with something else.
const AT_THE_GATE = PROCESSES * (POOL - 1);
const GROUP = 'invited';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet(PROCESSES);
  const { admin } = fleet;
  // A membership is one more thing that a loser could leave behind.
  const group = await admin.expect(201, 'POST', '/api/v3/core/groups/', { name: GROUP });
  const stages = await admin.expect(200, 'GET', '/api/v3/stages/user_write/?name=invitation-enrollment-user-write');
  const stage = `/api/v3/stages/user_write/${stages.body.results[0].pk}/`;
  await admin.expect(200, 'PATCH', stage, { create_users_group: group.body.pk });
});

afterAll(() => fleet?.close());

const COUNTS = `
  select
    (select count(*)::int from users where username like $1) as users,
    (select count(*)::int from group_members m join users u on u.id = m.user_id where u.username like $1) as members,
    (select count(*)::int from invitation_use where invitation = $2) as uses,
    (select count(*)::int from invitation_use i join users u on u.id = i.user_id
      where i.invitation = $2 and u.username like $1) as "usesWithUser",
    (select count(*)::int from event where action = 'invitation_used'
      and context ->> 'invitation_uuid' = replace($2::text, '-', '')) as events,
    (select count(*)::int from event where action = 'user_write' and context::text like $3) as writes,
    (select count(*)::int from users) as "allUsers",
    (select count(*)::int from group_members) as "allMembers"`;

type Counts = Record<'users' | 'members' | 'uses' | 'usesWithUser' | 'events' | 'writes', number> &
  Record<'allUsers' | 'allMembers', number>;

/** What is in the database of the people whose names begin so, and of the invitation. */
async function count(prefix: string, link: string): Promise<Counts> {
  const [row] = await fleet.db.query<Counts>(COUNTS, [`${prefix}-%`, link, `%${prefix}-%`]);
  if (!row) throw new Error('Counting answered no row.');
  return row;
}

/** Answers that are neither an account nor the denial. */
const others = (answers: readonly Answer[]): unknown[] =>
  answers.filter((answer) => !isEnrolled(answer) && !isDenied(answer)).map(({ status, text }) => [status, text]);

async function gather(prefix: string, link: string): Promise<Invitee[]> {
  const people = Array.from({ length: FINISHERS }, (_, index) =>
    invitee(patient(fleet.roundRobin(index)), { username: `${prefix}-${index}`, link }),
  );
  await Promise.all(people.map((person) => person.toDetails()));
  return people;
}

/** Everybody does the last step at once: the answer to the details with all that follows, or only what follows. */
async function release(people: readonly Invitee[], fromDetails: boolean): Promise<Answer[]> {
  if (!fromDetails) await Promise.all(people.map((person) => person.answerDetails()));
  return Promise.all(
    people.map(async (person) => {
      if (fromDetails) await person.answerDetails();
      return person.commit();
    }),
  );
}

/** The same, but nobody's transaction gets further than the invitation before a crowd of them stands there. */
async function releaseAtGate(people: readonly Invitee[]): Promise<Answer[]> {
  const gate = { table: 'invitation', wanted: AT_THE_GATE };
  const { result, waiting } = await behindGate(fleet.db, gate, () => release(people, true));
  expect(waiting, 'transactions that stood at the gate').toBeGreaterThanOrEqual(PROCESSES);
  return result;
}

const newInvitation = (name: string, singleUse: boolean) =>
  invite(fleet.admin, { name, flow: fleet.flow, single_use: singleUse, expires: '2090-01-01T00:00:00Z' });

/** One race; answers how many accounts it made. */
async function raceOnce(round: number): Promise<number> {
  const prefix = `race${round}`;
  const link = await newInvitation(prefix, true);
  const people = await gather(prefix, link);
  const before = await count(prefix, link);
  expect(before).toMatchObject({ users: 0, members: 0, uses: 0, events: 0, writes: 0 });
  const answers = round % 2 === 0 ? await releaseAtGate(people) : await release(people, round % 4 === 1);

  expect(others(answers)).toEqual([]);
  expect(answers.filter(isEnrolled)).toHaveLength(1);
  const after = await count(prefix, link);
  expect(after).toEqual({
    users: 1,
    members: 1,
    uses: 1,
    usesWithUser: 1,
    events: 1,
    writes: 1,
    allUsers: before.allUsers + 1,
    allMembers: before.allMembers + 1,
  });
  await fleet.admin.expect(404, 'GET', `${INVITATIONS}${link}/`);
  const winner = answers.findIndex(isEnrolled);
  for (const [index, person] of people.entries()) {
    const me = await person.jar.ask('GET', '/api/v3/core/users/me/');
    expect([index, me.status]).toEqual([index, index === winner ? 200 : 403]);
  }
  return after.allUsers - before.allUsers;
}

test(
  `of ${FINISHERS} people who finish one single-use invitation at once over ${PROCESSES} processes exactly one gets the account, ${ROUNDS} rounds (T02, R05, (78))`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    const start = performance.now();
    let accounts = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const made = await raceOnce(round);
      expect([round, made]).toEqual([round, 1]);
      accounts += made;
    }
    reportFigures(`${FINISHERS} people finish one single-use invitation at once over ${PROCESSES} processes`, {
      rounds: ROUNDS,
      finishers: ROUNDS * FINISHERS,
      accounts,
      denied: ROUNDS * (FINISHERS - 1),
      'a round, ms': Math.round((performance.now() - start) / ROUNDS),
    });
  },
);

const USES = 7;
const LIMITED_ROUNDS = testRounds(3);

test(
  `of ${FINISHERS} people who finish an invitation for ${USES} at once over ${PROCESSES} processes exactly ${USES} get an account, ${LIMITED_ROUNDS} rounds (T02, R05)`,
  { timeout: LIMITED_ROUNDS * ROUND_MS },
  async () => {
    const all = { users: USES, members: USES, uses: USES, usesWithUser: USES, events: USES, writes: USES };
    for (let round = 0; round < LIMITED_ROUNDS; round++) {
      const prefix = `seven${round}`;
      const body = { name: prefix, flow: fleet.flow, max_uses: USES };
      const { id } = (await fleet.admin.expect(201, 'POST', '/api/vestibule/v1/invitations', body)).body;
      const people = await gather(prefix, id);
      const answers = round % 2 === 0 ? await releaseAtGate(people) : await release(people, round % 4 === 1);
      expect(others(answers)).toEqual([]);
      expect([round, answers.filter(isEnrolled).length]).toEqual([round, USES]);
      expect(await count(prefix, id)).toMatchObject(all);
      const used = await fleet.admin.expect(200, 'GET', `/api/vestibule/v1/invitations/${id}`);
      expect(used.body).toMatchObject({ state: 'used_up', uses: USES, max_uses: USES });
      await fleet.admin.expect(404, 'GET', `${INVITATIONS}${id}/`);
    }
    reportFigures(`${FINISHERS} people finish an invitation for ${USES} at once over ${PROCESSES} processes`, {
      rounds: LIMITED_ROUNDS,
      finishers: LIMITED_ROUNDS * FINISHERS,
      accounts: LIMITED_ROUNDS * USES,
      denied: LIMITED_ROUNDS * (FINISHERS - USES),
    });
  },
);

test(`${FINISHERS} people who finish one multi-use invitation at once all get their account (55)`, async () => {
  const link = await newInvitation('multi', false);
  const people = await gather('multi', link);
  const answers = await release(people, true);
  expect(others(answers)).toEqual([]);
  expect(answers.filter(isEnrolled)).toHaveLength(FINISHERS);
  const all = { users: FINISHERS, uses: FINISHERS, usesWithUser: FINISHERS, events: FINISHERS, writes: FINISHERS };
  expect(await count('multi', link)).toMatchObject({ ...all, members: FINISHERS });
  await fleet.admin.expect(200, 'GET', `${INVITATIONS}${link}/`);
});

test(
  'one browser that sends the last step twice at once to two processes makes one account and stays signed in (T17)',
  { timeout: 10 * ROUND_MS },
  async () => {
    for (let round = 0; round < 10; round++) {
      const prefix = `twice${round}`;
      const link = await newInvitation(prefix, round % 4 < 2);
      const person = invitee(fleet.roundRobin(round), { username: `${prefix}-0`, link });
      await person.toDetails();
      const onlyTheGet = round % 2 === 0;
      if (onlyTheGet) await person.answerDetails();
      const lastStep = async (): Promise<Answer> => {
        if (!onlyTheGet) await person.answerDetails();
        return person.commit();
      };
      const answers = await Promise.all([lastStep(), lastStep()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect([round, await count(prefix, link)]).toMatchObject([round, { users: 1, members: 1, uses: 1, events: 1 }]);
      // The slower one may come as who is signed in by now: to them the flow does not apply, and no cookie is taken away.
      for (const { body } of answers) expect(body.component).not.toBe('ak-stage-flow-error');
      expect(answers.some(isEnrolled)).toBe(true);
      expect((await person.jar.ask('GET', '/api/v3/core/users/me/')).status).toBe(200);
      expect(isEnrolled(await signIn(fleet.roundRobin(round), person.username))).toBe(true);
    }
  },
);
