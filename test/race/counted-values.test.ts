import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../jar.ts';
import { INVITATIONS } from '../processes/administrator.ts';
import { reportFigures, testPeople, testRounds } from '../processes/rounds.ts';
import type { Fleet } from './fleet.ts';
import { startFleet } from './fleet.ts';

const PROCESSES = 2;
const CLIENTS = testPeople(8);
const WRITES = 40 * testRounds(1);
const MANY = 5200;
const EXPIRES = '2090-01-01T00:00:00Z';
const NAMES = ['welcome', 'others'] as const;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(PROCESSES);
  await fleet.db.query(
    `insert into invitation (name, expires, flow, created_by)
     select 'welcome', $1, $2, (select min(id) from users) from generate_series(1, $3)`,
    [EXPIRES, fleet.flow, MANY],
  );
});
afterAll(() => fleet?.close());

const headers = (): Record<string, string> => ({
  authorization: `Bearer ${fleet.token}`,
  'content-type': 'application/json',
});

async function ask(at: number, method: string, url: string, json?: unknown): Promise<Answer> {
  for (;;) {
    const payload = json === undefined ? {} : { payload: JSON.stringify(json) };
    const answer = await fleet.sendTo(at)({ method, url, headers: headers(), ...payload });
    // 404: it has expired.
    if ([200, 201, 204, 404].includes(answer.status)) return answer;
    // Told to come again, on a machine that has too much to do.
    if (answer.status !== 503) throw new Error(`${method} ${url} answered ${answer.status}: ${answer.text}`);
    await pause(Number(answer.headers['retry-after']) * 1000);
  }
}

const QUERIES = [
  'name=welcome',
  `expires=${EXPIRES}`,
  `name=welcome&expires=${EXPIRES}`,
  'name=welcome&flow__slug=invitation-enrollment-flow',
  'name=welcome&created_by__username=akadmin',
];

const EXACT = `select count(*)::integer as count from counted_value where exact`;

async function exactCounters(): Promise<number> {
  return (await fleet.db.query<{ count: number }>(EXACT))[0]?.count ?? 0;
}

/** Asks both processes until all that is asked for has an exact counter. */
async function untilExact(): Promise<void> {
  for (let turn = 0; (await exactCounters()) < QUERIES.length; turn += 1) {
    for (const query of QUERIES) await ask(turn, 'GET', `${INVITATIONS}?${query}`);
    await pause(50);
  }
}

// The same numbers at every run, so that a failure can be looked into.
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % sides;
  };
}

/** Makes, changes and withdraws invitations, by turns over the processes; some expire meanwhile. */
async function write(client: number, until: () => boolean): Promise<number> {
  const roll = dice(client + 1);
  const mine: string[] = [];
  let done = 0;
  for (; done < WRITES || !until(); done += 1) {
    const soon = new Date(Date.now() + 300 + roll(2000)).toISOString();
    const body = {
      name: NAMES[roll(2)],
      expires: [EXPIRES, null, soon][roll(3)],
      flow: roll(3) === 0 ? null : fleet.flow,
    };
    const key = mine[roll(Math.max(1, mine.length))];
    const what = roll(5);
    if (key === undefined || what < 2) {
      mine.push((await ask(client + done, 'POST', INVITATIONS, body)).body.pk);
    } else if (what < 4) {
      await ask(client + done, 'PATCH', `${INVITATIONS}${key}/`, body);
    } else {
      await ask(client + done, 'DELETE', `${INVITATIONS}${key}/`);
    }
  }
  return done;
}

const REAL = `
  select
    count(*) filter (where name = 'welcome')::integer as n,
    count(*) filter (where expires = $1)::integer as e,
    count(*) filter (where name = 'welcome' and expires = $1)::integer as ne,
    count(*) filter (where name = 'welcome' and flow = $2)::integer as nf,
    count(*) filter (where name = 'welcome' and created_by = (select id from users where username = 'akadmin'))::integer as nc
  from invitation where used_up is null and revoked is null and expired is null and (expires is null or expires > now())`;

const SUMS = `
  select coalesce((select sum(c.rows) from row_count c where c.counted = v.counted and c.value = v.value), 0)::integer as rows
  from counted_value v where v.counted = 'invitation.name,expires'`;

test(`${CLIENTS} clients of ${PROCESSES} processes leave every counter exact that values get while they write (51)`, async () => {
  let ready = false;
  const clients = Array.from({ length: CLIENTS }, (_, client) => write(client, () => ready));
  const asking = untilExact().finally(() => {
    ready = true;
  });
  const [, ...writes] = await Promise.all([asking, ...clients]);
  // What expires soon has expired then.
  await pause(2500);
  const [real] = await fleet.db.query<Record<string, number>>(REAL, [EXPIRES, fleet.flow]);
  for (const at of [0, 1]) {
    const counts: number[] = [];
    for (const query of QUERIES) counts.push((await ask(at, 'GET', `${INVITATIONS}?${query}`)).body.pagination.count);
    expect(counts).toEqual(Object.values(real ?? {}));
  }
  expect(await exactCounters()).toBe(QUERIES.length);
  // Nothing of these has expired: the sum itself is the number.
  expect(await fleet.db.query(SUMS)).toEqual([{ rows: real?.['ne'] }]);
  reportFigures('counters of values', { writes: writes.reduce((sum, one) => sum + one, 0) });
}, 120_000);
